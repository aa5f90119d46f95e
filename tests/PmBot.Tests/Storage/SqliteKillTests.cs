using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

[TestFixture]
internal sealed class SqliteKillTests : KillContract
{
    protected override string Engine => "Sqlite";

    protected override IReadOnlyList<string> Damage(IReadTransaction transaction) => [.. transaction.Query<string>("pragma integrity_check").Where(line => line != "ok")];
}
