using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Aggregation;

/// <summary>A user's parameters cannot be averaged: training diverged.</summary>
public sealed class DivergedException(string user, string parameter, string message) : Exception(message)
{
    public string User { get; } = user;

    /// <summary>Name of the first parameter out of range.</summary>
    public string Parameter { get; } = parameter;

    internal static DivergedException At(string user, int index, float value, ParameterLayout layout)
    {
        var parameter = layout.Parameters.Last(candidate => candidate.Offset <= index);
        return new(
            user, parameter.Name,
            FormattableString.Invariant($"{parameter.Name}[{index - parameter.Offset}] of user '{user}' is {value}, ")
            + $"but only values between ±{FixedPointSum.MagnitudeLimit} can be averaged: "
            + "training diverged, lower training.learningRate.");
    }
}
