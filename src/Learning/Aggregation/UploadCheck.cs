using System.Numerics;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>The door that every upload passes before any of it counts: what is refused leaves nothing behind. An update
/// is what a user sends minus what its round started from; its L2 norm is over all that this user shares, A and B as
/// they are.</summary>
/// <param name="RejectNorm">Updates with a larger norm are refused; 0 = none is.</param>
/// <param name="ClipNorm">Updates with a larger norm are scaled down to it (norm clipping: Sun et al. 2019, "Can You
/// Really Backdoor Federated Learning?"); 0 = none is.</param>
public sealed record UploadCheck(double RejectNorm, double ClipNorm)
{
    /// <summary>Whether norms matter; else nobody has to know what an update started from.</summary>
    public bool LimitsNorm => RejectNorm > 0 || ClipNorm > 0;

    /// <summary>An upload's numbers.</summary>
    /// <param name="bytes">As they came, see <see cref="ContentHash"/>.</param>
    /// <param name="shared">What its user shares.</param>
    /// <returns>[shared length]</returns>
    /// <exception cref="UploadRefusedException">It has another length, or a value is out of range.</exception>
    public static float[] Open(ReadOnlySpan<byte> bytes, SharedParameters shared)
    {
        if (bytes.Length != sizeof(float) * shared.Length)
        {
            throw new UploadRefusedException(
                $"its upload has {bytes.Length} bytes, but what it shares has {sizeof(float) * shared.Length}");
        }

        var values = ContentHash.ToFloats(bytes);
        RequireInRange(values, shared);
        return values;
    }

    /// <summary>Every value is a number and fits into a <see cref="FixedPointSum"/>.</summary>
    /// <param name="shared">Names the parameter in the error.</param>
    /// <exception cref="UploadRefusedException">One is not, or does not.</exception>
    public static void RequireInRange(ReadOnlySpan<float> values, SharedParameters shared)
    {
        var limit = new Vector<float>(FixedPointSum.MagnitudeLimit);
        for (var i = 0; i < values.Length; i++)
        {
            if (i <= values.Length - Vector<float>.Count
                && Vector.LessThanAll(Vector.Abs(new Vector<float>(values[i..])), limit))
            {
                i += Vector<float>.Count - 1;
            }
            else if (!(MathF.Abs(values[i]) < FixedPointSum.MagnitudeLimit))
            {
                var (parameter, start) = shared.At(i);
                throw new UploadRefusedException(
                    FormattableString.Invariant($"{parameter.Name}[{i - start}] is {values[i]}, but only values ")
                    + $"between ±{FixedPointSum.MagnitudeLimit} can be averaged; if training diverged, lower "
                    + "training.learningRate");
            }
        }
    }

    /// <summary>Refuses, or scales down, an update whose norm is too large. A function of this update alone.</summary>
    /// <param name="values">[shared length]; changed if it is scaled down.</param>
    /// <param name="start">[shared length]; see <see cref="Exchange.StartOf"/>.</param>
    /// <exception cref="UploadRefusedException">The norm is above <see cref="RejectNorm"/>.</exception>
    public void LimitNorm(Span<float> values, ReadOnlySpan<float> start)
    {
        var norm = NormOf(values, start);
        if (RejectNorm > 0 && norm > RejectNorm)
        {
            throw new UploadRefusedException(FormattableString.Invariant(
                $"its update has an L2 norm of {norm:G6}, but aggregation.rejectNorm is {RejectNorm}"));
        }

        if (ClipNorm > 0 && norm > ClipNorm)
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = (float)(start[i] + (ClipNorm / norm * ((double)values[i] - start[i])));
            }
        }
    }

    /// <summary>‖values − start‖₂, added up in order: the same on every machine.</summary>
    private static double NormOf(ReadOnlySpan<float> values, ReadOnlySpan<float> start)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(start.Length, values.Length, nameof(start));
        var squares = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            var difference = (double)values[i] - start[i];
            squares += difference * difference;
        }

        return Math.Sqrt(squares);
    }
}
