namespace CoMiGS.Learning.Aggregation;

/// <summary>An upload cannot count. The message is one sentence for a person, without the user's name: which check, the
/// value, the limit.</summary>
public sealed class UploadRefusedException(string message) : Exception(message);
