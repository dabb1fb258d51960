using CoMiGS.Driver;

return await Cli.RunAsync(args, Console.Out, Console.Error);
