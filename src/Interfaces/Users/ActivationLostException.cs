namespace CoMiGS.Interfaces.Users;

/// <summary>A grain's activation died with what it had not saved; a new one answers when asked again. The message is
/// one sentence for a person, without the grain's name.</summary>
[GenerateSerializer, Alias("comigs.ActivationLostException")]
public sealed class ActivationLostException(string message) : OrleansException(message);
