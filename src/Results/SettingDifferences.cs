using System.Collections.Immutable;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Results;

/// <summary>What differs between the settings of several runs.</summary>
internal static class SettingDifferences
{
    private const string Missing = "(not set)";

    /// <param name="runs">A label and a resolved run file.</param>
    /// <param name="ignored">Keys that are meant to differ.</param>
    /// <returns>One line a key: "KEY: VALUE (LABEL) → VALUE (LABEL) …", in order of key.</returns>
    public static ImmutableArray<string> Of(
        IReadOnlyList<(string Label, string RunFile)> runs, params IReadOnlyCollection<string> ignored)
    {
        var settings = runs.Select(run => Flatten(YamlText.ReadText(run.RunFile, run.Label))).ToArray();
        return
        [
            .. from key in settings.SelectMany(run => run.Keys).Distinct().Order(StringComparer.Ordinal)
               where !ignored.Contains(key)
               let values = settings.Select(run => run.GetValueOrDefault(key, Missing)).ToArray()
               where values.Distinct().Count() > 1
               select $"{key}: {string.Join(" → ", values.Zip(runs, (value, run) => $"{value} ({run.Label})"))}",
        ];
    }

    private static SortedDictionary<string, string> Flatten(ConfigMap root)
    {
        var flat = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Add(root, "");
        return flat;

        void Add(ConfigMap map, string prefix)
        {
            foreach (var (key, value) in map.Entries)
            {
                if (value is ConfigMap inner)
                {
                    Add(inner, $"{prefix}{key}.");
                }
                else
                {
                    flat[prefix + key] = Text(value);
                }
            }
        }
    }

    private static string Text(ConfigNode node) => node switch
    {
        ConfigScalar scalar => scalar.Text,
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Text))}]",
        ConfigMap map => $"{{ {string.Join(", ", map.Entries.Select(entry => $"{entry.Key}: {Text(entry.Value)}"))} }}",
        _ => throw new ArgumentException($"No text for {node.GetType()}.", nameof(node)),
    };
}
