using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Experts;

/// <summary>Parameters before round 0: A and the routers uniform in ±1/√d_in (Kaiming-uniform with a = √5, the default
/// of linear layers in PyTorch), B zero, so that training starts at the base. A matrix is a function of (seed, owner,
/// its name) alone, and a lower rank has the first rows of a higher one: layouts of different users agree on what they
/// share.</summary>
public static class AdapterInitialisation
{
    /// <summary>The parameters of a user.</summary>
    /// <param name="isCommon">Which matrices belong to all users alike; the others to this one.</param>
    /// <returns>[layout length]</returns>
    public static float[] Of(ParameterLayout layout, Func<Parameter, bool> isCommon, ulong seed, string user)
    {
        var values = new float[layout.Length];
        foreach (var parameter in layout.Parameters)
        {
            var owner = isCommon(parameter) ? "everyone" : "user " + user;
            Fill(parameter, values.AsSpan(parameter.Offset, parameter.Length), seed, owner);
        }

        return values;
    }

    private static void Fill(Parameter parameter, Span<float> values, ulong seed, string owner)
    {
        if (parameter.Factor == Factor.B)
        {
            return;
        }

        var random = Randomness.Of(
            seed, Randomness.Key("initial"), Randomness.Key(owner), Randomness.Key(parameter.Name));
        var bound = 1 / Math.Sqrt(parameter.Columns);
        foreach (ref var value in values)
        {
            value = (float)(((2 * random.NextDouble()) - 1) * bound);
        }
    }
}
