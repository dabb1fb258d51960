namespace CoMiGS.Learning.Data;

/// <summary>
/// Random training windows of one user and one purpose ("experts", "router", …). Where a window starts is a function of
/// (seed, round, user, purpose, index) alone, so a repeated or resumed round draws the same windows.
/// </summary>
/// <param name="seed">The run's seed.</param>
/// <param name="user">The user's id.</param>
/// <param name="purpose">What the windows are for; each purpose has its own draws.</param>
public sealed class WindowSampler(ulong seed, string user, string purpose)
{
    private readonly ulong userKey = Randomness.Key(user);
    private readonly ulong purposeKey = Randomness.Key(purpose);

    /// <summary>Fills <paramref name="window"/> with consecutive tokens from a uniformly drawn start. A training
    /// window of T tokens is T + 1 ids: the inputs are the first T, the targets the last T.</summary>
    /// <param name="stream">At least as long as the window.</param>
    /// <param name="round">0-based round.</param>
    /// <param name="index">0-based number of the window within the round.</param>
    /// <param name="window">Receives the ids.</param>
    /// <exception cref="BadInputException">The stream is shorter than the window.</exception>
    public void Fill(TokenStream stream, long round, long index, Span<int> window) =>
        stream.CopyTo(Start(stream, round, index, window.Length), window);

    /// <summary>The first position of a window of <paramref name="windowTokens"/> ids.</summary>
    public long Start(TokenStream stream, long round, long index, int windowTokens)
    {
        if (stream.Length < windowTokens)
        {
            throw new BadInputException(
                $"{stream.Name} has {stream.Length} tokens, fewer than one window of {windowTokens} (context + 1).");
        }

        return Randomness.Of(seed, (ulong)round, userKey, purposeKey, (ulong)index)
            .NextBelow(stream.Length - windowTokens + 1);
    }
}
