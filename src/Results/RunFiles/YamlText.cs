using CoMiGS.Learning;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace CoMiGS.Results.RunFiles;

/// <summary>YAML text as a tree of <see cref="ConfigNode"/>.</summary>
internal static class YamlText
{
    private const int LongestFile = 1 << 20;
    private const int DeepestNesting = 16;
    private const int EventsAroundTheTop = 2;   // stream and document

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

        return ReadText(InputFile.Utf8(bytes, path), path);
    }

    /// <summary>Reads text whose top is a mapping.</summary>
    /// <param name="name">Where it comes from, for messages.</param>
    /// <exception cref="BadInputException">Not YAML, or of another shape; names the line.</exception>
    public static ConfigMap ReadText(string text, string name) => Parse(text, name) as ConfigMap
        ?? throw new BadInputException($"{name}: the top of a run file must be 'key: value' lines.");

    /// <summary>The value of a --set: one YAML value on one line.</summary>
    public static ConfigNode ParseValue(string text, string where) =>
        Parse(text, where) ?? throw new BadInputException($"{where} has no value.");

    private static ConfigNode? Parse(string text, string name)
    {
        var stream = new YamlStream();
        try
        {
            CheckEvents(new(new StringReader(text)), name);
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
            1 => Convert(stream.Documents[0].RootNode, name, null),
            _ => throw new BadInputException($"{name}: a run file is one YAML document, not {stream.Documents.Count}."),
        };
    }

    /// <summary>What builds the tree recurses, and an alias stands for a whole tree: a short text could end the process
    /// or never end. The parser's events come one by one.</summary>
    private static void CheckEvents(Parser parser, string name)
    {
        var depth = -EventsAroundTheTop;
        while (parser.MoveNext())
        {
            var found = parser.Current!;
            depth += found.NestingIncrease;
            if (depth > DeepestNesting)
            {
                throw new BadInputException($"{At(name, found.Start)}: nested more than {DeepestNesting} deep.");
            }

            if (found is AnchorAlias or NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false })
            {
                throw new BadInputException(
                    $"{At(name, found.Start)}: a run file has no tags, anchors or aliases ('!', '&', '*'); "
                    + "quote text that begins so.");
            }
        }
    }

    private static ConfigNode Convert(YamlNode node, string name, string? whereOfKey)
    {
        var where = whereOfKey ?? At(name, node.Start);
        return node switch
        {
            YamlScalarNode scalar => new ConfigScalar(where, scalar.Value ?? "", scalar.Style != ScalarStyle.Plain),
            YamlSequenceNode list =>
                new ConfigList(where, [.. list.Children.Select(item => Convert(item, name, null))]),
            YamlMappingNode map => ConvertMap(map, where, name),
            _ => throw new BadInputException($"{where}: not a value."),
        };
    }

    private static ConfigMap ConvertMap(YamlMappingNode map, string where, string name)
    {
        var result = ConfigMap.Empty(where);
        foreach (var (key, value) in map.Children)
        {
            var at = At(name, key.Start);
            var text = (key as YamlScalarNode)?.Value ?? throw new BadInputException($"{at}: a key must be a word.");
            result.Entries[text] = Convert(value, name, at);
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
