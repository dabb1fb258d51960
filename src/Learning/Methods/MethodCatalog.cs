namespace CoMiGS.Learning.Methods;

/// <summary>Every method a run file can name.</summary>
public static class MethodCatalog
{
    public static IReadOnlyList<Method> All { get; } =
    [
        new("comigs-1g1s", "one generalist, one specialist; the router learns on valid (the system)",
            Sharing.Generalist, RouterMode.AlternatingOnValid, 2),
        new("comigs-1gks", "one generalist, as many specialists as the user can afford; the router learns on valid",
            Sharing.Generalist, RouterMode.AlternatingOnValid, null),
        new("comigs-2g", "two generalists; the router learns on valid",
            Sharing.Adapters, RouterMode.AlternatingOnValid, 2),
        new("comigs-2s", "two specialists, nothing shared; the router learns on valid",
            Sharing.Nothing, RouterMode.AlternatingOnValid, 2),
        new("comigs-tr", "comigs-1g1s with the router's phases on fresh train batches (ablation)",
            Sharing.Generalist, RouterMode.AlternatingOnTrain, 2),
        new("pfedmoe", "one generalist, one specialist; router and experts learn together on train",
            Sharing.Generalist, RouterMode.Joint, 2),
        new("fedavg-moe", "two shared experts; router and experts learn together on train",
            Sharing.Adapters, RouterMode.Joint, 2),
        new("fedavg-moe-tr", "two shared experts; the router's phases on fresh train batches",
            Sharing.Adapters, RouterMode.AlternatingOnTrain, 2),
        new("local-moe", "two experts, nothing shared; router and experts learn together on train",
            Sharing.Nothing, RouterMode.Joint, 2),
        new("local-moe-tr", "two experts, nothing shared; the router's phases on fresh train batches",
            Sharing.Nothing, RouterMode.AlternatingOnTrain, 2),
        new("fedavg", "everything shared, plain mean of two experts",
            Sharing.Adapters, RouterMode.None, 2),
        new("local", "nothing shared, plain mean of two experts",
            Sharing.Nothing, RouterMode.None, 2),
        new("local-plus-valid", "local, trained on train and valid text together (the control for routing by valid)",
            Sharing.Nothing, RouterMode.None, 2, ExpertsOnValid: true),
    ];

    /// <summary>The method of that name.</summary>
    /// <exception cref="BadInputException">There is none; the message lists the names.</exception>
    public static Method Named(string name) =>
        All.FirstOrDefault(method => method.Name == name)
        ?? throw new BadInputException(
            $"method '{name}' is not known; known are {string.Join(", ", All.Select(method => method.Name))}.");
}
