using CoMiGS.Learning;

namespace CoMiGS.Results.RunFiles;

/// <summary>--set KEY=VALUE laid over a run file.</summary>
internal static class Overrides
{
    /// <summary>Sets dotted keys, later ones winning. What they mean is checked with the rest of the file.</summary>
    /// <exception cref="BadInputException">No '=', an empty key, no value, or a key below something that has no
    /// keys.</exception>
    public static void Apply(ConfigMap root, IEnumerable<string> settings)
    {
        foreach (var setting in settings)
        {
            var split = setting.IndexOf('=');
            var path = split < 0 ? [] : setting[..split].Split('.');
            if (path.Length == 0 || path.Any(string.IsNullOrWhiteSpace))
            {
                throw new BadInputException($"--set '{setting}' must have the form key=value, for example rounds=5.");
            }

            var where = $"--set {setting[..split]}";
            Put(root, path, YamlText.ParseValue(setting[(split + 1)..], where), where);
        }
    }

    private static void Put(ConfigMap map, ReadOnlySpan<string> path, ConfigNode value, string where)
    {
        if (path.Length == 1)
        {
            map.Entries[path[0]] = value;
            return;
        }

        if (!map.Entries.TryGetValue(path[0], out var inner))
        {
            map.Entries[path[0]] = inner = ConfigMap.Empty(where);
        }

        Put(inner as ConfigMap ?? throw new BadInputException($"{where}: '{path[0]}' has no keys of its own."),
            path[1..], value, where);
    }
}
