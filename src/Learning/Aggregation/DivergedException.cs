using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>A user's parameters cannot be averaged: training diverged.</summary>
public sealed class DivergedException(string user, string parameter, string message) : Exception(message)
{
    public string User { get; } = user;

    /// <summary>Name of the first parameter out of range.</summary>
    public string Parameter { get; } = parameter;

    internal static DivergedException At(string user, int index, float value, SharedParameters shared)
    {
        var (parameter, start) = shared.At(index);
        return new(
            user, parameter.Name,
            FormattableString.Invariant($"{parameter.Name}[{index - start}] of user '{user}' is {value}, ")
            + $"but only values between ±{FixedPointSum.MagnitudeLimit} can be averaged: "
            + "training diverged, lower training.learningRate.");
    }
}
