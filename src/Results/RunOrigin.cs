using System.Text;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Results;

/// <summary>What results come from: the settings, and the bytes of every file that was read.</summary>
/// <param name="RunFile">The resolved run file.</param>
/// <param name="Inputs">Files with their SHA-256, as <c>sha256sum --check</c> reads them.</param>
internal sealed record RunOrigin(string RunFile, string Inputs)
{
    private static readonly string[] BaseFiles = ["config.json", "model.safetensors", "tokenizer.json"];

    /// <param name="hashes">Of files hashed before, by path; what is new is added.</param>
    /// <exception cref="BadInputException">A file cannot be read.</exception>
    public static RunOrigin Of(RunFile file, Dictionary<string, string> hashes)
    {
        var specs = Arms.Of(file, output: "/").Select(arm => arm.Spec).ToArray();
        var shards = specs.SelectMany(spec => spec.Users).SelectMany(user =>
            user.Train.Select(text => text.Shard).Concat(user.Valid)
                .Concat(user.Targets.SelectMany(target => target.Shards)));
        var model = BaseFiles.Select(name => Path.Combine(file.Base, name));
        string[] devices = file.Devices?.File is { } table ? [table] : [];
        var list = new StringBuilder();
        foreach (var path in model.Concat(shards).Concat(devices).Distinct().Order(StringComparer.Ordinal))
        {
            if (!hashes.TryGetValue(path, out var hash))
            {
                hashes[path] = hash = ContentHash.Of(InputFile.ReadBytes(path));
            }

            list.Append(hash).Append("  ").Append(path).Append('\n');
        }

        return new(YamlWriter.Write(file), list.ToString());
    }
}
