#include "comigs_torch.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <dlfcn.h>
#include <stdlib.h>

#include <atomic>
#include <exception>
#include <string>
#include <tuple>
#include <vector>

struct ct_tensor_s {
    at::Tensor value;
};

namespace {

thread_local std::string last_error;
std::atomic<int64_t> live_tensors{0};

// libtorch picks its kernels on first use, so this must run before: Debian's build defaults to AVX2 even where AVX-512
// is there. A value the user set stays.
__attribute__((constructor)) void prefer_avx512() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq")) {
        setenv("ATEN_CPU_CAPABILITY", "avx512", 0);
    }
#endif
}

ct_tensor own(at::Tensor value) {
    auto* tensor = new ct_tensor_s{std::move(value)};
    live_tensors.fetch_add(1, std::memory_order_relaxed);
    return tensor;
}

at::IntArrayRef sizes(const int64_t* values, int64_t count) {
    return at::IntArrayRef(values, static_cast<size_t>(count));
}

at::Scalar number(ct_scalar s) {
    return s.is_float ? at::Scalar(s.real) : at::Scalar(s.integer);
}

at::Tensor as(ct_tensor a, int32_t dtype) {
    return dtype < 0 ? a->value : a->value.to(static_cast<at::ScalarType>(dtype));
}

c10::Device place(int32_t device, int32_t index) {
    return c10::Device(static_cast<c10::DeviceType>(device), static_cast<c10::DeviceIndex>(index));
}

at::TensorOptions options(int32_t dtype, int32_t device, int32_t index) {
    return at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)).device(place(device, index));
}

std::vector<at::Tensor> list(const ct_tensor* tensors, int64_t count) {
    std::vector<at::Tensor> values;
    values.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; i++) {
        values.push_back(tensors[i]->value);
    }

    return values;
}

template <typename Body>
int32_t guarded(Body body) {
    try {
        body();
        return 0;
    } catch (const c10::Error& error) {
        last_error = error.what_without_backtrace();
    } catch (const std::exception& error) {
        last_error = error.what();
    } catch (...) {
        last_error = "libtorch threw something that is not a std::exception";
    }

    return 1;
}

template <typename Body>
int32_t making(ct_tensor* out, Body body) {
    return guarded([&] { *out = own(body()); });
}

template <typename Body>
int32_t making_two(ct_tensor* first, ct_tensor* second, Body body) {
    return guarded([&] {
        auto pair = body();
        *first = own(std::get<0>(pair));
        *second = own(std::get<1>(pair));
    });
}

}  // namespace

int32_t ct_abi_version(void) { return CT_ABI_VERSION; }
const char* ct_libtorch_version(void) { return TORCH_VERSION; }
const char* ct_error(void) { return last_error.c_str(); }

int32_t ct_cuda_device_count(int32_t* count) {
    return guarded([&] {
        *count = torch::cuda::is_available() ? static_cast<int32_t>(torch::cuda::device_count()) : 0;
    });
}

int32_t ct_cuda_synchronize(int64_t device_index) {
    return guarded([&] { torch::cuda::synchronize(device_index); });
}

// Debian's OpenBLAS keeps a pool of its own that at::set_num_threads does not reach.
int32_t ct_set_num_threads(int32_t count) {
    return guarded([&] {
        at::set_num_threads(count);
        if (auto* set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"))) {
            set(count);
        }
    });
}

int32_t ct_get_num_threads(int32_t* count) {
    return guarded([&] { *count = at::get_num_threads(); });
}

int32_t ct_get_grad_enabled(int32_t* enabled) {
    return guarded([&] { *enabled = c10::GradMode::is_enabled(); });
}

int32_t ct_set_grad_enabled(int32_t enabled) {
    return guarded([&] { c10::GradMode::set_enabled(enabled != 0); });
}

int32_t ct_empty(const int64_t* shape, int64_t rank, int32_t dtype, int32_t device, int32_t index, ct_tensor* out) {
    return making(out, [&] { return at::empty(sizes(shape, rank), options(dtype, device, index)); });
}

int32_t ct_full(const int64_t* shape, int64_t rank, ct_scalar value, int32_t dtype, int32_t device, int32_t index,
                ct_tensor* out) {
    return making(out, [&] { return at::full(sizes(shape, rank), number(value), options(dtype, device, index)); });
}

int32_t ct_from_data(const void* data, const int64_t* shape, int64_t rank, int32_t data_dtype, int32_t dtype,
                     int32_t device, int32_t index, ct_tensor* out) {
    return making(out, [&] {
        auto source = at::TensorOptions().dtype(static_cast<at::ScalarType>(data_dtype));
        auto borrowed = at::from_blob(const_cast<void*>(data), sizes(shape, rank), source);
        auto type = static_cast<at::ScalarType>(dtype);
        return borrowed.to(place(device, index), type, /*non_blocking=*/false, /*copy=*/true);
    });
}

void ct_free(ct_tensor tensor) {
    live_tensors.fetch_sub(1, std::memory_order_relaxed);
    delete tensor;
}

int64_t ct_live_tensors(void) { return live_tensors.load(std::memory_order_relaxed); }
int64_t ct_rank(ct_tensor tensor) { return tensor->value.dim(); }
int64_t ct_numel(ct_tensor tensor) { return tensor->value.numel(); }
int32_t ct_dtype(ct_tensor tensor) { return static_cast<int32_t>(tensor->value.scalar_type()); }
int64_t ct_element_size(ct_tensor tensor) { return static_cast<int64_t>(tensor->value.element_size()); }
int32_t ct_is_contiguous(ct_tensor tensor) { return tensor->value.is_contiguous(); }

void ct_device(ct_tensor tensor, int32_t* device, int32_t* index) {
    *device = static_cast<int32_t>(tensor->value.device().type());
    *index = tensor->value.device().index();
}

void ct_layout(ct_tensor tensor, int64_t* shape, int64_t* strides) {
    for (int64_t i = 0; i < tensor->value.dim(); i++) {
        shape[i] = tensor->value.size(i);
        strides[i] = tensor->value.stride(i);
    }
}

int32_t ct_data(ct_tensor tensor, void** data) {
    return guarded([&] { *data = tensor->value.data_ptr(); });
}

int32_t ct_to_device(ct_tensor a, int32_t device, int32_t index, int32_t copy, int32_t non_blocking, ct_tensor* out) {
    return making(out, [&] {
        return a->value.to(place(device, index), a->value.scalar_type(), non_blocking != 0, copy != 0);
    });
}

int32_t ct_to_type(ct_tensor a, int32_t dtype, int32_t copy, int32_t non_blocking, ct_tensor* out) {
    return making(out, [&] { return a->value.to(static_cast<at::ScalarType>(dtype), non_blocking != 0, copy != 0); });
}

int32_t ct_copy_(ct_tensor a, ct_tensor source, int32_t non_blocking) {
    return guarded([&] { a->value.copy_(source->value, non_blocking != 0); });
}

int32_t ct_clone(ct_tensor a, ct_tensor* out) {
    return making(out, [&] { return a->value.clone(); });
}

int32_t ct_view(ct_tensor a, const int64_t* shape, int64_t rank, ct_tensor* out) {
    return making(out, [&] { return a->value.view(sizes(shape, rank)); });
}

int32_t ct_reshape(ct_tensor a, const int64_t* shape, int64_t rank, ct_tensor* out) {
    return making(out, [&] { return a->value.reshape(sizes(shape, rank)); });
}

int32_t ct_expand(ct_tensor a, const int64_t* shape, int64_t rank, int32_t implicit, ct_tensor* out) {
    return making(out, [&] { return a->value.expand(sizes(shape, rank), implicit != 0); });
}

int32_t ct_permute(ct_tensor a, const int64_t* order, int64_t rank, ct_tensor* out) {
    return making(out, [&] { return a->value.permute(sizes(order, rank)); });
}

int32_t ct_transpose(ct_tensor a, int64_t dim0, int64_t dim1, ct_tensor* out) {
    return making(out, [&] { return a->value.transpose(dim0, dim1); });
}

int32_t ct_contiguous(ct_tensor a, ct_tensor* out) {
    return making(out, [&] { return a->value.contiguous(); });
}

int32_t ct_unsqueeze(ct_tensor a, int64_t dim, ct_tensor* out) {
    return making(out, [&] { return a->value.unsqueeze(dim); });
}

int32_t ct_narrow(ct_tensor a, int64_t dim, int64_t start, int64_t length, ct_tensor* out) {
    return making(out, [&] { return a->value.narrow(dim, start, length); });
}

int32_t ct_select(ct_tensor a, int64_t dim, int64_t index, ct_tensor* out) {
    return making(out, [&] { return a->value.select(dim, index); });
}

int32_t ct_cat(const ct_tensor* tensors, int64_t count, int64_t dim, ct_tensor* out) {
    return making(out, [&] { return at::cat(list(tensors, count), dim); });
}

int32_t ct_stack(const ct_tensor* tensors, int64_t count, int64_t dim, ct_tensor* out) {
    return making(out, [&] { return at::stack(list(tensors, count), dim); });
}

int32_t ct_index_select(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor* out) {
    return making(out, [&] { return a->value.index_select(dim, index->value); });
}

int32_t ct_gather(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor* out) {
    return making(out, [&] { return a->value.gather(dim, index->value); });
}

int32_t ct_scatter_(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor source) {
    return guarded([&] { a->value.scatter_(dim, index->value, source->value); });
}

int32_t ct_scatter_add_(ct_tensor a, int64_t dim, ct_tensor index, ct_tensor source) {
    return guarded([&] { a->value.scatter_add_(dim, index->value, source->value); });
}

int32_t ct_masked_fill_(ct_tensor a, ct_tensor mask, ct_scalar value) {
    return guarded([&] { a->value.masked_fill_(mask->value, number(value)); });
}

int32_t ct_triu(ct_tensor a, int64_t diagonal, ct_tensor* out) {
    return making(out, [&] { return a->value.triu(diagonal); });
}

int32_t ct_topk(ct_tensor a, int32_t k, int64_t dim, int32_t largest, int32_t sorted, ct_tensor* values,
                ct_tensor* indices) {
    return making_two(values, indices, [&] { return a->value.topk(k, dim, largest != 0, sorted != 0); });
}

int32_t ct_mm(ct_tensor a, ct_tensor b, ct_tensor* out) {
    return making(out, [&] { return a->value.mm(b->value); });
}

int32_t ct_bmm(ct_tensor a, ct_tensor b, ct_tensor* out) {
    return making(out, [&] { return a->value.bmm(b->value); });
}

int32_t ct_addmm(ct_tensor a, ct_tensor b, ct_tensor c, float beta, float alpha, ct_tensor* out) {
    return making(out, [&] { return a->value.addmm(b->value, c->value, beta, alpha); });
}

int32_t ct_add(ct_tensor a, ct_tensor b, ct_scalar alpha, ct_tensor* out) {
    return making(out, [&] { return a->value.add(b->value, number(alpha)); });
}

int32_t ct_add_(ct_tensor a, ct_tensor b, ct_scalar alpha) {
    return guarded([&] { a->value.add_(b->value, number(alpha)); });
}

#define CT_WITH_TENSOR(NAME) \
    int32_t ct_##NAME(ct_tensor a, ct_tensor b, ct_tensor* out) { \
        return making(out, [&] { return a->value.NAME(b->value); }); \
    }
#define CT_WITH_TENSOR_IN_PLACE(NAME) \
    int32_t ct_##NAME##_(ct_tensor a, ct_tensor b) { return guarded([&] { a->value.NAME##_(b->value); }); }
#define CT_WITH_SCALAR(NAME) \
    int32_t ct_##NAME##_scalar(ct_tensor a, ct_scalar b, ct_tensor* out) { \
        return making(out, [&] { return a->value.NAME(number(b)); }); \
    }
#define CT_WITH_SCALAR_IN_PLACE(NAME) \
    int32_t ct_##NAME##_scalar_(ct_tensor a, ct_scalar b) { return guarded([&] { a->value.NAME##_(number(b)); }); }
#define CT_UNARY(NAME) \
    int32_t ct_##NAME(ct_tensor a, ct_tensor* out) { return making(out, [&] { return a->value.NAME(); }); }

CT_WITH_SCALAR(add)
CT_WITH_SCALAR_IN_PLACE(add)
CT_WITH_TENSOR(sub)
CT_WITH_SCALAR(sub)
CT_WITH_TENSOR_IN_PLACE(sub)
CT_WITH_TENSOR(mul)
CT_WITH_SCALAR(mul)
CT_WITH_TENSOR_IN_PLACE(mul)
CT_WITH_SCALAR_IN_PLACE(mul)
CT_WITH_TENSOR(div)
CT_WITH_SCALAR(div)
CT_WITH_TENSOR_IN_PLACE(div)
CT_WITH_SCALAR_IN_PLACE(div)
CT_UNARY(neg)
CT_UNARY(exp)
CT_UNARY(sqrt)
CT_UNARY(rsqrt)
CT_UNARY(tanh)

int32_t ct_addcmul_(ct_tensor a, ct_tensor b, ct_tensor c, ct_scalar value) {
    return guarded([&] { a->value.addcmul_(b->value, c->value, number(value)); });
}

int32_t ct_fill_(ct_tensor a, ct_scalar value) {
    return guarded([&] { a->value.fill_(number(value)); });
}

int32_t ct_sum(ct_tensor a, const int64_t* dims, int64_t rank, int32_t keepdim, int32_t dtype, ct_tensor* out) {
    return making(out, [&] {
        auto typed = as(a, dtype);
        return rank < 0 ? typed.sum() : typed.sum(sizes(dims, rank), keepdim != 0);
    });
}

int32_t ct_mean(ct_tensor a, const int64_t* dims, int64_t rank, int32_t keepdim, int32_t dtype, ct_tensor* out) {
    return making(out, [&] {
        auto typed = as(a, dtype);
        return rank < 0 ? typed.mean() : typed.mean(sizes(dims, rank), keepdim != 0);
    });
}

int32_t ct_softmax(ct_tensor a, int64_t dim, int32_t dtype, ct_tensor* out) {
    return making(out, [&] { return as(a, dtype).softmax(dim); });
}

int32_t ct_log_softmax(ct_tensor a, int64_t dim, int32_t dtype, ct_tensor* out) {
    return making(out, [&] { return as(a, dtype).log_softmax(dim); });
}
