namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Which keys of a JSON line, or columns of a CSV file, mean what.</summary>
/// <param name="Text">Every record has it, as text.</param>
/// <param name="Label">Text or a number.</param>
/// <param name="User">Text or a number.</param>
public sealed record FieldNames(string Text = "text", string Label = "label", string User = "user");
