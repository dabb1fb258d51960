using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Learning.Methods;

/// <summary>A method of the comparison, as data: how many experts it needs, what is shared, how the server puts
/// together what users send, how the router learns. To add one: a row in <see cref="MethodCatalog"/>.</summary>
/// <param name="Name">As in run files.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Experts">How many a user has.</param>
/// <param name="Sharing">What users send every round.</param>
/// <param name="Router">How the router learns.</param>
public sealed record Method(
    string Name, string Summary, ExpertCounts Experts, Sharing Sharing, RouterMode Router)
{
    /// <summary>What the server makes of what users send.</summary>
    public AggregationRule Aggregation { get; init; } = AggregationRule.Mean;

    /// <summary>What a user makes of what the server sends.</summary>
    public Reception Reception { get; init; } = Reception.Copy;

    /// <summary>Whether a user counts by its train tokens, whatever the run file says.</summary>
    public bool WeighsByTokens { get; init; }

    /// <summary>Whether A is the same random matrix for all users and never trained.</summary>
    public bool FreezesA { get; init; }

    /// <summary>Whether users give up the last parts of their rank when training does not need them.</summary>
    public bool PrunesRank { get; init; }

    /// <summary>Whether the experts' train batches come from the valid text, too.</summary>
    public bool ExpertsOnValid { get; init; }

    /// <summary>Whether one user trains on everybody's train text, with everybody's batches, and the others do not
    /// train.</summary>
    public bool PoolsData { get; init; }

    /// <summary>False: the base is measured as it is.</summary>
    public bool Trains { get; init; } = true;

    public bool HasRouter => Router != RouterMode.None;

    /// <summary>Whether training reads the valid split: such a method has to be trained anew for another
    /// target.</summary>
    public bool TrainsOnValid =>
        ExpertsOnValid || Router == RouterMode.AlternatingOnValid || Reception != Reception.Copy;
}
