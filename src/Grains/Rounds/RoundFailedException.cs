namespace CoMiGS.Grains.Rounds;

/// <summary>Too few users answered. The message is one sentence that names them and why.</summary>
public sealed class RoundFailedException(string message, IReadOnlyList<string> missing) : Exception(message)
{
    /// <summary>In order of id.</summary>
    public IReadOnlyList<string> Missing { get; } = missing;
}
