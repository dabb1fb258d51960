using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A libtorch tensor. Methods whose name ends in _ change it and return it; the others make a new one,
    /// which may be a view of the same memory where libtorch gives a view.</summary>
    public sealed partial class Tensor : IDisposable
    {
        private static long totalCount;
        private readonly TensorHandle handle;

        /// <summary>Takes over what a native function made, or throws what it complained of.</summary>
        internal Tensor(int status, TensorHandle handle)
        {
            NativeBackend.Check(status);
            this.handle = handle;
            Interlocked.Increment(ref totalCount);
            OwningDisposeScope = DisposeScopeManager.ThreadSingleton.Register(this);
        }

        /// <summary>Counts a tensor that nobody disposed; its handle frees the memory.</summary>
        ~Tensor()
        {
            if (handle is { IsClosed: false })
            {
                Interlocked.Decrement(ref totalCount);
            }
        }

        /// <summary>Tensors of the process that are not disposed.</summary>
        public static long TotalCount => Interlocked.Read(ref totalCount);

        public bool IsInvalid => handle.IsClosed;

        internal DisposeScope? OwningDisposeScope { get; set; }

        internal TensorHandle Native => handle.IsClosed
            ? throw new InvalidOperationException("Tensor invalid -- empty handle.")
            : handle;

        public void Dispose()
        {
            if (handle.IsClosed)
            {
                return;
            }

            DisposeScopeManager.ThreadSingleton.CountDisposal(this);
            OwningDisposeScope?.MarkAsDisposed(this);
            Interlocked.Decrement(ref totalCount);
            handle.Dispose();
            GC.SuppressFinalize(this);
        }

        /// <summary>Out of its scope into the next outer one, or into nobody's care.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Out of its scope: the caller disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }
    }
}
