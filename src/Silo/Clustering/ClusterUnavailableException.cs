namespace CoMiGS.Silo.Clustering;

/// <summary>A cluster that does not answer or lets nobody in. The message is one sentence for a person.</summary>
public sealed class ClusterUnavailableException(string message, Exception inner) : Exception(message, inner);
