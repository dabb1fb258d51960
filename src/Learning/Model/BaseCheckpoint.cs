namespace CoMiGS.Learning.Model;

/// <summary>The frozen base as it stands in a checkpoint: row-major managed arrays, linear weights [in, out] (GPT-2's
/// Conv1D layout). Only a way station: trainers pack it once for their device and let it go.</summary>
public sealed record BaseCheckpoint(
    ModelShape Shape, float[] TokenEmbedding, float[] PositionEmbedding, IReadOnlyList<BaseBlock> Blocks,
    LayerNormWeights FinalNorm);

/// <summary>One block of the base.</summary>
/// <param name="AttentionInput">c_attn: [d, 3d] and [3d].</param>
/// <param name="AttentionOutput">attn.c_proj: [d, d] and [d].</param>
/// <param name="MlpInput">c_fc: [d, 4d] and [4d].</param>
/// <param name="MlpOutput">mlp.c_proj: [4d, d] and [d].</param>
public sealed record BaseBlock(
    LayerNormWeights AttentionNorm, LinearWeights AttentionInput, LinearWeights AttentionOutput,
    LayerNormWeights MlpNorm, LinearWeights MlpInput, LinearWeights MlpOutput);

/// <summary>Scale and shift, both [d].</summary>
public sealed record LayerNormWeights(float[] Scale, float[] Shift);

/// <summary>Weight [in, out] and bias [out].</summary>
public sealed record LinearWeights(float[] Weight, float[] Bias);
