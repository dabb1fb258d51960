using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Both ways between one user and the server.</summary>
/// <param name="server">What the server has: of the largest rank.</param>
/// <param name="user">What this user has.</param>
/// <param name="pruning">How users give up rank; null: they do not.</param>
public sealed class Exchange(
    SharedParameters server, SharedParameters user, AggregationRule rule, RankPruning? pruning)
{
    /// <summary>What the user sends.</summary>
    /// <returns>[user's shared length]</returns>
    public float[] Send(UserModel model) => user.Of(model.Parameters);

    /// <summary>The user with the server's parameters copied in, as far as its rank goes; moments stay, and components
    /// that it has given up stay zero.</summary>
    /// <param name="values">[server's shared length]</param>
    public UserModel Receive(UserModel model, float[] values)
    {
        var received = rule.Fit(values, server, user);
        if (rule is not (AggregationRule.Mean or AggregationRule.Stack))
        {
            received = RankFit.Refilled(received, user.Of(model.Parameters), user);
        }

        var parameters = user.Replace(received, model.Parameters);
        if (pruning is not null)
        {
            RankPruning.Cut(user.Layout, RankPruning.ActiveRank(user.Layout, model.Parameters), parameters);
        }

        return model with { Parameters = parameters };
    }

    /// <summary>What a user's round started from, as far as the server can know: what it had sent, received like a user
    /// that has what this one sends now. So components that the user has given up, or an A that the server left to it,
    /// are no part of its update.</summary>
    /// <param name="values">[server's shared length]; that the server had sent.</param>
    /// <param name="upload">[user's shared length]</param>
    /// <returns>[user's shared length]</returns>
    public float[] StartOf(float[] values, ReadOnlySpan<float> upload) => Send(Receive(
        UserModel.Start(user.Layout.Adapters, user.Replace(upload, new float[user.Layout.Length])), values));
}
