namespace TorchSharp;

/// <summary>Disposes the tensors made on its thread while it is the innermost open scope, unless they were moved out,
/// detached or disposed before. Belongs to one thread: never hold one across an await.</summary>
public sealed class DisposeScope : IDisposable
{
    private readonly HashSet<IDisposable> disposables = new(ReferenceEqualityComparer.Instance);
    private readonly DisposeScopeManager manager;
    private bool closed;

    internal DisposeScope(DisposeScopeManager manager)
    {
        this.manager = manager;
        OuterScope = manager.CurrentDisposeScope;
    }

    /// <summary>How many tensors would be disposed now.</summary>
    public int DisposablesCount
    {
        get
        {
            ObjectDisposedException.ThrowIf(closed, this);
            return disposables.Count;
        }
    }

    internal DisposeScope? OuterScope { get; set; }

    public bool Contains(IDisposable disposable) => disposables.Contains(disposable);

    /// <summary>Hands a tensor of this scope to the next outer one, or to nobody when this is the outermost.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable
    {
        MoveToOther(OuterScope, disposable);
        return disposable;
    }

    /// <summary>Takes a tensor out of this scope: its owner disposes it from now on.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (disposables.Remove(disposable) && disposable is torch.Tensor tensor)
        {
            manager.Counts.DetachedFromScopeCount++;
            tensor.OwningDisposeScope = null;
        }

        return disposable;
    }

    /// <summary>Takes a tensor in, from another scope or from none.</summary>
    public void Attach(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (Take(disposable))
        {
            manager.Counts.AttachedToScopeCount++;
        }
    }

    public void DisposeEverything()
    {
        ObjectDisposedException.ThrowIf(closed, this);
        var all = disposables.ToArray();
        disposables.Clear();
        foreach (var disposable in all)
        {
            disposable.Dispose();
        }
    }

    /// <summary>Disposes what is in the scope and closes it. Closing twice is allowed.</summary>
    public void Dispose()
    {
        if (!closed)
        {
            DisposeEverything();
            manager.Remove(this);
            closed = true;
        }
    }

    internal void Add(torch.Tensor tensor) => disposables.Add(tensor);

    internal void MarkAsDisposed(torch.Tensor tensor)
    {
        disposables.Remove(tensor);
        tensor.OwningDisposeScope = null;
    }

    private void MoveToOther(DisposeScope? other, IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(closed, this);
        if (other is null)
        {
            Detach(disposable);
        }
        else if (disposables.Contains(disposable))
        {
            other.Take(disposable);
        }
    }

    private bool Take(IDisposable disposable)
    {
        if (disposable is not torch.Tensor tensor)
        {
            throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
        }

        if (tensor.OwningDisposeScope == this)
        {
            return false;
        }

        tensor.OwningDisposeScope?.disposables.Remove(tensor);
        tensor.OwningDisposeScope = this;
        disposables.Add(tensor);
        return true;
    }
}
