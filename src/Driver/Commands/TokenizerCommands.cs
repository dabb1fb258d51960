using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Learning.Data;

namespace CoMiGS.Driver.Commands;

/// <summary>tokenizer train, and tokenize: from text to shards.</summary>
internal static class TokenizerCommands
{
    public static Command CreateTokenizer(Terminal terminal) =>
        new("tokenizer", "Make tokenizers.") { Train(terminal) };

    public static Command CreateTokenize(Terminal terminal)
    {
        var text = new Argument<string>("TEXT")
        {
            Description = "UTF-8 text; documents are separated by a line that is one form feed.",
        };
        var tokenizer = Required("--tokenizer", "The tokenizer.json to use.");
        var shard = Required("--out", "The shard to write: unsigned 16-bit little-endian ids.");
        var format = CommonOptions.Format();
        var command = new Command("tokenize", "Turn text into a token shard.") { text, tokenizer, shard, format };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(shard)!;
            OutputFile.Check("--out", path, parsed.GetValue(text)!, parsed.GetValue(tokenizer)!);
            var rules = Tokenizer.Load(parsed.GetValue(tokenizer)!);
            var documents = DatasetBuilder.ReadDocuments(parsed.GetValue(text)!);
            OutputFile.Prepare("--out", path);
            int[] ids = [.. documents.SelectMany(rules.EncodeDocument)];
            TokenStream.Write(path, ids);
            Say(terminal, parsed.IsJson(format), $"{path}: {ids.Length} tokens of {documents.Length} documents.",
                new { file = path, tokens = ids.Length, documents = documents.Length });
        });
        return command;
    }

    private static Command Train(Terminal terminal)
    {
        var texts = new Argument<string[]>("TEXT") { Description = "UTF-8 texts.", Arity = ArgumentArity.OneOrMore };
        var size = new Option<int>("--vocabulary")
        {
            Description = "Ids, 257 to 65536.",
            HelpName = "N",
            DefaultValueFactory = _ => 2048,
        };
        var file = Required("--out", "The tokenizer.json to write.");
        var format = CommonOptions.Format();
        var command = new Command("train", "Learn a byte-level BPE from texts.") { texts, size, file, format };
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(file)!;
            OutputFile.Check("--out", path, parsed.GetValue(texts)!);
            OutputFile.Prepare("--out", path);
            var documents = parsed.GetValue(texts)!.SelectMany(DatasetBuilder.ReadDocuments);
            var learned = TokenizerTrainer.Train(documents, parsed.GetValue(size));
            learned.Save(path);
            Say(terminal, parsed.IsJson(format), $"{path}: {learned.VocabularySize} tokens.",
                new { file = path, vocabularySize = learned.VocabularySize });
        });
        return command;
    }

    private static Option<string> Required(string name, string description) =>
        new(name) { Description = description, HelpName = "FILE", Required = true };

    private static void Say<T>(Terminal terminal, bool isJson, string sentence, T figures) =>
        terminal.Out.WriteLine(isJson ? Json.Write(figures) : sentence);
}
