using CoMiGS.Learning.Model;

namespace CoMiGS.Learning.Experts;

/// <summary>Where each trainable matrix of a user lies in its flat float vector. The order is
/// attention (all blocks) | expert 0 (all blocks) | expert 1 | … | routers,
/// so that everything a method shares is a prefix, and the same prefix for users with different numbers of experts.
/// Moments and gradients use the same layout.</summary>
public sealed class ParameterLayout
{
    private readonly Dictionary<(AdapterSite, Factor, int Layer, int Expert), Parameter> bySite = [];
    private readonly List<Parameter> parameters = [];

    private ParameterLayout(ModelShape model, AdapterShape adapters)
    {
        Model = model;
        Adapters = adapters;
        int width = model.Width, hidden = model.HiddenWidth;
        for (var layer = 0; layer < model.LayerCount; layer++)
        {
            AddPair(AdapterSite.AttentionInput, "attn.c_attn", layer, 0, adapters.AttentionRank, width, 3 * width);
            AddPair(AdapterSite.AttentionOutput, "attn.c_proj", layer, 0, adapters.AttentionRank, width, width);
        }

        for (var expert = 0; expert < adapters.ExpertCount; expert++)
        {
            for (var layer = 0; layer < model.LayerCount; layer++)
            {
                var name = $"mlp.experts.{expert}.";
                AddPair(AdapterSite.MlpInput, name + "c_fc", layer, expert, adapters.MlpRank, width, hidden);
                AddPair(AdapterSite.MlpOutput, name + "c_proj", layer, expert, adapters.MlpRank, hidden, width);
            }

            if (expert == 0)
            {
                GeneralistLength = Length;
            }
        }

        AdapterLength = Length;
        for (var layer = 0; adapters.Routes && layer < model.LayerCount; layer++)
        {
            Add(
                AdapterSite.Router, Factor.Weight, "mlp.per_token_router.weight", layer, 0, adapters.ExpertCount,
                width);
        }
    }

    public ModelShape Model { get; }

    public AdapterShape Adapters { get; }

    /// <summary>In order of offset, without gaps.</summary>
    public IReadOnlyList<Parameter> Parameters => parameters;

    /// <summary>Attention adapters and expert 0: elements [0, GeneralistLength).</summary>
    public int GeneralistLength { get; }

    /// <summary>Everything but the routers: elements [0, AdapterLength). Routers: [AdapterLength, Length).</summary>
    public int AdapterLength { get; }

    /// <summary>Floats in the flat vector.</summary>
    public int Length { get; private set; }

    /// <summary>Layouts are small but built often: callers keep them.</summary>
    /// <exception cref="BadInputException">The vector would be longer than an array can be.</exception>
    public static ParameterLayout Of(ModelShape model, AdapterShape adapters) => new(model, adapters);

    /// <summary>The matrix at a site.</summary>
    /// <exception cref="KeyNotFoundException">The layout has no such matrix.</exception>
    public Parameter this[AdapterSite site, Factor factor, int layer, int expert = 0] =>
        bySite[(site, factor, layer, expert)];

    private void AddPair(AdapterSite site, string name, int layer, int expert, int rank, int inputs, int outputs)
    {
        Add(site, Factor.A, name + ".lora_A", layer, expert, rank, inputs);
        Add(site, Factor.B, name + ".lora_B", layer, expert, outputs, rank);
    }

    private void Add(AdapterSite site, Factor factor, string name, int layer, int expert, int rows, int columns)
    {
        var parameter =
            new Parameter($"transformer.h.{layer}.{name}", site, factor, layer, expert, rows, columns, Length);
        parameters.Add(parameter);
        bySite.Add((site, factor, layer, expert), parameter);
        var length = Length + ((long)rows * columns);
        Length = length <= int.MaxValue
            ? (int)length
            : throw new BadInputException(
                $"a user's adapters would have {length} parameters or more, but at most {int.MaxValue} are possible; "
                + "lower the rank or the number of experts.");
    }
}
