using System.Text;
using System.Text.Json;

namespace CoMiGS.Learning;

/// <summary>Reads files a person supplied; every failure names the file in one sentence.</summary>
public static class InputFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Some editors put it before UTF-8 text; it is no part of the text.</summary>
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <exception cref="BadInputException">Missing, unreadable, or larger than 2 GiB.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{path}: there is no such file.", error);
        }
        catch (UnauthorizedAccessException error) when (Directory.Exists(path))
        {
            throw new BadInputException($"{path}: a file is needed, but that is a folder.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{path}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>A text file, UTF-8, without its byte order mark.</summary>
    /// <exception cref="BadInputException">As <see cref="ReadBytes"/>, or not UTF-8.</exception>
    public static string ReadText(string path) => Utf8(ReadBytes(path), path);

    /// <summary>The text of a file's bytes, without their byte order mark.</summary>
    /// <exception cref="BadInputException">Not UTF-8; names the first wrong byte and its line.</exception>
    public static string Utf8(byte[] bytes, string path)
    {
        try
        {
            return StrictUtf8.GetString(WithoutMark(bytes).Span);
        }
        catch (DecoderFallbackException error)
        {
            var at = error.Index + bytes.Length - WithoutMark(bytes).Length;
            var line = 1 + bytes.AsSpan(0, at).Count((byte)'\n');
            throw new BadInputException($"{path}:{line}: byte {at} is not UTF-8 text.", error);
        }
    }

    /// <summary>A JSON file whose top is an object.</summary>
    /// <exception cref="BadInputException">As <see cref="ReadBytes"/>, or not a JSON object.</exception>
    public static JsonElement ReadJson(string path)
    {
        try
        {
            using var document = StrictJson.Parse(WithoutMark(ReadBytes(path)));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw new BadInputException($"{path}: the top of the file must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw new BadInputException($"{path}: not valid JSON{Where(error)}.", error);
        }
    }

    /// <summary>For a sentence; nothing where the parser does not say.</summary>
    internal static string Where(JsonException error) => error.LineNumber is { } line ? $" at line {line + 1}" : "";

    private static ReadOnlyMemory<byte> WithoutMark(byte[] bytes) =>
        bytes.AsMemory(bytes.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0);
}
