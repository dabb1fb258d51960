using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Learning.Methods;

/// <summary>Every method a run file can name.</summary>
public static class MethodCatalog
{
    /// <summary>The method that trains nothing: tables show the base under its name, run or not.</summary>
    public const string Pretrained = "pretrained";

    public static IReadOnlyList<Method> All { get; } =
    [
        new("comigs-1g1s", "one generalist, one specialist; the router learns on valid (the system)",
            ExpertCounts.Two, Sharing.Generalist, RouterMode.AlternatingOnValid),
        new("comigs-1gks", "one generalist, as many specialists as the user can afford; the router learns on valid",
            ExpertCounts.PerUser, Sharing.Generalist, RouterMode.AlternatingOnValid),
        new("comigs-2g", "two generalists; the router learns on valid",
            ExpertCounts.Two, Sharing.Adapters, RouterMode.AlternatingOnValid),
        new("comigs-2s", "two specialists, nothing shared; the router learns on valid",
            ExpertCounts.Two, Sharing.Nothing, RouterMode.AlternatingOnValid),
        new("comigs-tr", "comigs-1g1s with the router's phases on fresh train batches (ablation)",
            ExpertCounts.Two, Sharing.Generalist, RouterMode.AlternatingOnTrain),
        new("pfedmoe", "one generalist, one specialist; router and experts learn together on train",
            ExpertCounts.Two, Sharing.Generalist, RouterMode.Joint),
        new("fedavg-moe", "two shared experts; router and experts learn together on train",
            ExpertCounts.Two, Sharing.Adapters, RouterMode.Joint),
        new("fedavg-moe-tr", "two shared experts; the router's phases on fresh train batches",
            ExpertCounts.Two, Sharing.Adapters, RouterMode.AlternatingOnTrain),
        new("local-moe", "two experts, nothing shared; router and experts learn together on train",
            ExpertCounts.Two, Sharing.Nothing, RouterMode.Joint),
        new("local-moe-tr", "two experts, nothing shared; the router's phases on fresh train batches",
            ExpertCounts.Two, Sharing.Nothing, RouterMode.AlternatingOnTrain),
        new("fedavg", "everything shared, plain mean of the experts",
            ExpertCounts.Same, Sharing.Adapters, RouterMode.None),
        new("local", "nothing shared, plain mean of the experts",
            ExpertCounts.Same, Sharing.Nothing, RouterMode.None),
        new("local-plus-valid", "local, trained on train and valid text together (the control for routing by valid)",
            ExpertCounts.Same, Sharing.Nothing, RouterMode.None) { ExpertsOnValid = true },
        new("centralized", "one model on everybody's train text, with everybody's batches",
            ExpertCounts.Same, Sharing.Adapters, RouterMode.None) { PoolsData = true },
        new(Pretrained, "the base as it is",
            ExpertCounts.Same, Sharing.Nothing, RouterMode.None) { Trains = false },
        new("pcl", "everybody gets everybody's adapters, and mixes them by their perplexity on its valid text",
            ExpertCounts.Same, Sharing.Adapters, RouterMode.None)
            { Aggregation = AggregationRule.Stack, Reception = Reception.MixByValid },
        new("ffa-lora", "one adapter; A is random and the same for all, B is trained and averaged",
            ExpertCounts.Merged, Sharing.FactorB, RouterMode.None) { FreezesA = true },
        new("fedsa-lora", "one adapter; A is averaged, B stays with the user",
            ExpertCounts.Merged, Sharing.FactorA, RouterMode.None),
        new("hetlora", "one adapter of the user's rank; padded with zeros, weighted by its norm, cut; ranks shrink",
            ExpertCounts.Merged, Sharing.Adapters, RouterMode.None)
            { Aggregation = AggregationRule.ZeroPad, PrunesRank = true },
        new("flexlora", "one adapter of the user's rank; the mean of products, and of it the best part of that rank",
            ExpertCounts.Merged, Sharing.Adapters, RouterMode.None)
            { Aggregation = AggregationRule.Product, WeighsByTokens = true },
        new("fdlora", "one adapter; fedavg, and in the end each user's best combination of its own and the mean",
            ExpertCounts.Merged, Sharing.Adapters, RouterMode.None) { Reception = Reception.FuseByValid },
    ];

    /// <summary>For messages: 'a' or 'b'.</summary>
    public static string NamesOf(Func<Method, bool> which) =>
        string.Join(" or ", All.Where(which).Select(method => $"'{method.Name}'"));

    /// <summary>The method of that name.</summary>
    /// <exception cref="BadInputException">There is none; the message lists the names.</exception>
    public static Method Named(string name) =>
        All.FirstOrDefault(method => method.Name == name)
        ?? throw new BadInputException(
            $"method '{name}' is not known; known are {string.Join(", ", All.Select(method => method.Name))}.");
}
