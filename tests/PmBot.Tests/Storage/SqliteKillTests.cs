using NUnit.Framework;
using PmBot.Storage;

namespace PmBot.Tests.Storage;

[TestFixture]
internal sealed class SqliteKillTests : KillContract
{
    protected override string Engine => "Sqlite";

    protected override IReadOnlyList<string> Damage(IReadTransaction transaction) => Check(transaction);

    /// <summary>SQLite's own check.</summary>
    /// <returns>What is damaged.</returns>
    internal static IReadOnlyList<string> Check(IReadTransaction transaction) => [.. transaction.Query<string>("pragma integrity_check").Where(line => line != "ok")];
}
