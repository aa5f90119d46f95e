using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests;

/// <summary>Ends what the tests share.</summary>
[SetUpFixture]
internal sealed class SharedServers
{
    [OneTimeTearDown]
    public async Task EndAsync() => await PostgresServer.EndSharedAsync();
}
