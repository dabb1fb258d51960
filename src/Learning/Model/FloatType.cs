namespace CoMiGS.Learning.Model;

/// <summary>How numbers are kept.</summary>
public enum FloatType
{
    Float32,

    /// <summary>The upper half of a float32: the same range with 8 significant bits.</summary>
    Bfloat16,
}
