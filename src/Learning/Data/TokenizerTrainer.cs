using System.Runtime.InteropServices;
using System.Text;

namespace CoMiGS.Learning.Data;

/// <summary>
/// Learns byte-pair merges (Sennrich, Haddow, Birch 2016): again and again the most frequent adjacent pair within words
/// becomes a token. Equal counts: the pair with the smaller ids, so the same texts give the same tokenizer.
/// Ids: 0–255 the bytes in GPT-2's order, then the merges as learned, last the end-of-text token.
/// </summary>
public sealed class TokenizerTrainer
{
    private readonly List<int[]> words = [];
    private readonly List<long> wordCounts = [];
    private readonly Dictionary<(int Left, int Right), long> pairCounts = [];
    private readonly Dictionary<(int Left, int Right), HashSet<int>> pairWords = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> queue = new();
    private readonly List<byte[]> bytesOfToken = [.. ByteAlphabet.InVocabularyOrder.Select(b => new[] { b })];
    private readonly List<(int Left, int Right, int Token)> merges = [];

    private TokenizerTrainer()
    {
    }

    /// <summary>Learns a tokenizer with <paramref name="vocabularySize"/> ids (257 … 65,536) from the texts.</summary>
    /// <exception cref="BadInputException">The size is out of range, or too large for the texts.</exception>
    public static Tokenizer Train(IEnumerable<string> texts, int vocabularySize)
    {
        if (vocabularySize is < 257 or > 65_536)
        {
            throw new BadInputException(
                $"vocabularySize is {vocabularySize}, but must be from 257 (bytes, end of text) to 65536 (16 bits).");
        }

        var trainer = new TokenizerTrainer();
        trainer.CountWords(texts);
        trainer.CountPairs();
        trainer.LearnMerges(vocabularySize - 1);
        trainer.bytesOfToken.Add(Encoding.UTF8.GetBytes(TokenizerFile.EndOfText));
        return new Tokenizer([.. trainer.bytesOfToken], trainer.merges, vocabularySize - 1);
    }

    private void CountWords(IEnumerable<string> texts)
    {
        var indexOfWord = new Dictionary<string, int>();
        var tokenOfByte = ByteAlphabet.InVocabularyOrder.Select((b, id) => (b, id)).ToDictionary(p => p.b, p => p.id);
        foreach (var text in texts)
        {
            var splitter = new WordSplitter(Encoding.UTF8.GetBytes(text));
            for (var word = splitter.Next(); word.Length > 0; word = splitter.Next())
            {
                ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(
                    indexOfWord, Encoding.Latin1.GetString(word), out var known);
                if (!known)
                {
                    index = words.Count;
                    words.Add([.. word.ToArray().Select(b => tokenOfByte[b])]);
                    wordCounts.Add(0);
                }

                wordCounts[index]++;
            }
        }
    }

    private void CountPairs()
    {
        for (var index = 0; index < words.Count; index++)
        {
            AddPairs(index, words[index], +1);
        }

        foreach (var pair in pairCounts.Keys)
        {
            Offer(pair);
        }
    }

    private void LearnMerges(int tokenCount)
    {
        while (bytesOfToken.Count < tokenCount)
        {
            if (!queue.TryDequeue(out var pair, out var priority))
            {
                throw new BadInputException(
                    $"The texts yield {bytesOfToken.Count + 1} tokens only, but vocabularySize is {tokenCount + 1}.");
            }

            if (pairCounts[pair] == -priority.NegativeCount)   // otherwise a newer entry of this pair is in the queue
            {
                Learn(pair);
            }
        }
    }

    private void Learn((int Left, int Right) pair)
    {
        var token = bytesOfToken.Count;
        bytesOfToken.Add([.. bytesOfToken[pair.Left], .. bytesOfToken[pair.Right]]);
        merges.Add((pair.Left, pair.Right, token));
        var changed = new HashSet<(int Left, int Right)>();
        foreach (var index in pairWords[pair].ToArray())
        {
            var before = words[index];
            words[index] = Replace(before, pair, token);
            AddPairs(index, before, -1);
            AddPairs(index, words[index], +1);
            changed.UnionWith(Pairs(before));
            changed.UnionWith(Pairs(words[index]));
        }

        foreach (var other in changed)
        {
            Offer(other);
        }
    }

    private void AddPairs(int index, int[] word, int sign)
    {
        foreach (var pair in Pairs(word))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(pairCounts, pair, out _) += sign * wordCounts[index];
            ref var where = ref CollectionsMarshal.GetValueRefOrAddDefault(pairWords, pair, out _);
            where ??= [];
            if (sign > 0)
            {
                where.Add(index);
            }
            else
            {
                where.Remove(index);
            }
        }
    }

    private void Offer((int Left, int Right) pair)
    {
        if (pairCounts[pair] is var count and > 0)
        {
            queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }
    }

    private static IEnumerable<(int Left, int Right)> Pairs(int[] word) => word.Zip(word.Skip(1));

    private static int[] Replace(int[] word, (int Left, int Right) pair, int token)
    {
        var result = new List<int>(word.Length);
        for (var i = 0; i < word.Length; i++)
        {
            var here = i + 1 < word.Length && word[i] == pair.Left && word[i + 1] == pair.Right;
            result.Add(here ? token : word[i]);
            i += here ? 1 : 0;
        }

        return [.. result];
    }
}
