namespace CoMiGS.Learning.Methods;

/// <summary>How a method trains its routers.</summary>
public enum RouterMode
{
    /// <summary>No router: plain mean of the experts' outputs, and no balance term.</summary>
    None,

    /// <summary>Together with the experts, on train batches, one optimiser.</summary>
    Joint,

    /// <summary>In phases of its own, on valid batches (CoMiGS).</summary>
    AlternatingOnValid,

    /// <summary>In phases of its own, on fresh train batches (the ablation).</summary>
    AlternatingOnTrain,
}
