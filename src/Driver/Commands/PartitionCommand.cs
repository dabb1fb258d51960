using System.CommandLine;
using CoMiGS.Driver.Display;
using CoMiGS.Results;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Driver.Commands;

/// <summary>data partition: from a corpus to the shards of users.</summary>
internal static class PartitionCommand
{
    public static Command CreateData(Terminal terminal) => new("data", "Make users' data.") { Partition(terminal) };

    private static Command Partition(Terminal terminal)
    {
        var arguments = new PartitionArguments();
        var format = CommonOptions.Format();
        var command = new Command("partition", "Share a corpus out among users, as token shards.") { format };
        arguments.AddTo(command);
        command.SetAction(parsed =>
        {
            var job = arguments.Require(parsed);
            var tokenizer = Tokenizer.Load(job.Tokenizer);
            var summary = PartitionBuilder.Build(
                DocumentReader.Read(job.Inputs, job.Fields), tokenizer, job.Options, job.Folder);
            if (parsed.IsJson(format))
            {
                terminal.Out.WriteLine(Json.Write(new
                {
                    folder = job.Folder,
                    by = job.Rule,
                    seed = job.Options.Seed,
                    summary.Users,
                    summary.DroppedUsers,
                    summary.RepeatedDocuments,
                }));
                return;
            }

            PartitionTable.Write(terminal, job.Folder, summary);
        });
        return command;
    }
}
