using PmBot.Hosting;
using PmBot.LiteDb;
using PmBot.Storage;

return await Cli.RunAsync(args, new StoreEngines([.. StoreEngines.BuiltIn.All, new LiteStoreEngine()]));
