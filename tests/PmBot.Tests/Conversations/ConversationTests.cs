using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using PmBot.Sandbox;
using PmBot.Tests.Sandbox;
using PmBot.Tests.Storage;
using Quartz;

namespace PmBot.Tests.Conversations;

/// <summary>
/// Every transcript in this folder is played and must come out as it is written. To accept what the bot says now, run the tests with
/// <c>PMBOT_ACCEPT=1</c> and read the difference that git shows.
/// </summary>
[Parallelizable(ParallelScope.Children)]
[Engines]
internal sealed class ConversationTests
{
    private static string Folder => Path.Combine(RepositoryRoot.Path, "tests", "PmBot.Tests", "Conversations");

    private static IEnumerable<TestCaseData> Transcripts() => Directory.GetFiles(Folder, "*.golden")
        .Order(StringComparer.Ordinal)
        .Select(file => new TestCaseData(file).SetArgDisplayNames(Path.GetFileNameWithoutExtension(file)));

    [TestCaseSource(nameof(Transcripts))]
    [CancelAfter(120_000)]
    public async Task Comes_out_as_written(string file, CancellationToken cancellationToken)
    {
        var written = (await File.ReadAllTextAsync(file, cancellationToken)).ReplaceLineEndings("\n");
        var folder = Directory.CreateTempSubdirectory("pmbot-test-");
        using var clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 25, 18, 0, 0, TimeSpan.Zero));
        await using var team = await SandboxTeam.StartAsync(clock, folder.FullName, settings: TestEngine.Current.Settings(folder.FullName), engines: TestEngine.Engines);
        await team.StartBotAsync(Configure);
        var played = await new Conversation(team, Configure).PlayAsync(written, cancellationToken);
        await team.StopBotAsync();
        folder.Delete(recursive: true);
        if (Environment.GetEnvironmentVariable("PMBOT_ACCEPT") == "1")
        {
            await File.WriteAllTextAsync(file, played, cancellationToken);
        }
        else
        {
            Assert.That(played, Is.EqualTo(written));
        }

        Assert.That(team.Server.UnexpectedCalls, Is.Empty);
    }

    /// <summary>
    /// Warnings of the bot are part of the story only where a test asks for them. What is due at one instant is done one by one, always in
    /// the same order.
    /// </summary>
    private static void Configure(WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        builder.Services.AddQuartz(quartz => quartz.UseDefaultThreadPool(maxConcurrency: 1));
    }
}
