using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Experts;

/// <summary>Parameters before round 0: A and the routers uniform in ±1/√d_in (Kaiming-uniform with a = √5, the default
/// of linear layers in PyTorch), B zero, so that training starts at the base. A matrix is a function of (seed, owner,
/// its name) alone, and a lower rank has the first rows of a higher one: layouts of different users agree on what they
/// share.</summary>
public static class AdapterInitialisation
{
    /// <summary>Owner of what all users have alike.</summary>
    public const string Everyone = "everyone";

    /// <param name="ownerOf">Whose a matrix is: <see cref="Everyone"/>, or a user's.</param>
    /// <returns>[layout length]</returns>
    public static float[] Of(ParameterLayout layout, ulong seed, Func<Parameter, string> ownerOf)
    {
        var values = new float[layout.Length];
        foreach (var parameter in layout.Parameters.Where(parameter => parameter.Factor != Factor.B))
        {
            var random = Randomness.Of(
                seed, Randomness.Key("initial"), Randomness.Key(ownerOf(parameter)), Randomness.Key(parameter.Name));
            var bound = 1 / Math.Sqrt(parameter.Columns);
            foreach (ref var value in values.AsSpan(parameter.Offset, parameter.Length))
            {
                value = (float)(((2 * random.NextDouble()) - 1) * bound);
            }
        }

        return values;
    }
}
