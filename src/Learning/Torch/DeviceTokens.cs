using CoMiGS.Learning.Model;
using static TorchSharp.torch;

namespace CoMiGS.Learning.Torch;

/// <summary>Tokens on their way to the device. Checked here: a token outside the vocabulary would take a GPU
/// down.</summary>
internal static class DeviceTokens
{
    /// <exception cref="ArgumentOutOfRangeException">A token is negative or not below the vocabulary's
    /// size.</exception>
    public static Tensor Upload(ReadOnlySpan<int> tokens, ModelShape model, Device device)
    {
        var longs = new long[tokens.Length];
        for (var i = 0; i < tokens.Length; i++)
        {
            if ((uint)tokens[i] >= (uint)model.VocabularySize)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(tokens), tokens[i], $"A token must be at least 0 and below {model.VocabularySize}.");
            }

            longs[i] = tokens[i];
        }

        return tensor(longs, [longs.Length], device: device);
    }
}
