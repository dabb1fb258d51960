using System.Collections.Immutable;
using CoMiGS.Learning;
using CoMiGS.Learning.Methods;

namespace CoMiGS.Results.RunFiles;

/// <summary>Reads a run file with its overrides and checks all that can be checked without opening other
/// files.</summary>
internal static class RunFileReader
{
    /// <summary>For messages: see <see cref="IsName"/>.</summary>
    public const string Name = "at most 64 ASCII letters, digits, '.', '_' and '-', the first a letter or digit";

    public const int LongestName = 64;

    /// <returns>With absolute paths and every value filled in.</returns>
    /// <exception cref="BadInputException">The first thing that is wrong.</exception>
    public static RunFile Read(string path, IEnumerable<string> settings)
    {
        var root = YamlText.ReadFile(path);
        Overrides.Apply(root, settings);
        return Bind(root, path, Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Reads back what <see cref="YamlWriter"/> wrote: every value filled in, paths absolute.</summary>
    /// <exception cref="BadInputException">It was written by another version of this program.</exception>
    public static RunFile ReadResolved(string text, string name) => Bind(YamlText.ReadText(text, name), name, "/");

    private static RunFile Bind(ConfigMap root, string path, string folder)
    {
        root.Entries.Remove("methods", out var methods);
        CheckTopKeys(root);
        var file = Binder.Bind(root, "", new RunFile());
        CheckNames(file, path);
        file = file with { Methods = BindMethods(methods, file) };
        file = file with
        {
            Source = path,
            Base = Absolute("base", file.Base),
            Data = file.Data with { Folder = Absolute("data.folder", file.Data.Folder) },
            Devices = file.Devices is { File: { } table }
                ? file.Devices with { File = Absolute("devices.file", table) }
                : file.Devices,
        };
        CheckUsers(file, path);
        return file;

        string Absolute(string key, string name) => name.Contains('\0', StringComparison.Ordinal)
            ? throw new BadInputException($"{path}: '{key}' is '{name}', but a path has no character 0.")
            : Path.GetFullPath(name, folder);
    }

    /// <summary>First a letter or digit, then these, '.', '_' and '-'; at most 64: good for a grain key and for a
    /// folder.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(text[0])
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>'methods' is known here, not to the binder.</summary>
    private static void CheckTopKeys(ConfigMap root)
    {
        var known = Binder.Keys(typeof(RunFile)).Select(Binder.KeyOf).Append("methods").ToArray();
        foreach (var (key, value) in root.Entries.Where(entry => !known.Contains(entry.Key)))
        {
            throw Binder.Unknown(value.Where, "key", key, known);
        }
    }

    private static ImmutableSortedDictionary<string, MethodSettings> BindMethods(ConfigNode? node, RunFile file)
    {
        var result = ImmutableSortedDictionary.CreateBuilder<string, MethodSettings>(StringComparer.Ordinal);
        if (node is null)
        {
            return result.ToImmutable();
        }

        var names = MethodCatalog.All.Select(method => method.Name).ToArray();
        var map = node as ConfigMap ?? throw Binder.Mistyped(node, "methods", "names of methods");
        foreach (var (name, settings) in map.Entries)
        {
            if (!names.Contains(name))
            {
                throw Binder.Unknown(settings.Where, "method", name, names);
            }

            result[name] = Binder.Bind(settings, $"methods.{name}", file.SettingsOf(name));
        }

        return result.ToImmutable();
    }

    private static void CheckNames(RunFile file, string path)
    {
        Require(IsName(file.Name), "name", file.Name, Name);
        Require(file.Base.Length > 0, "base", file.Base, "the folder of the base model");
        Require(file.Data.Folder.Length > 0, "data.folder", file.Data.Folder, "the folder of the users' shards");
        Require(file.Users.Length > 0, "users", "", "a list of at least one user");
        Require(file.Data.Evaluate == MeasuredText.Test || file.Data.Holdout > 0, "data.holdout", "0",
            "above 0 where 'data.evaluate' is holdout");
        RequireKnown("method", [file.Method], [.. MethodCatalog.All.Select(method => method.Name)]);
        RequireKnown("baselines", file.Baselines, [.. MethodCatalog.All.Select(method => method.Name)]);
        Require(file.Targets.Length > 0, "targets", "", "own, mixture or both");
        RequireKnown("targets", file.Targets, [RunFile.OwnTarget, RunFile.MixtureTarget]);
        RequireDistinct(path, "targets", file.Targets);
        foreach (var name in file.Users.SelectMany(user => new[] { user.Id, user.Data ?? user.Id }))
        {
            Require(IsName(name) || name == Population.Everybody, "users", name, Name);
        }

        if (file.Devices is not null)
        {
            DeviceProfiles.Check(file.Devices, path);
        }

        void Require(bool holds, string key, string value, string wanted)
        {
            if (!holds)
            {
                throw new BadInputException(value.Length == 0
                    ? $"{path}: '{key}' is missing; it must be {wanted}."
                    : $"{path}: '{key}' is '{value}', but must be {wanted}.");
            }
        }

        void RequireKnown(string key, IEnumerable<string> words, string[] known)
        {
            if (words.FirstOrDefault(word => !known.Contains(word)) is { } unknown)
            {
                throw Binder.Unknown(path, $"the value in '{key}'", unknown, known);
            }
        }

    }

    /// <summary>Ids of a population are made, so they are checked once they are.</summary>
    private static void CheckUsers(RunFile file, string path)
    {
        var count = file.Users.Sum(entry => (long)entry.Count);
        if (count > Population.MostUsers)
        {
            throw new BadInputException(
                $"{path}: 'users' asks for {count} users, but a run has at most {Population.MostUsers}.");
        }

        var users = Population.Of(file);
        if (users.FirstOrDefault(user => !IsName(user.Id)) is { } bad)
        {
            throw new BadInputException($"{path}: 'users' gives the id '{bad.Id}', but it must be {Name}.");
        }

        RequireDistinct(path, "users", users.Select(user => user.Id));
    }

    private static void RequireDistinct(string path, string key, IEnumerable<string> words)
    {
        if (words.GroupBy(word => word).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new BadInputException($"{path}: '{twice.Key}' stands twice in '{key}'.");
        }
    }
}
