using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;

namespace CoMiGS.Results.RunFiles;

/// <summary>Lays a tree over a record: every key is a property in camelCase, every value has the property's type and
/// range. The record that comes out is new; properties without a key keep their value.</summary>
internal static class Binder
{
    /// <param name="path">Dotted key of the node, for messages; empty at the top.</param>
    /// <exception cref="BadInputException">An unknown key, a wrong type, or a value out of range.</exception>
    public static T Bind<T>(ConfigNode node, string path, T start)
        where T : class => (T)BindRecord(node, path, start);

    /// <summary>The keys of a record, in order of declaration.</summary>
    public static IEnumerable<PropertyInfo> Keys(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is not null);

    public static string KeyOf(PropertyInfo property) => Camel(property.Name);

    /// <summary>A name of the program as a run file spells it.</summary>
    public static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);

    /// <summary>A section, as opposed to a value.</summary>
    public static bool IsSection(Type type) => type.IsClass && type != typeof(string);

    public static BadInputException Mistyped(ConfigNode node, string path, string wanted) => node switch
    {
        ConfigScalar { Text: "" } => new($"{node.Where}: '{path}' has no value, but must be {wanted}."),
        ConfigScalar scalar => new($"{node.Where}: '{path}' is '{scalar.Text}', but must be {wanted}."),
        ConfigList => new($"{node.Where}: '{path}' is a list, but must be {wanted}."),
        _ => new($"{node.Where}: '{path}' has keys below it, but must be {wanted}."),
    };

    public static BadInputException Unknown(string where, string what, string word, IEnumerable<string> known) =>
        new($"{where}: {what} '{word}' is not known; did you mean '{Nearest.Of(word, known)}'?");

    private static object BindRecord(ConfigNode node, string path, object start)
    {
        var type = start.GetType();
        var properties = Keys(type).ToDictionary(KeyOf);
        if (node is not ConfigMap map)
        {
            throw Mistyped(node, path, $"keys such as '{properties.Keys.First()}'");
        }

        var result = Activator.CreateInstance(type)!;
        foreach (var (key, property) in properties)
        {
            var value = property.GetValue(start);
            if (map.Entries.TryGetValue(key, out var inner))
            {
                value = BindValue(inner, Join(path, key), property.PropertyType, value);
                CheckRange(inner, Join(path, key), property, value);
            }

            property.SetValue(result, value);
        }

        var unknown = map.Entries.FirstOrDefault(entry => !properties.ContainsKey(entry.Key));
        return unknown.Key is null
            ? result
            : throw Unknown(
                unknown.Value.Where, path.Length == 0 ? "key" : $"key in '{path}'", unknown.Key, properties.Keys);
    }

    private static object BindValue(ConfigNode node, string path, Type type, object? start)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return BindValue(node, path, inner, null);
        }

        if (type == typeof(ImmutableArray<string>))
        {
            return Items(node, path).Select(item => Text(item, path)).ToImmutableArray();
        }

        if (type == typeof(ImmutableArray<int>))
        {
            return Items(node, path).Select(item => (int)BindScalar(item, path, typeof(int))).ToImmutableArray();
        }

        if (type == typeof(ImmutableArray<FaultRule>))
        {
            return Items(node, path).Select((item, index) => Bind(item, $"{path}[{index + 1}]", new FaultRule()))
                .ToImmutableArray();
        }

        if (type == typeof(ImmutableArray<UserEntry>))
        {
            return node is ConfigScalar { Text: "all" }
                ? [new UserEntry { Id = Population.Everybody }]
                : Items(node, path).Select((item, index) => BindUser(item, $"{path}[{index + 1}]")).ToImmutableArray();
        }

        if (type == typeof(ImmutableSortedDictionary<string, DeviceClass>))
        {
            return BindClasses(node, path);
        }

        return IsSection(type)
            ? BindRecord(node, path, start ?? Activator.CreateInstance(type)!)
            : BindScalar(node, path, type);
    }

    private static UserEntry BindUser(ConfigNode node, string path)
    {
        var user = node is ConfigScalar ? new() { Id = Text(node, path) } : Bind(node, path, new UserEntry());
        return user.Id.Length > 0
            ? user
            : throw new BadInputException(
                $"{node.Where}: '{path}.id' is missing; it must be {RunFileReader.Name}.");
    }

    private static ImmutableSortedDictionary<string, DeviceClass> BindClasses(ConfigNode node, string path) =>
        (node as ConfigMap ?? throw Mistyped(node, path, "names of classes")).Entries.ToImmutableSortedDictionary(
            entry => RunFileReader.IsName(entry.Key)
                ? entry.Key
                : throw new BadInputException(
                    $"{entry.Value.Where}: the name '{entry.Key}' in '{path}' must be {RunFileReader.Name}."),
            entry => Bind(entry.Value, Join(path, entry.Key), new DeviceClass()), StringComparer.Ordinal);

    private static IReadOnlyList<ConfigNode> Items(ConfigNode node, string path) =>
        (node as ConfigList)?.Items ?? throw Mistyped(node, path, "a list such as [a, b]");

    private static object BindScalar(ConfigNode node, string path, Type type)
    {
        if (type == typeof(string))
        {
            return Text(node, path);
        }

        var scalar = node as ConfigScalar;
        var text = scalar is { IsQuoted: false } ? scalar.Text : null;
        if (type.IsEnum)
        {
            var names = Enum.GetNames(type).Select(Camel).ToArray();
            return text is not null && names.Contains(text)
                ? Enum.Parse(type, text, ignoreCase: true)
                : throw Mistyped(node, path, string.Join(" or ", names));
        }

        if (type == typeof(double))
        {
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                && double.IsFinite(number)
                ? number
                : throw Mistyped(node, path, "a number");
        }

        if (type == typeof(bool))
        {
            return text is "true" or "false" ? text == "true" : throw Mistyped(node, path, "true or false");
        }

        return type == typeof(ulong)
            ? ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                ? seed
                : throw Mistyped(node, path, $"a whole number from 0 to {ulong.MaxValue}")
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                ? integer
                : throw Mistyped(node, path, "a whole number");
    }

    private static string Text(ConfigNode node, string path) =>
        node is ConfigScalar scalar && !string.IsNullOrWhiteSpace(scalar.Text)
            && (scalar.IsQuoted || scalar.Text != "~")
            ? scalar.Text
            : throw Mistyped(node, path, "text");

    private static void CheckRange(ConfigNode node, string path, PropertyInfo property, object value)
    {
        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture,
                $"{node.Where}: '{path}' is {value}, but must be from {range.Minimum} to {range.Maximum}."));
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
