namespace CoMiGS.Learning.Methods;

/// <summary>A method of the comparison, as data: what is shared, how the router learns, and how many experts it needs.
/// To add one: a row in <see cref="MethodCatalog"/>.</summary>
/// <param name="Name">As in run files.</param>
/// <param name="Summary">One line for people.</param>
/// <param name="Sharing">What is averaged every round.</param>
/// <param name="Router">How the router learns.</param>
/// <param name="FixedExperts">Experts every user has with this method; null when users choose.</param>
/// <param name="ExpertsOnValid">Whether the experts' train batches come from the valid text, too.</param>
public sealed record Method(
    string Name, string Summary, Sharing Sharing, RouterMode Router, int? FixedExperts, bool ExpertsOnValid = false)
{
    public bool HasRouter => Router != RouterMode.None;

    /// <summary>Whether training reads the valid split: such a method has to be trained anew for another
    /// target.</summary>
    public bool TrainsOnValid => ExpertsOnValid || Router == RouterMode.AlternatingOnValid;
}
