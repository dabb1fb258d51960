using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Shared parameters of one rank as those of another: component j of an adapter is row j of A and column j of
/// B. Components beyond the smaller rank are cut, or missing.</summary>
public static class RankFit
{
    /// <param name="values">[<paramref name="from"/> length]</param>
    /// <param name="missing">Stands where <paramref name="from"/> has nothing.</param>
    /// <returns>[<paramref name="to"/> length]</returns>
    public static float[] Of(
        ReadOnlySpan<float> values, SharedParameters from, SharedParameters to, float missing = 0)
    {
        var fitted = new float[to.Length];
        fitted.AsSpan().Fill(missing);
        foreach (var ((source, start), (target, place)) in from.All.Zip(to.All))
        {
            var columns = Math.Min(source.Columns, target.Columns);
            for (var row = 0; row < Math.Min(source.Rows, target.Rows); row++)
            {
                values.Slice(start + (row * source.Columns), columns)
                    .CopyTo(fitted.AsSpan(place + (row * target.Columns)));
            }
        }

        return fitted;
    }

    /// <summary>With a component nobody of a round has (A and B both zero) a user would never learn again: it keeps its
    /// own A there, which with B zero changes nothing else.</summary>
    /// <param name="received">[shared length]</param>
    /// <param name="own">[shared length]</param>
    /// <returns>[shared length]</returns>
    public static float[] Refilled(float[] received, float[] own, SharedParameters shared)
    {
        var filled = (float[])received.Clone();
        foreach (var ((a, b, _), component) in AdapterPair.Of(shared)
            .SelectMany(pair => Enumerable.Range(0, pair.A.Parameter.Rows).Select(component => (pair, component))))
        {
            var start = a.Start + (component * a.Parameter.Columns);
            var row = start..(start + a.Parameter.Columns);
            var isEmpty = !received.AsSpan(row).ContainsAnyExcept(0f)
                && Enumerable.Range(0, b.Parameter.Rows)
                    .All(output => received[b.Start + (output * b.Parameter.Columns) + component] == 0);
            if (isEmpty)
            {
                own.AsSpan(row).CopyTo(filled.AsSpan(row));
            }
        }

        return filled;
    }

    /// <summary>The same for an average of products: B grows by γ of the one over γ of the other, so that γ B A is cut
    /// and not rescaled.</summary>
    public static float[] KeepingProducts(ReadOnlySpan<float> values, SharedParameters from, SharedParameters to)
    {
        var fitted = Of(values, from, to);
        foreach (var (parameter, place) in to.All.Where(shared => shared.Parameter.Factor == Factor.B))
        {
            var scale = from.Layout.Adapters.ScaleOf(parameter.Site) / to.Layout.Adapters.ScaleOf(parameter.Site);
            foreach (ref var value in fitted.AsSpan(place, parameter.Length))
            {
                value *= scale;
            }
        }

        return fitted;
    }
}
