namespace CoMiGS.Grains.Users;

/// <summary>The key of a user grain: experiment id, '/', user id. Neither id holds a '/'.</summary>
public readonly record struct UserKey(string Experiment, string User)
{
    public static UserKey Parse(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < key.Length - 1
            ? new(key[..slash], key[(slash + 1)..])
            : throw new FormatException($"'{key}' is not the key of a user: EXPERIMENT/USER.");
    }

    public override string ToString() => $"{Experiment}/{User}";
}
