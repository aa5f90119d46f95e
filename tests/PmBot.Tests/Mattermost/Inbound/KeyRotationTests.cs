using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;
using NUnit.Framework;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>A changed signing key: what the old one signed works for a day, unless the old one is dropped at once.</summary>
[Parallelizable(ParallelScope.All)]
[CancelAfter(120_000)]
internal sealed class KeyRotationTests
{
    private const string First = "first-signing-key-of-this-test-0001";
    private const string Second = "second-signing-key-of-this-test-002";
    private const string Third = "third-signing-key-of-this-test-0003";

    private const string Unremember = "delete from meta where key in ('signing_key_used', 'signing_keys_retired')";

    private const string TooOld = "This button is too old to be used. Nothing was changed.";

    [Test]
    public async Task An_old_button_works_for_a_day_and_is_then_too_old()
    {
        await using var edge = await StartAsync(First);
        var button = Ack(edge);
        await StartWithAsync(edge, Second);
        edge.Clock.Advance(TimeSpan.FromHours(23));
        var pressed = await PressAsync(edge, button);
        Assert.That(pressed.Status, Is.EqualTo(200));
        Assert.That(pressed.Text, Is.Not.EqualTo(TooOld));
        Assert.That((await edge.CommandAsync("who")).Text, Does.Contain("acknowledged Thu").And.Not.Contain("not acknowledged"));

        edge.Clock.Advance(TimeSpan.FromHours(2));
        Assert.That(await PressAsync(edge, button), Is.EqualTo((200, TooOld)));
        await StartWithAsync(edge, Second);
        Assert.That(await PressAsync(edge, button), Is.EqualTo((200, TooOld)), "a restart starts no new day");

        // As long as it could have lived; then it is as strange as any other.
        edge.Clock.Advance(TimeSpan.FromDays(15));
        await StartWithAsync(edge, Second);
        Assert.That((await PressAsync(edge, button)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Of_several_changes_each_old_key_has_its_own_day()
    {
        await using var edge = await StartAsync(First);
        var first = Signed(edge);
        await StartWithAsync(edge, Second);
        var second = Signed(edge);
        edge.Clock.Advance(TimeSpan.FromHours(12));
        await StartWithAsync(edge, Third);
        var third = Signed(edge);

        edge.Clock.Advance(TimeSpan.FromHours(11));
        Assert.That((Check(edge, first), Check(edge, second), Check(edge, third)), Is.EqualTo(("Valid", "Valid", "Valid")));
        edge.Clock.Advance(TimeSpan.FromHours(2));
        Assert.That((Check(edge, first), Check(edge, second), Check(edge, third)), Is.EqualTo(("Expired", "Valid", "Valid")));
        edge.Clock.Advance(TimeSpan.FromHours(12));
        Assert.That((Check(edge, first), Check(edge, second), Check(edge, third)), Is.EqualTo(("Expired", "Expired", "Valid")));

        // The first comes back into use: it is no old one any more.
        await StartWithAsync(edge, First);
        Assert.That((Check(edge, first), Check(edge, second), Check(edge, third)), Is.EqualTo(("Valid", "Expired", "Valid")));
    }

    [Test]
    public async Task From_the_store_s_own_key_to_a_configured_one_and_back()
    {
        await using var edge = await StartAsync("");
        var own = Signed(edge);
        await StartWithAsync(edge, First);
        var configured = Signed(edge);
        Assert.That((Check(edge, own), Check(edge, configured)), Is.EqualTo(("Valid", "Valid")));
        edge.Clock.Advance(TimeSpan.FromHours(25));
        Assert.That(Check(edge, own), Is.EqualTo("Expired"));
        await StartWithAsync(edge, "");
        Assert.That((Check(edge, own), Check(edge, configured)), Is.EqualTo(("Valid", "Valid")));
    }

    [Test]
    public async Task A_store_from_before_keys_were_remembered_used_its_own()
    {
        await using var edge = await StartAsync("");
        var own = Signed(edge);
        await edge.Store.ExecuteAsync(t => t.Run(Unremember), CancellationToken.None);
        await StartWithAsync(edge, First);
        Assert.That(Check(edge, own), Is.EqualTo("Valid"));
    }

    [TestCase(false, true, "Valid")]
    [TestCase(false, false, "Valid", Description = "a store from before keys were remembered")]
    [TestCase(true, true, "Forged")]
    public async Task The_store_s_own_key_is_rolled_and_a_leaked_one_dropped_at_once(bool atOnce, bool isRemembered, string old)
    {
        await using var edge = await StartAsync("");
        var before = Signed(edge);
        await edge.Team.StopBotAsync();
        await using (var store = SqliteStore.Open($"Data Source={Path.Combine(edge.Folder, "pmbot.db")}", edge.Clock, NullLogger<SqliteStore>.Instance))
        {
            await store.ExecuteAsync(
                transaction =>
                {
                    if (!isRemembered)
                    {
                        transaction.Run(Unremember);
                    }

                    transaction.RotateOwnSigningKey(Instant.FromDateTimeOffset(edge.Clock.GetUtcNow()));
                    if (atOnce)
                    {
                        transaction.ForgetRetiredSigningKeys();
                    }

                    return true;
                },
                CancellationToken.None);
        }

        await edge.StartBotAsync();
        var after = Signed(edge);
        Assert.That(after["m"]!.GetValue<string>(), Is.Not.EqualTo(before["m"]!.GetValue<string>()));
        Assert.That((Check(edge, before), Check(edge, after)), Is.EqualTo((old, "Valid")));
    }

    [Test]
    public async Task A_retired_key_makes_nothing_last_longer_than_it_was_signed_for()
    {
        await using var edge = await StartAsync(First);
        var signed = edge.Signer.Sign(edge.Signer.New("rotation.ack", "team", "subject", life: Duration.FromHours(2)));
        await StartWithAsync(edge, Second);
        edge.Clock.Advance(TimeSpan.FromHours(3));
        Assert.That(Check(edge, signed), Is.EqualTo("Expired"));
        signed["x"] = signed["x"]!.GetValue<long>() + 3_600_000 * 10;
        Assert.That(Check(edge, signed), Is.EqualTo("Forged"));
    }

    private static JsonObject Signed(Edge edge) => edge.Signer.Sign(edge.Signer.New("rotation.ack", "team", "subject"));

    private static string Check(Edge edge, JsonObject signed) => edge.Signer.Check(signed.ToJsonString()).GetType().Name;

    private static JsonObject Ack(Edge edge) => edge.Button("I've got it");

    private static async Task<(int Status, string Text)> PressAsync(Edge edge, JsonObject button)
    {
        var answer = await edge.PressAsync(edge.Team.Aaron, button);
        return (answer.Status, answer.Status == 200 ? answer.Ephemeral ?? "" : "");
    }

    private static Task<Edge> StartAsync(string key) => Edge.StartAsync(Settings(key));

    private static async Task StartWithAsync(Edge edge, string key)
    {
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync(Settings(key));
    }

    private static Dictionary<string, string?> Settings(string key) => new(StringComparer.Ordinal) { ["PmBot:SigningKey"] = key };
}
