using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Training;

/// <summary>Which parameters a gradient is for. The others are constants of that step.</summary>
public enum Phase
{
    /// <summary>All adapters; the router is fixed.</summary>
    Experts,

    /// <summary>The routers of all blocks; the adapters are fixed.</summary>
    Router,

    /// <summary>Adapters and routers in one step (pFedMoE, FedAvg-MoE, Local-MoE).</summary>
    Joint,
}

/// <summary>The parameters of a phase.</summary>
public static class PhaseParameters
{
    /// <summary>Parts of the flat vector that a step of this phase changes, in order.</summary>
    /// <param name="freezesA">Whether the A of every adapter stays as it is.</param>
    public static IReadOnlyList<(int Start, int Length)> PartsOf(
        this Phase phase, ParameterLayout layout, bool freezesA)
    {
        if (freezesA)
        {
            return
            [
                .. layout.Parameters
                    .Where(parameter => parameter.Factor != Factor.A
                        && (phase == Phase.Joint || (parameter.Factor == Factor.Weight) == (phase == Phase.Router)))
                    .Select(parameter => (parameter.Offset, parameter.Length)),
            ];
        }

        return phase switch
        {
            Phase.Experts => [(0, layout.AdapterLength)],
            Phase.Router => [(layout.AdapterLength, layout.Length - layout.AdapterLength)],
            _ => [(0, layout.Length)],
        };
    }
}

/// <summary>Which of a user's streams a batch is drawn from.</summary>
public enum DataSplit
{
    Train,
    Valid,
}
