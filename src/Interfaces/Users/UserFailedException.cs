namespace CoMiGS.Interfaces.Users;

/// <summary>One user cannot take part in a round; the others can. The message is one sentence for a person, without the
/// user's name.</summary>
[GenerateSerializer, Alias("comigs.UserFailedException")]
public sealed class UserFailedException : Exception
{
    public UserFailedException(string message)
        : base(message)
    {
    }

    public UserFailedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
