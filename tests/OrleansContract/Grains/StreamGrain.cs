using System.Runtime.CompilerServices;

namespace OrleansContract;

public interface IStreamGrain : IGrainWithStringKey
{
    IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>One number, then one more a gate: "name/1", "name/2" …</summary>
    IAsyncEnumerable<int> CountGatesAsync(string name, CancellationToken cancellationToken = default);

    IAsyncEnumerable<Parcel> ParcelsAsync();

    IAsyncEnumerable<int> ThrowAfterAsync(int count);

    Task<int> AnswerAsync();

    Task DeactivateAsync();

    Task<int> SumOfAsync(IStreamGrain other, int count);
}

public sealed class StreamGrain : Grain, IStreamGrain
{
    private readonly Parcel parcel = new() { Numbers = [1] };

    public async IAsyncEnumerable<int> CountAsync(
        int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var number = 0; number < count; number++)
        {
            if (number % 3 == 0)
            {
                await Task.Yield();
            }

            yield return number;
        }
    }

    public async IAsyncEnumerable<int> CountGatesAsync(
        string name, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        try
        {
            for (var number = 0; ; number++)
            {
                yield return number;
                await Signals.Opened($"{name}/{number + 1}").WaitAsync(cancellationToken);
            }
        }
        finally
        {
            Signals.Open(name + "/disposed");
        }
    }

    public async IAsyncEnumerable<Parcel> ParcelsAsync()
    {
        await Task.Yield();
        yield return parcel;
        yield return parcel;
    }

    public async IAsyncEnumerable<int> ThrowAfterAsync(int count)
    {
        for (var number = 0; number < count; number++)
        {
            await Task.Yield();
            yield return number;
        }

        throw new InvalidDataException("no more");
    }

    public Task<int> AnswerAsync() => Task.FromResult(42);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task<int> SumOfAsync(IStreamGrain other, int count)
    {
        var sum = 0;
        await foreach (var number in other.CountAsync(count))
        {
            sum += number;
        }

        return sum;
    }
}
