using NUnit.Framework;
using PmBot.LiteDb;
using PmBot.Storage;
using PmBot.Tests.Storage;

namespace PmBot.Tests.LiteDb;

[TestFixture]
internal sealed class LiteKillTests : KillContract
{
    protected override string Engine => "LiteDb";

    protected override IReadOnlyList<string> Damage(IReadTransaction transaction) => ReadAll(transaction);

    /// <summary>LiteDB has no check of its own; all of it is read.</summary>
    /// <returns>Nothing: what is damaged cannot be read.</returns>
    internal static IReadOnlyList<string> ReadAll(IReadTransaction transaction)
    {
        foreach (var table in LiteSchema.Newest.Tables)
        {
            _ = transaction.Query<dynamic>($"select {string.Join(", ", table.Columns.Select(c => c.Name))} from {table.Name}");
        }

        return [];
    }
}
