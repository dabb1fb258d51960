namespace CoMiGS.Benchmarks;

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> AddAsync(int number);
}

/// <summary>The least a grain can do, so that what is measured is the call.</summary>
public sealed class CounterGrain : Grain, ICounterGrain
{
    private int sum;

    public Task<int> AddAsync(int number) => Task.FromResult(sum += number);
}
