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

/// <summary>Which of a user's streams a batch is drawn from.</summary>
public enum DataSplit
{
    Train,
    Valid,
}
