#:project ../src/Learning/Learning.csproj
// dotnet run build_shards.cs -- TEXT_DIR VOCABULARY_SIZE TOKENIZER_JSON BASE_SHARDS USER_SHARDS
// Learns the tokenizer from the English training text and encodes every language into shards.
using CoMiGS.Learning.Data;

var (text, vocabularySize, tokenizerPath) = (args[0], int.Parse(args[1]), args[2]);
var english = DatasetBuilder.ReadDocuments(Path.Combine(text, "base", "en", "train.txt"));
TokenizerTrainer.Train(english, vocabularySize).Save(tokenizerPath);
var tokenizer = Tokenizer.Load(tokenizerPath);
DatasetBuilder.Build(Path.Combine(text, "base"), tokenizer, args[3]);
DatasetBuilder.Build(Path.Combine(text, "users"), tokenizer, args[4]);
