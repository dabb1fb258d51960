namespace CoMiGS.Grains.Storage;

/// <summary>Where blobs lie, by run.</summary>
public static class BlobNames
{
    /// <summary>Folder of a user's states.</summary>
    public static string User(string experiment, string user) => $"{experiment}/users/{user}";

    /// <summary>A user's state after a round.</summary>
    public static string User(string experiment, string user, int version) => $"{User(experiment, user)}/{version}";

    /// <summary>What a user's state is of; null: the name is another kind of blob's.</summary>
    public static (string Experiment, string User, int Version)? ParseUser(string name) =>
        name.Split('/') is [var experiment, "users", var user, var version] && int.TryParse(version, out var number)
            ? (experiment, user, number)
            : null;

    /// <summary>Folder of the generalists of a run.</summary>
    public static string Generalists(string experiment) => $"{experiment}/generalists";

    public static string Generalists(string experiment, string hash) => $"{Generalists(experiment)}/{hash}";

    /// <summary>Folder of a run's manifests.</summary>
    public static string Manifests(string experiment) => $"{experiment}/manifests";

    /// <param name="rounds">Committed as of this manifest.</param>
    public static string Manifest(string experiment, int rounds) => $"{Manifests(experiment)}/{rounds}";

    public static string Report(string experiment, int round) => $"{experiment}/reports/{round}";

    public static string Result(string experiment) => $"{experiment}/result";
}
