// The C ABI between the managed tensors of offline/TorchSharp and libtorch.
//
// Every function returns 0, or 1 after an error whose text ct_error() gives on the same thread. No C++ exception
// crosses. A ct_tensor is owned by whoever received it and is given back with ct_free, once. Arguments are borrowed.
// dtype and device numbers are those of c10::ScalarType and c10::DeviceType; index -1 is the current device.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CT_API __attribute__((visibility("default")))
#define CT_ABI_VERSION 1

typedef struct ct_tensor_s* ct_tensor;

// Numbers: is_float chooses between the two fields.
typedef struct { double real; int64_t integer; int32_t is_float; } ct_scalar;

CT_API int32_t ct_abi_version(void);
CT_API const char* ct_libtorch_version(void);
CT_API const char* ct_error(void);

// The process and the thread
CT_API int32_t ct_cuda_device_count(int32_t* count);
CT_API int32_t ct_cuda_synchronize(int64_t device_index);
CT_API int32_t ct_set_num_threads(int32_t count);
CT_API int32_t ct_get_num_threads(int32_t* count);
CT_API int32_t ct_get_grad_enabled(int32_t* enabled);
CT_API int32_t ct_set_grad_enabled(int32_t enabled);

// Making, freeing and describing
CT_API int32_t ct_empty(const int64_t* shape, int64_t rank, int32_t dtype, int32_t device, int32_t index,
                        ct_tensor* out);
CT_API int32_t ct_full(const int64_t* shape, int64_t rank, ct_scalar value, int32_t dtype, int32_t device,
                       int32_t index, ct_tensor* out);
// Copies elements of type data_dtype, then converts and moves.
CT_API int32_t ct_from_data(const void* data, const int64_t* shape, int64_t rank, int32_t data_dtype, int32_t dtype,
                            int32_t device, int32_t index, ct_tensor* out);
CT_API void ct_free(ct_tensor tensor);
CT_API int64_t ct_live_tensors(void);
CT_API int64_t ct_rank(ct_tensor tensor);
CT_API int64_t ct_numel(ct_tensor tensor);
CT_API int32_t ct_dtype(ct_tensor tensor);
CT_API int64_t ct_element_size(ct_tensor tensor);
CT_API int32_t ct_is_contiguous(ct_tensor tensor);
CT_API void ct_device(ct_tensor tensor, int32_t* device, int32_t* index);
CT_API void ct_layout(ct_tensor tensor, int64_t* shape, int64_t* strides);
CT_API int32_t ct_data(ct_tensor tensor, void** data);

// Moving and converting
CT_API int32_t ct_to_device(ct_tensor a, int32_t device, int32_t index, int32_t copy, int32_t non_blocking,
                            ct_tensor* out);
CT_API int32_t ct_to_type(ct_tensor a, int32_t dtype, int32_t copy, int32_t non_blocking, ct_tensor* out);
CT_API int32_t ct_copy_(ct_tensor a, ct_tensor source, int32_t non_blocking);
CT_API int32_t ct_clone(ct_tensor a, ct_tensor* out);

// Shapes: views wherever libtorch gives views
CT_API int32_t ct_view(ct_tensor a, const int64_t* shape, int64_t rank, ct_tensor* out);
CT_API int32_t ct_reshape(ct_tensor a, const int64_t* shape, int64_t rank, ct_tensor* out);
CT_API int32_t ct_expand(ct_tensor a, const int64_t* shape, int64_t rank, int32_t implicit, ct_tensor* out);
CT_API int32_t ct_permute(ct_tensor a, const int64_t* order, int64_t rank, ct_tensor* out);
CT_API int32_t ct_transpose(ct_tensor a, int64_t dim0, int64_t dim1, ct_tensor* out);
CT_API int32_t ct_contiguous(ct_tensor a, ct_tensor* out);
CT_API int32_t ct_unsqueeze(ct_tensor a, int64_t dim, ct_tensor* out);
CT_API int32_t ct_narrow(ct_tensor a, int64_t dim, int64_t start, int64_t length, ct_tensor* out);
CT_API int32_t ct_select(ct_tensor a, int64_t dim, int64_t index, ct_tensor* out);
CT_API int32_t ct_cat(const ct_tensor* tensors, int64_t count, int64_t dim, ct_tensor* out);
CT_API int32_t ct_stack(const ct_tensor* tensors, int64_t count, int64_t dim, ct_tensor* out);

// Picking and placing
CT_API int32_t ct_index_select(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor* out);
CT_API int32_t ct_gather(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor* out);
CT_API int32_t ct_scatter_(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor source);
CT_API int32_t ct_scatter_add_(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor source);
CT_API int32_t ct_masked_fill_(ct_tensor a, ct_tensor mask, ct_scalar value);
CT_API int32_t ct_triu(ct_tensor a, int64_t diagonal, ct_tensor* out);
CT_API int32_t ct_topk(ct_tensor a, int32_t k, int64_t dim, int32_t largest, int32_t sorted, ct_tensor* values,
                       ct_tensor* indices);

// Products
CT_API int32_t ct_mm(ct_tensor a, ct_tensor b, ct_tensor* out);
CT_API int32_t ct_bmm(ct_tensor a, ct_tensor b, ct_tensor* out);
CT_API int32_t ct_addmm(ct_tensor a, ct_tensor b, ct_tensor c, float beta, float alpha, ct_tensor* out);

// Elementwise with a tensor or a number; in place where the name ends in _
CT_API int32_t ct_add(ct_tensor a, ct_tensor b, ct_scalar alpha, ct_tensor* out);
CT_API int32_t ct_add_scalar(ct_tensor a, ct_scalar b, ct_tensor* out);
CT_API int32_t ct_add_(ct_tensor a, ct_tensor b, ct_scalar alpha);
CT_API int32_t ct_add_scalar_(ct_tensor a, ct_scalar b);
CT_API int32_t ct_sub(ct_tensor a, ct_tensor b, ct_tensor* out);
CT_API int32_t ct_sub_scalar(ct_tensor a, ct_scalar b, ct_tensor* out);
CT_API int32_t ct_sub_(ct_tensor a, ct_tensor b);
CT_API int32_t ct_mul(ct_tensor a, ct_tensor b, ct_tensor* out);
CT_API int32_t ct_mul_scalar(ct_tensor a, ct_scalar b, ct_tensor* out);
CT_API int32_t ct_mul_(ct_tensor a, ct_tensor b);
CT_API int32_t ct_mul_scalar_(ct_tensor a, ct_scalar b);
CT_API int32_t ct_div(ct_tensor a, ct_tensor b, ct_tensor* out);
CT_API int32_t ct_div_scalar(ct_tensor a, ct_scalar b, ct_tensor* out);
CT_API int32_t ct_div_(ct_tensor a, ct_tensor b);
CT_API int32_t ct_div_scalar_(ct_tensor a, ct_scalar b);
CT_API int32_t ct_addcmul_(ct_tensor a, ct_tensor b, ct_tensor c, ct_scalar value);
CT_API int32_t ct_fill_(ct_tensor a, ct_scalar value);
CT_API int32_t ct_neg(ct_tensor a, ct_tensor* out);
CT_API int32_t ct_exp(ct_tensor a, ct_tensor* out);
CT_API int32_t ct_sqrt(ct_tensor a, ct_tensor* out);
CT_API int32_t ct_rsqrt(ct_tensor a, ct_tensor* out);
CT_API int32_t ct_tanh(ct_tensor a, ct_tensor* out);

// Reductions; dtype -1 keeps the type, rank -1 reduces everything
CT_API int32_t ct_sum(ct_tensor a, const int64_t* dims, int64_t rank, int32_t keepdim, int32_t dtype, ct_tensor* out);
CT_API int32_t ct_mean(ct_tensor a, const int64_t* dims, int64_t rank, int32_t keepdim, int32_t dtype, ct_tensor* out);
CT_API int32_t ct_softmax(ct_tensor a, int64_t dim, int32_t dtype, ct_tensor* out);
CT_API int32_t ct_log_softmax(ct_tensor a, int64_t dim, int32_t dtype, ct_tensor* out);

#ifdef __cplusplus
}
#endif
