namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Users with different mixtures, as the literature on federated learning makes them (Hsu, Qi, Brown 2019; Li,
/// Diao, Chen, He 2022): of every label, users get proportions drawn from Dirichlet(α).</summary>
/// <param name="users">How many, at least 1.</param>
/// <param name="alpha">Greater than 0. 100: much the same mixture for all; 0.1: a label is mostly one user's.</param>
/// <param name="seed">Of the proportions and of who gets which document.</param>
public sealed class DirichletPartitioner(int users, double alpha, ulong seed) : IPartitioner
{
    /// <inheritdoc/>
    public Assignment Assign(IReadOnlyList<LabelledDocument> documents)
    {
        foreach (var document in documents)
        {
            document.Require(document.Label, "label");
        }

        return new(UserName.Numbered(users), LabelDealer.Deal(documents, ProportionsOf, seed));
    }

    private double[] ProportionsOf(string label) =>
        Dirichlet.Draw(Randomness.Of(seed, Randomness.Key("dirichlet"), Randomness.Key(label)), alpha, users);
}
