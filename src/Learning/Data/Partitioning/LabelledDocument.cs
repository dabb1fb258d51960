namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>One text of a corpus that is to be shared out among users.</summary>
/// <param name="Text">Not blank.</param>
/// <param name="Label">Its category; null where the input has none.</param>
/// <param name="User">Who wrote it; null where the input does not say.</param>
/// <param name="Source">FILE:LINE of its first line, for messages; lines count from 1.</param>
public sealed record LabelledDocument(string Text, string? Label, string? User, string Source)
{
    /// <summary>A field that a partition goes by.</summary>
    /// <exception cref="BadInputException">The document has none, or a blank one.</exception>
    internal string Require(string? value, string what) =>
        !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new BadInputException($"{Source}: the document has no {what}, and this partition goes by it.");
}
