namespace CoMiGS.Interfaces.Users;

/// <summary>One user cannot take part in a round; the others can. The message is one sentence for a person, without the
/// user's name. It has nothing inside, since what crosses silos has to be known to both.</summary>
[GenerateSerializer, Alias("comigs.UserFailedException")]
public sealed class UserFailedException : Exception
{
    public UserFailedException(string message)
        : base(message)
    {
    }
}
