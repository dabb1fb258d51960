using Orleans.Runtime;

namespace Orleans.Runtime
{
    [GenerateSerializer]
    public class OrleansException(string message = "Unexpected error.", Exception? innerException = null)
        : Exception(message, innerException);

    /// <summary>A call was refused before it ran.</summary>
    [GenerateSerializer]
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message, Exception? innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The silo that had the call, or should have got it, is gone.</summary>
    [GenerateSerializer]
    public sealed class SiloUnavailableException(string message = "Silo unavailable", Exception? innerException = null)
        : OrleansMessageRejectionException(message, innerException);

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
    public class InconsistentStateException(string message = "Inconsistent state.", Exception? innerException = null)
        : OrleansException(message, innerException)
    {
        public InconsistentStateException(
            string errorMsg, string storedEtag, string currentEtag, Exception? storageException = null)
            : this(errorMsg, storageException) => (StoredEtag, CurrentEtag) = (storedEtag, currentEtag);

        [Id(1)]
        public string StoredEtag { get; } = "";

        [Id(2)]
        public string CurrentEtag { get; } = "";

        /// <summary>Whether the activation that first lets the exception escape is the one to end.</summary>
        [Id(0)]
        internal bool IsSourceActivation { get; set; } = true;
    }

    /// <summary>A grain names a storage provider that was not registered.</summary>
    [GenerateSerializer]
    public sealed class BadProviderConfigException(string msg) : OrleansException(msg);
}
