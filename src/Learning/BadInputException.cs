namespace CoMiGS.Learning;

/// <summary>Something a person supplied cannot be used. <see cref="Exception.Message"/> is one sentence that names the
/// file, the key, the value and the limit; programs print it alone and end with exit code 2.</summary>
public sealed class BadInputException(string message, Exception? inner = null) : Exception(message, inner);
