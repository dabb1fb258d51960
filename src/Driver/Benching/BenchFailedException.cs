namespace CoMiGS.Driver.Benching;

/// <summary>Another process did not do what it was measured at. The message is one sentence for a person.</summary>
internal sealed class BenchFailedException(string message) : Exception(message);
