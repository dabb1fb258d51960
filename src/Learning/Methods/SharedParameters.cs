using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Methods;

/// <summary>The part of a user's flat vector that a method shares: the shared matrices one after another, in the order
/// of the layout.</summary>
public sealed class SharedParameters
{
    private readonly List<SharedParameter> all = [];

    public SharedParameters(ParameterLayout layout, Sharing sharing)
    {
        Layout = layout;
        foreach (var parameter in layout.Parameters.Where(parameter => sharing.Covers(parameter)))
        {
            all.Add(new(parameter, Length));
            Length += parameter.Length;
        }
    }

    public ParameterLayout Layout { get; }

    /// <summary>In order of start, without gaps.</summary>
    public IReadOnlyList<SharedParameter> All => all;

    /// <summary>Floats that are shared.</summary>
    public int Length { get; }

    /// <summary>Copies the shared floats out of a user's vector.</summary>
    /// <param name="parameters">[layout length]</param>
    /// <returns>[Length]</returns>
    public float[] Of(ReadOnlySpan<float> parameters)
    {
        var shared = new float[Length];
        foreach (var (parameter, start) in all)
        {
            parameters.Slice(parameter.Offset, parameter.Length).CopyTo(shared.AsSpan(start));
        }

        return shared;
    }

    /// <summary>A user's vector with the shared floats replaced.</summary>
    /// <param name="shared">[Length]</param>
    /// <param name="parameters">[layout length]; not changed.</param>
    /// <returns>[layout length]</returns>
    public float[] Replace(ReadOnlySpan<float> shared, ReadOnlySpan<float> parameters)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(shared.Length, Length, nameof(shared));
        var replaced = parameters.ToArray();
        foreach (var (parameter, start) in all)
        {
            shared.Slice(start, parameter.Length).CopyTo(replaced.AsSpan(parameter.Offset));
        }

        return replaced;
    }

    /// <summary>The shared matrix that holds an element of the shared vector.</summary>
    public SharedParameter At(int index) => all.Last(shared => shared.Start <= index);
}

/// <summary>A shared matrix.</summary>
/// <param name="Start">First element in the shared vector.</param>
public readonly record struct SharedParameter(Parameter Parameter, int Start);
