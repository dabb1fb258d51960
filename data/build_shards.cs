#:project ../src/Learning/Learning.csproj
// dotnet run build_shards.cs -- TEXT_DIR VOCABULARY_SIZE TOKENIZER_JSON BASE_SHARDS LANGUAGE_SHARDS DOMAIN_SHARDS
// Learns the tokenizer from the English training text and encodes every language and domain into shards; the texts of
// the larger base become one shard each, BASE_SHARDS/base-large/NAME.bin.
using CoMiGS.Learning.Data;

var (text, vocabularySize, tokenizerPath, baseShards) = (args[0], int.Parse(args[1]), args[2], args[3]);
var english = DatasetBuilder.ReadDocuments(Path.Combine(text, "base", "en", "train.txt"));
TokenizerTrainer.Train(english, vocabularySize).Save(tokenizerPath);
var tokenizer = Tokenizer.Load(tokenizerPath);
DatasetBuilder.Build(Path.Combine(text, "base"), tokenizer, baseShards);
DatasetBuilder.Build(Path.Combine(text, "users"), tokenizer, args[4]);
DatasetBuilder.Build(Path.Combine(text, "domains"), tokenizer, args[5]);

var larger = Directory.CreateDirectory(Path.Combine(baseShards, "base-large")).FullName;
foreach (var file in Directory.EnumerateFiles(Path.Combine(text, "base-large"), "*.txt"))
{
    var documents = DatasetBuilder.ReadDocuments(file);
    int[] ids = [.. documents.SelectMany(tokenizer.EncodeDocument)];
    TokenStream.Write(Path.Combine(larger, $"{Path.GetFileNameWithoutExtension(file)}.bin"), ids);
}
