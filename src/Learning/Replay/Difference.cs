namespace CoMiGS.Learning.Replay;

/// <summary>The largest difference of one kind of number: max|ours − recorded| / max|recorded|, per tensor.</summary>
public sealed class Difference(string kind, double tolerance)
{
    /// <summary>logits, loss, user or server.</summary>
    public string Kind => kind;

    public double Tolerance => tolerance;

    /// <summary>Relative; 0 before anything was compared.</summary>
    public double Largest { get; private set; }

    /// <summary>The tensor <see cref="Largest"/> is in.</summary>
    public string Tensor { get; private set; } = "";

    public int TensorCount { get; private set; }

    public bool IsWithinTolerance => Largest <= tolerance;

    /// <summary>Compares one tensor. A value that is not finite where the recording's is counts as infinitely
    /// far.</summary>
    public void Compare(string tensor, ReadOnlySpan<double> ours, ReadOnlySpan<double> recorded)
    {
        double distance = 0, size = 0;
        for (var i = 0; i < recorded.Length; i++)
        {
            var apart = Math.Abs(ours[i] - recorded[i]);
            distance = Math.Max(distance, double.IsNaN(apart) ? double.PositiveInfinity : apart);
            size = Math.Max(size, Math.Abs(recorded[i]));
        }

        TensorCount++;
        var relative = distance / (size + 1e-12);
        if (relative > Largest || Tensor.Length == 0)
        {
            (Largest, Tensor) = (relative, tensor);
        }
    }

    public void Compare(string tensor, ReadOnlySpan<float> ours, ReadOnlySpan<float> recorded)
    {
        var (left, right) = (new double[recorded.Length], new double[recorded.Length]);
        for (var i = 0; i < recorded.Length; i++)
        {
            (left[i], right[i]) = (ours[i], recorded[i]);
        }

        Compare(tensor, left, right);
    }
}

/// <summary>What replaying one recording gave.</summary>
/// <param name="Name">The recording's own name.</param>
public sealed record ReplayReport(string Folder, string Name, IReadOnlyList<Difference> Differences)
{
    public bool Passed => Differences.All(difference => difference.IsWithinTolerance);
}
