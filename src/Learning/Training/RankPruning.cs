using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Training;

/// <summary>HetLoRA's self-pruning (Cho et al. 2024). Of the r components of a user's expert adapters the last
/// r − ⌊γ r⌋ are its tail. While the user trains, λ Σ ‖B_tail‖_F ‖A_tail‖_F is added to its loss. If that sum is
/// smaller after a round than before it, the tail is set to zero, moments too, and stays so: the user's rank is lower
/// from then on. A component is pruned when its row of A is zero.</summary>
/// <param name="Kept">γ, below 1.</param>
/// <param name="Weight">λ, at least 0.</param>
public sealed record RankPruning(double Kept, double Weight)
{
    /// <summary>Components of the experts' adapters that are left, at least 1.</summary>
    /// <param name="parameters">[layout length]</param>
    public static int ActiveRank(ParameterLayout layout, ReadOnlySpan<float> parameters)
    {
        for (var rank = layout.Adapters.MlpRank; rank > 1; rank--)
        {
            foreach (var pair in Pairs(layout))
            {
                if (RowOf(pair.A, rank - 1, parameters).ContainsAnyExcept(0f))
                {
                    return rank;
                }
            }
        }

        return 1;
    }

    /// <summary>The same parameters without the components that this user has given up.</summary>
    /// <param name="parameters">[layout length]; changed.</param>
    public static void Cut(ParameterLayout layout, int rank, Span<float> parameters)
    {
        foreach (var (a, b) in Pairs(layout))
        {
            parameters.Slice(a.Offset + (rank * a.Columns), (a.Rows - rank) * a.Columns).Clear();
            for (var row = 0; row < b.Rows; row++)
            {
                parameters.Slice(b.Offset + (row * b.Columns) + rank, b.Columns - rank).Clear();
            }
        }
    }

    /// <summary>Σ ‖B_tail‖_F ‖A_tail‖_F over the experts' adapters.</summary>
    /// <param name="parameters">[layout length]</param>
    public double TailOf(ParameterLayout layout, ReadOnlySpan<float> parameters)
    {
        var (start, end) = TailAt(layout, parameters);
        var sum = 0.0;
        foreach (var pair in Pairs(layout))
        {
            var (a, b) = NormsOf(pair, start, end, parameters);
            sum += a * b;
        }

        return sum;
    }

    /// <summary>Adds the gradient of λ · tail. That of a norm which is 0 is taken as 0.</summary>
    /// <param name="parameters">[layout length]</param>
    /// <param name="gradient">[layout length]; added to.</param>
    /// <returns>λ · tail</returns>
    public double AddGradient(ParameterLayout layout, ReadOnlySpan<float> parameters, Span<float> gradient)
    {
        var (start, end) = TailAt(layout, parameters);
        var tail = 0.0;
        foreach (var (a, b) in Pairs(layout))
        {
            var (normA, normB) = NormsOf((a, b), start, end, parameters);
            if (normA <= 0 || normB <= 0)
            {
                continue;
            }

            tail += normA * normB;
            var (slopeA, slopeB) = ((float)(Weight * normB / normA), (float)(Weight * normA / normB));
            for (var i = a.Offset + (start * a.Columns); i < a.Offset + (end * a.Columns); i++)
            {
                gradient[i] += slopeA * parameters[i];
            }

            for (var row = 0; row < b.Rows; row++)
            {
                for (var i = b.Offset + (row * b.Columns) + start; i < b.Offset + (row * b.Columns) + end; i++)
                {
                    gradient[i] += slopeB * parameters[i];
                }
            }
        }

        return Weight * tail;
    }

    /// <summary>The end of a user's round.</summary>
    /// <param name="before">As it began the round, the server's parameters copied in.</param>
    /// <returns><paramref name="after"/>, pruned or not.</returns>
    public UserModel Prune(ParameterLayout layout, UserModel before, UserModel after)
    {
        var (start, end) = TailAt(layout, after.Parameters);
        if (start == end || TailOf(layout, after.Parameters) >= TailOf(layout, before.Parameters))
        {
            return after;
        }

        var pruned = after.Copy();
        Cut(layout, start, pruned.Parameters);
        Cut(layout, start, pruned.FirstMoments);
        Cut(layout, start, pruned.SecondMoments);
        return pruned;
    }

    private static IEnumerable<(Parameter A, Parameter B)> Pairs(ParameterLayout layout) =>
        from parameter in layout.Parameters
        where parameter.Site is AdapterSite.MlpInput or AdapterSite.MlpOutput && parameter.Factor == Factor.A
        select (parameter, layout[parameter.Site, Factor.B, parameter.Layer, parameter.Expert]);

    private static ReadOnlySpan<float> RowOf(Parameter matrix, int row, ReadOnlySpan<float> parameters) =>
        parameters.Slice(matrix.Offset + (row * matrix.Columns), matrix.Columns);

    private (int Start, int End) TailAt(ParameterLayout layout, ReadOnlySpan<float> parameters)
    {
        var active = ActiveRank(layout, parameters);
        return (Math.Max(1, (int)Math.Floor(Kept * active)), active);
    }

    private static (double A, double B) NormsOf(
        (Parameter A, Parameter B) pair, int start, int end, ReadOnlySpan<float> parameters)
    {
        double squareA = 0, squareB = 0;
        for (var i = start; i < end; i++)
        {
            foreach (var value in RowOf(pair.A, i, parameters))
            {
                squareA += value * value;
            }

            for (var row = 0; row < pair.B.Rows; row++)
            {
                squareB += Math.Pow(parameters[pair.B.Offset + (row * pair.B.Columns) + i], 2);
            }
        }

        return (Math.Sqrt(squareA), Math.Sqrt(squareB));
    }
}
