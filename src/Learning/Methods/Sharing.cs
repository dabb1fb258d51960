using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Methods;

/// <summary>Which parameters are averaged. Each is a prefix of the user's flat vector.</summary>
public enum Sharing
{
    Nothing,

    /// <summary>Attention adapters and expert 0.</summary>
    Generalist,

    /// <summary>All adapters; needs equal numbers of experts.</summary>
    Adapters,

    /// <summary>All adapters and the routers; needs equal numbers of experts.</summary>
    Everything,
}

/// <summary>Where a sharing ends in the flat vector.</summary>
public static class SharingPrefix
{
    /// <summary>Floats, from the start of the vector, that are shared.</summary>
    public static int SharedLength(this ParameterLayout layout, Sharing sharing) => sharing switch
    {
        Sharing.Nothing => 0,
        Sharing.Generalist => layout.GeneralistLength,
        Sharing.Adapters => layout.AdapterLength,
        Sharing.Everything => layout.Length,
        _ => throw new ArgumentOutOfRangeException(nameof(sharing), sharing, "Unknown sharing."),
    };
}
