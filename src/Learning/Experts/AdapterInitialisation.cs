using CoMiGS.Learning.Data;

namespace CoMiGS.Learning.Experts;

/// <summary>Parameters before round 0: A and the routers uniform in ±1/√d_in (Kaiming-uniform with a = √5, the default
/// of linear layers in PyTorch), B zero, so that training starts at the base. A matrix is a function of (seed, its
/// name) alone, and a lower rank has the first rows of a higher one: all users of a run start alike, whatever they
/// share, and methods of one seed differ in nothing but the method.</summary>
public static class AdapterInitialisation
{
    /// <returns>[layout length]</returns>
    public static float[] Of(ParameterLayout layout, ulong seed)
    {
        var values = new float[layout.Length];
        foreach (var parameter in layout.Parameters.Where(parameter => parameter.Factor != Factor.B))
        {
            var random = Randomness.Of(seed, Randomness.Key("initial"), Randomness.Key(parameter.Name));
            var bound = 1 / Math.Sqrt(parameter.Columns);
            foreach (ref var value in values.AsSpan(parameter.Offset, parameter.Length))
            {
                value = (float)(((2 * random.NextDouble()) - 1) * bound);
            }
        }

        return values;
    }
}
