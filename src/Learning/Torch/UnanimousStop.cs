namespace CoMiGS.Learning.Torch;

/// <summary>Stops a stack when every one of its users has been stopped; until then the others go on.</summary>
internal sealed class UnanimousStop : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly CancellationTokenRegistration[] registrations;
    private int remaining;

    /// <param name="closing">Stops the stack by itself.</param>
    public UnanimousStop(IReadOnlyList<CancellationToken> stops, CancellationToken closing)
    {
        source = CancellationTokenSource.CreateLinkedTokenSource(closing);
        remaining = stops.Count;
        registrations = [.. stops.Select(stop => stop.Register(StopOne))];
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        Array.ForEach(registrations, registration => registration.Dispose());
        source.Dispose();
    }

    private void StopOne()
    {
        if (Interlocked.Decrement(ref remaining) == 0)
        {
            source.Cancel();
        }
    }
}
