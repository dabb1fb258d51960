using System.Text.Json;
using System.Text.Json.Serialization;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Learning.Data;

/// <summary>Which part of a user's data: experts train on train, routers on valid, results come from test.</summary>
public enum Split
{
    Train,
    Valid,
    Test,
}

/// <summary>One shard: its path relative to the manifest, its tokens, its SHA-256 in lower-case hex.</summary>
public sealed record ShardEntry(string File, long Tokens, string Sha256);

/// <summary>
/// A folder of token shards with its manifest <c>dataset.json</c>: which users there are, and of every shard the token
/// count and the SHA-256, so that a cut or changed byte is found when the shard is opened and named.
/// </summary>
public sealed class Dataset
{
    public const string ManifestName = "dataset.json";

    private readonly string directory;
    private readonly Manifest manifest;

    private Dataset(string directory, Manifest manifest) => (this.directory, this.manifest) = (directory, manifest);

    /// <summary>User ids in ordinal order.</summary>
    public IReadOnlyCollection<string> Users => manifest.Users.Keys;

    /// <summary>Every token id is below this.</summary>
    public int VocabularySize => manifest.VocabularySize;

    /// <summary>Name of a split's shard in its user's folder.</summary>
    public static string FileOf(Split split) => $"{NameOf(split)}.bin";

    /// <summary>Reads the manifest of a folder; shards are read when opened.</summary>
    /// <exception cref="BadInputException">Missing or damaged manifest.</exception>
    public static Dataset Open(string directory)
    {
        var path = Path.Combine(directory, ManifestName);
        var manifest = ReadManifest(JsonField.Read(path));
        CheckEntries(manifest, path);
        return new Dataset(directory, manifest);
    }

    /// <summary>Writes shards <c>USER/SPLIT.bin</c> and the manifest.</summary>
    /// <param name="directory">Created if missing.</param>
    /// <param name="vocabularySize">Every id is below this.</param>
    /// <param name="shards">Ids by user and split.</param>
    public static void Write(
        string directory, int vocabularySize, IReadOnlyDictionary<(string User, Split Split), int[]> shards)
    {
        var users = new SortedDictionary<string, SortedDictionary<string, ShardEntry>>(StringComparer.Ordinal);
        foreach (var ((user, split), ids) in shards)
        {
            var file = FileOf(user, NameOf(split));
            var path = Path.Combine(directory, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            TokenStream.Write(path, ids);
            users.TryAdd(user, new(StringComparer.Ordinal));
            users[user][NameOf(split)] = new ShardEntry(file, ids.Length, ContentHash.Of(File.ReadAllBytes(path)));
        }

        File.WriteAllText(
            Path.Combine(directory, ManifestName),
            JsonSerializer.Serialize(new Manifest(vocabularySize, users), ManifestJson.Default.Manifest) + "\n");
    }

    /// <summary>Opens one shard and compares it with the manifest.</summary>
    /// <exception cref="BadInputException">Unknown user or split, or a file that is not the one the manifest describes.
    /// </exception>
    public TokenStream OpenShard(string user, Split split)
    {
        if (!manifest.Users.TryGetValue(user, out var splits) || !splits.TryGetValue(NameOf(split), out var entry))
        {
            throw new BadInputException(
                $"{Path.Combine(directory, ManifestName)} has no {NameOf(split)} shard of user '{user}'; "
                + $"it has the users {string.Join(", ", Users)}.");
        }

        var path = Path.Combine(directory, entry.File);
        var bytes = InputFile.ReadBytes(path);
        if (bytes.Length / 2.0 != entry.Tokens)
        {
            throw new BadInputException(
                $"{path} has {bytes.Length} bytes, but {ManifestName} says {entry.Tokens} tokens of 2 bytes.");
        }

        Checksums.Verify(path, bytes, entry.Sha256, ManifestName);
        return TokenStream.Parse(path, bytes, VocabularySize);
    }

    private static Manifest ReadManifest(JsonField root)
    {
        root.RequireOnly("vocabularySize", "users");
        var users = new SortedDictionary<string, SortedDictionary<string, ShardEntry>>(StringComparer.Ordinal);
        foreach (var (user, splits) in root["users"].Entries())
        {
            users[user] = new(StringComparer.Ordinal);
            foreach (var (split, shard) in splits.Entries())
            {
                shard.RequireOnly("file", "tokens", "sha256");
                users[user][split] = new(
                    shard["file"].Text(), shard["tokens"].Whole(0, int.MaxValue), shard["sha256"].Text());
            }
        }

        return new(root["vocabularySize"].Whole(1, int.MaxValue), users);
    }

    /// <summary>A shard lies where runs look for it, and nowhere else: what is checked is what is read.</summary>
    private static void CheckEntries(Manifest manifest, string path)
    {
        foreach (var (user, shards) in manifest.Users)
        {
            foreach (var (split, shard) in shards)
            {
                var file = FileOf(user, split);
                if (shard.File != file || user.AsSpan().ContainsAny('/', '\\') || user is "" or "." or "..")
                {
                    throw new BadInputException(
                        $"{path}: 'users.{user}.{split}.file' is '{shard.File}', but must be '{file}', and the user's "
                        + "name that of a folder.");
                }
            }
        }
    }

    private static string FileOf(string user, string split) => $"{user}/{split}.bin";

    private static string NameOf(Split split) => split.ToString().ToLowerInvariant();
}

/// <summary>The content of <c>dataset.json</c>: shards by split name by user.</summary>
internal sealed record Manifest(
    int VocabularySize, SortedDictionary<string, SortedDictionary<string, ShardEntry>> Users);

[JsonSerializable(typeof(Manifest))]
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ManifestJson : JsonSerializerContext;
