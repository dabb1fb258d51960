using Orleans.Runtime;

namespace Orleans.Runtime
{
    [GenerateSerializer]
    public class OrleansException(string message = "Unexpected error.", Exception? innerException = null)
        : Exception(message, innerException);

    /// <summary>The silo that had the call, or should have got it, is gone.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException(string message = "Silo unavailable", Exception? innerException = null)
        : OrleansException(message, innerException);

    /// <summary>The cluster or its message types are configured wrongly.</summary>
    [GenerateSerializer]
    public sealed class OrleansConfigurationException(string message, Exception? innerException = null)
        : Exception(message, innerException);

    /// <summary>An asynchronous enumeration lost its grain or was left alone for too long.</summary>
    [GenerateSerializer]
    public sealed class EnumerationAbortedException(string? message = null, Exception? innerException = null)
        : Exception(message, innerException);
}

namespace Orleans.Storage
{
    /// <summary>Two writers of one record: the etag written does not match the etag stored.</summary>
    [GenerateSerializer]
    public class InconsistentStateException(
        string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException = null)
        : OrleansException($"{errorMsg} (stored etag '{storedEtag}', own '{currentEtag}')", storageException)
    {
        /// <summary>Whether the activation that first lets the exception escape is the one to end.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }

    /// <summary>A grain names a storage provider that was not registered.</summary>
    [GenerateSerializer]
    public sealed class BadProviderConfigException(string msg) : OrleansException(msg);
}
