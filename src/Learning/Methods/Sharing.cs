using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Methods;

/// <summary>Which parameters users send every round.</summary>
public enum Sharing
{
    Nothing,

    /// <summary>Attention adapters and expert 0.</summary>
    Generalist,

    /// <summary>All adapters; needs equal numbers of experts.</summary>
    Adapters,

    /// <summary>The A of all adapters (FedSA-LoRA); needs equal numbers of experts.</summary>
    FactorA,

    /// <summary>The B of all adapters (FFA-LoRA); needs equal numbers of experts.</summary>
    FactorB,

    /// <summary>All adapters and the routers; needs equal numbers of experts.</summary>
    Everything,
}

/// <summary>What a sharing means for a matrix.</summary>
public static class SharingRule
{
    /// <summary>Whether users send this matrix.</summary>
    public static bool Covers(this Sharing sharing, Parameter parameter) => sharing switch
    {
        Sharing.Nothing => false,
        Sharing.Generalist => parameter.Site != AdapterSite.Router && parameter.Expert == 0,
        Sharing.Adapters => parameter.Site != AdapterSite.Router,
        Sharing.FactorA => parameter.Factor == Factor.A,
        Sharing.FactorB => parameter.Factor == Factor.B,
        Sharing.Everything => true,
        _ => throw new ArgumentOutOfRangeException(nameof(sharing), sharing, "Unknown sharing."),
    };
}
