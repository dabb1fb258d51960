namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Whose a document is stands in it: a user for every label, or the one who wrote it (the natural
/// partition).</summary>
public sealed class FieldPartitioner : IPartitioner
{
    private readonly string what;
    private readonly Func<LabelledDocument, string?> field;

    private FieldPartitioner(string what, Func<LabelledDocument, string?> field) =>
        (this.what, this.field) = (what, field);

    public static FieldPartitioner ByLabel { get; } = new("label", document => document.Label);

    public static FieldPartitioner ByUser { get; } = new("user", document => document.User);

    /// <inheritdoc/>
    public Assignment Assign(IReadOnlyList<LabelledDocument> documents)
    {
        var valueOfName = new SortedDictionary<string, string>(StringComparer.Ordinal);
        string[] names = [.. documents.Select(document => Name(document, valueOfName))];
        var index = valueOfName.Keys.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i);
        return new([.. valueOfName.Keys], [.. names.Select(name => index[name])]);
    }

    private string Name(LabelledDocument document, SortedDictionary<string, string> valueOfName)
    {
        var value = document.Require(field(document), what);
        var name = UserName.Of(value, document.Source);
        return valueOfName.TryAdd(name, value) || valueOfName[name] == value
            ? name
            : throw new BadInputException(
                $"{document.Source}: the {what}s '{valueOfName[name]}' and '{value}' would both be user '{name}'.");
    }
}
