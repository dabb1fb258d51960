using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Results.RunFiles;

/// <summary>Writes a run file with every value filled in, without what is null; reading it back gives the same
/// run.</summary>
internal static class YamlWriter
{
    public static string Write(RunFile file)
    {
        var text = new StringBuilder();
        WriteSection(text, file, "");
        text.Append(file.Methods.IsEmpty ? "" : "methods:\n");
        foreach (var (name, settings) in file.Methods)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}:\n");
            WriteSection(text, settings, "    ");
        }

        return text.ToString();
    }

    private static void WriteSection(StringBuilder text, object section, string indent)
    {
        foreach (var property in Binder.Keys(section.GetType()))
        {
            if (property.GetValue(section) is { } value)
            {
                WriteEntry(text, Binder.KeyOf(property), value, indent);
            }
        }
    }

    private static void WriteEntry(StringBuilder text, string key, object value, string indent)
    {
        text.Append(indent).Append(key).Append(':');
        if (!Binder.IsSection(value.GetType()))
        {
            text.Append(' ').Append(Inline(value)).Append('\n');
            return;
        }

        text.Append('\n');
        if (value is not ImmutableSortedDictionary<string, DeviceClass> classes)
        {
            WriteSection(text, value, indent + "  ");
            return;
        }

        foreach (var (name, kind) in classes)
        {
            WriteEntry(text, name, kind, indent + "  ");
        }
    }

    private static string Inline(object value) => value switch
    {
        ImmutableArray<string> words => $"[{string.Join(", ", words.Select(Quote))}]",
        ImmutableArray<UserEntry> users => $"[{string.Join(", ", users.Select(Inline))}]",
        ImmutableArray<FaultRule> rules => $"[{string.Join(", ", rules.Select(Inline))}]",
        ImmutableArray<int> numbers => $"[{string.Join(", ", numbers.Select(number => Inline(number)))}]",
        UserEntry or FaultRule => $"{{ {string.Join(", ", KeysOf(value))} }}",
        string word => Quote(word),
        bool flag => flag ? "true" : "false",
        Enum name => Binder.Camel(name.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException($"A run file has no values of type {value.GetType()}.", nameof(value)),
    };

    private static IEnumerable<string> KeysOf(object record) =>
        from property in Binder.Keys(record.GetType())
        let value = property.GetValue(record)
        where value is not null
        select $"{Binder.KeyOf(property)}: {Inline(value)}";

    /// <summary>JSON strings are YAML strings.</summary>
    private static string Quote(string text) => IsPlain(text) ? text : JsonSerializer.Serialize(text);

    private static bool IsPlain(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
