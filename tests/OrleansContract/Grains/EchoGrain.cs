namespace OrleansContract;

public interface IEchoGrain : IGrainWithStringKey
{
    Task<string> KeyAsync();

    Task<int> AddAsync(int left, int right);

    ValueTask<string> ConcatAsync(string? left, string right);

    ValueTask TouchAsync();

    Task<int> TouchCountAsync();

    Task ThrowAsync(string message);

    Task<string> ThrowAfterAwaitAsync(string message);

    Task ThrowAtOnceAsync(string message);

    Task<Guid> ActivationAsync();

    Task<IEchoGrain> SelfAsync();

    Task<string> KeyOfAsync(IEchoGrain other);

    Task<string> IdAsync();
}

/// <summary>No class implements it.</summary>
public interface IUnknownGrain : IGrainWithStringKey
{
    Task CallAsync();
}

public sealed class EchoGrain : Grain, IEchoGrain
{
    private readonly Guid activation = Guid.NewGuid();
    private int touches;

    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<int> AddAsync(int left, int right) => Task.FromResult(left + right);

    public ValueTask<string> ConcatAsync(string? left, string right) => ValueTask.FromResult(left + right);

    public ValueTask TouchAsync()
    {
        touches++;
        return ValueTask.CompletedTask;
    }

    public Task<int> TouchCountAsync() => Task.FromResult(touches);

    public Task ThrowAsync(string message) => Task.FromException(new ArgumentOutOfRangeException("amount", message));

    public async Task<string> ThrowAfterAwaitAsync(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public Task ThrowAtOnceAsync(string message) => throw new NotSupportedException(message);

    public Task<Guid> ActivationAsync() => Task.FromResult(activation);

    public Task<IEchoGrain> SelfAsync() => Task.FromResult(this.AsReference<IEchoGrain>());

    public Task<string> KeyOfAsync(IEchoGrain other) => other.KeyAsync();

    public Task<string> IdAsync() => Task.FromResult(this.GetGrainId().ToString());
}
