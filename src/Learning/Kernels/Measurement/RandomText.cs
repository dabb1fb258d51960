using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Kernels.Measurement;

/// <summary>The same random tokens in every micro-batch: speed does not depend on which they are.</summary>
internal sealed class RandomText(int vocabularySize) : IBatchSource
{
    public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
    {
        var random = new Random(1);
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.Next(vocabularySize);
            targets[i] = random.Next(vocabularySize);
        }
    }
}
