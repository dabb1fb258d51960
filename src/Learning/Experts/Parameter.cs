namespace CoMiGS.Learning.Experts;

/// <summary>The linear map of a block that an adapter sits on. Names in checkpoints follow GPT-2.</summary>
public enum AdapterSite
{
    /// <summary>attn.c_attn: d → 3d.</summary>
    AttentionInput,

    /// <summary>attn.c_proj: d → d.</summary>
    AttentionOutput,

    /// <summary>mlp.c_fc: d → 4d.</summary>
    MlpInput,

    /// <summary>mlp.c_proj: 4d → d.</summary>
    MlpOutput,

    /// <summary>mlp.per_token_router: d → n. Not an adapter: one matrix, no A and B.</summary>
    Router,
}

/// <summary>Which matrix of its site a parameter is.</summary>
public enum Factor
{
    /// <summary>lora_A [r, d_in]</summary>
    A,

    /// <summary>lora_B [d_out, r]</summary>
    B,

    /// <summary>The router's weight [n, d].</summary>
    Weight,
}

/// <summary>One trainable matrix, row-major, inside a user's flat parameter vector.</summary>
/// <param name="Name">Name in recordings and safetensors files.</param>
/// <param name="Layer">Block, 0-based.</param>
/// <param name="Expert">Expert for MLP sites; 0 elsewhere.</param>
/// <param name="Offset">First element in the flat vector.</param>
public sealed record Parameter(
    string Name, AdapterSite Site, Factor Factor, int Layer, int Expert, int Rows, int Columns, int Offset)
{
    public int Length => Rows * Columns;
}
