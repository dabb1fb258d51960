namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>A rule that says whose a document is. To add one: a class here, and its name in
/// PartitionArguments.</summary>
public interface IPartitioner
{
    /// <summary>A user for every document: a pure function of the documents and the rule's own seed. Another order of
    /// the documents changes nobody's.</summary>
    /// <exception cref="BadInputException">A document lacks what the rule goes by.</exception>
    Assignment Assign(IReadOnlyList<LabelledDocument> documents);
}

/// <summary>Whose each document is.</summary>
/// <param name="Users">Every user, also those without a document; in ordinal order, distinct.</param>
/// <param name="UserOf">Of every document, in the documents' order: an index into <paramref name="Users"/>.</param>
public sealed record Assignment(IReadOnlyList<string> Users, IReadOnlyList<int> UserOf);
