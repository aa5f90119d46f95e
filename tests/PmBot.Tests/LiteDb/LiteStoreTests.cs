using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;
using PmBot.LiteDb;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.LiteDb;

[TestFixture]
public sealed class LiteStoreTests : StoreContract
{
    private string _folder = "";

    private string File => Path.Combine(_folder, "data", "pmbot.litedb");

    [TearDown]
    public async Task Clean()
    {
        await Store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        _folder = "";
    }

    protected override IStore Open()
    {
        if (_folder.Length == 0)
        {
            _folder = Directory.CreateTempSubdirectory("pmbot-litedb-").FullName;
        }

        return LiteStore.Open($"Filename={File}", TimeProvider.System, NullLogger<LiteStore>.Instance);
    }
}
