using System.Text;
using CoMiGS.Learning;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CoMiGS.Driver.RunFiles;

/// <summary>YAML text as a tree of <see cref="ConfigNode"/>.</summary>
internal static class YamlText
{
    private const int LongestFile = 1 << 20;
    private const int DeepestNesting = 16;

    /// <summary>Reads a file whose top is a mapping.</summary>
    /// <exception cref="BadInputException">Missing, not UTF-8, not YAML, or of another shape; names the
    /// line.</exception>
    public static ConfigMap ReadFile(string path)
    {
        var bytes = InputFile.ReadBytes(path);
        if (bytes.Length > LongestFile)
        {
            throw new BadInputException($"{path} has {bytes.Length} bytes; a run file has at most {LongestFile}.");
        }

        return Parse(Decode(bytes, path), path) as ConfigMap
            ?? throw new BadInputException($"{path}: the top of a run file must be 'key: value' lines.");
    }

    /// <summary>The value of a --set: one YAML value on one line.</summary>
    public static ConfigNode ParseValue(string text, string where) =>
        Parse(text, where) ?? throw new BadInputException($"{where} has no value.");

    private static string Decode(byte[] bytes, string path)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new BadInputException($"{path}: byte {error.Index} is not UTF-8 text.", error);
        }
    }

    private static ConfigNode? Parse(string text, string name)
    {
        CheckNesting(text, name);
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(text));
        }
        catch (YamlException error)
        {
            var reason = error.InnerException?.Message ?? error.Message;
            throw new BadInputException($"{At(name, error.Start)}: not valid YAML: {OneLine(reason)}", error);
        }
        catch (InvalidOperationException error)
        {
            // The scanner ends so on some plain scalars that run into the end of a flow list.
            throw new BadInputException($"{name}: not valid YAML; a bracket or quote is probably not closed.", error);
        }

        return stream.Documents.Count switch
        {
            0 => null,
            1 => Convert(stream.Documents[0].RootNode, name, null, 0),
            _ => throw new BadInputException($"{name}: a run file is one YAML document, not {stream.Documents.Count}."),
        };
    }

    /// <summary>The parser recurses: brackets nested by the thousand would end the process, not the parse.</summary>
    private static void CheckNesting(string text, string name)
    {
        int depth = 0, dashes = 0;
        foreach (var c in text)
        {
            depth += c is '[' or '{' ? 1 : c is ']' or '}' ? -1 : 0;
            dashes = c == '-' ? dashes + 1 : c == ' ' ? dashes : 0;
            if (depth > 64 || dashes > 64)
            {
                throw new BadInputException($"{name}: nested too deeply for a run file.");
            }
        }
    }

    private static ConfigNode Convert(YamlNode node, string name, string? whereOfKey, int depth)
    {
        var where = whereOfKey ?? At(name, node.Start);
        if (depth > DeepestNesting)
        {
            throw new BadInputException($"{where}: nested more than {DeepestNesting} deep.");
        }

        return node switch
        {
            YamlScalarNode scalar => new ConfigScalar(where, scalar.Value ?? "", scalar.Style != ScalarStyle.Plain),
            YamlSequenceNode list =>
                new ConfigList(where, [.. list.Children.Select(item => Convert(item, name, null, depth + 1))]),
            YamlMappingNode map => ConvertMap(map, where, name, depth),
            _ => throw new BadInputException($"{where}: not a value."),
        };
    }

    private static ConfigMap ConvertMap(YamlMappingNode map, string where, string name, int depth)
    {
        var result = ConfigMap.Empty(where);
        foreach (var (key, value) in map.Children)
        {
            var at = At(name, key.Start);
            var text = (key as YamlScalarNode)?.Value ?? throw new BadInputException($"{at}: a key must be a word.");
            result.Entries[text] = Convert(value, name, at, depth + 1);
        }

        return result;
    }

    /// <summary>A --set has no lines.</summary>
    private static string At(string name, Mark mark) =>
        name.StartsWith("--", StringComparison.Ordinal) ? name : $"{name}:{mark.Line}";

    private static string OneLine(string text) =>
        string.Join(
            ' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
