using System.Text;

namespace CoMiGS.Fuzz;

/// <summary>Something in the program that reads bytes from outside.
/// To add one: a class that derives from this one, in Parsers; tests and tests/chaos/fuzz.sh find it by itself. A new
/// section of the run file needs no class: it is one more text among the seeds of RunFileParser.</summary>
/// <param name="fileName">Of the file that is read, below a folder of its own.</param>
/// <param name="words">What the format is made of: keys, values, brackets.</param>
internal abstract class Parser(string fileName, params string[] words)
{
    public static IReadOnlyList<Parser> All { get; } =
    [
        .. typeof(Parser).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Parser)) && type is { IsAbstract: false, IsNested: false })
            .OrderBy(type => type.Name, StringComparer.Ordinal)
            .Select(type => (Parser)Activator.CreateInstance(type)!),
    ];

    public string Name => GetType().Name;

    public string FileName { get; } = fileName;

    /// <summary>A refusal must say one of these.</summary>
    public virtual IReadOnlyList<string> Culprits => [FileName];

    public IReadOnlyList<byte[]> Words { get; } = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Contents that are accepted; mutants are made of them.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Bytes that reading may allocate for a byte of input, beside <see cref="BytesAlways"/>.</summary>
    public virtual int BytesPerByte => 200;

    /// <summary>Bytes that reading may allocate, whatever the input is.</summary>
    public virtual long BytesAlways(byte[] content) => 2 << 20;

    /// <summary>Reads a file as the program would, and uses what it says as far as nothing has to be trained.</summary>
    /// <exception cref="Learning.BadInputException">The content is refused: one sentence that names the
    /// file.</exception>
    public abstract void Read(string path);

    protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
