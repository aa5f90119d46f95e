using PmBot.Hosting;

return await Cli.RunAsync(args);
