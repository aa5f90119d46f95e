using System.Diagnostics;
using PmBot.Sandbox.Page;

namespace PmBot.Sandbox;

/// <summary>What <c>dotnet run --project src/PmBot.Sandbox</c> shows: a team in the middle of its week.</summary>
internal static class Demo
{
    public static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("pmbot-sandbox-");
        try
        {
            using var clock = SandboxClock.Running();
            await using var team = await StartAsync(clock, folder.FullName, port);
            await Console.Out.WriteLineAsync(
                $"""

                A small team, the bot and a clock are at {team.Server.Url} (ready after {Uptime().TotalSeconds:0.0} s)
                1. Open it: you are adam.c, in ~product-management. "You are" at the top left makes you somebody else.
                2. Press "Next handoff" in the bar at the top: on Monday at 09:00 the duty changes hands.
                3. Be the one it mentions, and press "I've got it".
                4. Type / and choose: /cr-assign auto --dry-run, then /cr-assign auto
                5. Be sam.sales and post "#cr Dark mode for the mobile app"; be somebody else and press "Take".
                6. Type /agenda add Pricing of guests --time 10m
                7. Press "Next meeting": its agenda came at 08:00. Press "Start the meeting" below it, then go on in its thread.
                8. Press "Play a week", and watch. "Stop" stops it.
                9. Type /pm-rotation help, /cr-assign help and /agenda help
                Ctrl+C ends it; nothing is kept.
                """);
            await Task.WhenAny(Task.Delay(Timeout.Infinite, cancellationToken));
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>How long ago the operating system started this process, by its own clock.</summary>
    private static TimeSpan Uptime() => TimeProvider.System.GetLocalNow().DateTime - Process.GetCurrentProcess().StartTime;

    /// <summary>Starts the team with its bot and its page, in the middle of a week.</summary>
    /// <param name="clock">The time.</param>
    /// <param name="folder">Where the bot keeps its data.</param>
    /// <param name="port">Where the page is, on loopback; 0 for any free port.</param>
    /// <param name="starting">Changes of the bot, such as its logging.</param>
    public static async Task<SandboxTeam> StartAsync(SandboxClock clock, string folder, int port, Action<WebApplicationBuilder>? starting = null)
    {
        SandboxTeam? team = null;
        team = await SandboxTeam.StartAsync(clock, folder, port, (app, server) => ChatPage.Map(app, server, () => team));
        await team.StartBotAsync(starting);
        await SetUpAsync(team);
        return team;
    }

    private static async Task SetUpAsync(SandboxTeam team)
    {
        var server = team.Server;
        await server.TypeAsync(team.Feed, team.Twitter, "@mattermost does the mobile app support SAML? — ana");
        var liked = await server.TypeAsync(team.Feed, team.Twitter, "Moved our whole company over to @mattermost this week. Love it. — bo");
        await server.TypeAsync(team.Feed, team.Twitter, "@mattermost guests cannot see group messages, is that known? — chris");
        server.React(team.Jason, liked.Post ?? throw new InvalidOperationException("The post was not made."), "heart");
        foreach (var command in (string[])
            [
                "/pm-rotation create \"PM rotation\" --header ~twitter",
                "/pm-rotation add @adam.c @katie.w @jason.b @aaron.r",
                "/pm-rotation handoff --now",
                "/cr-assign area set Private Cloud @katie.w --keywords \"kubernetes, helm, SAML\"",
                "/cr-assign area set Integrations @aaron.r --keywords \"plugins, webhooks, group sync\"",
                "/cr-assign area set Mobile @adam.c @jason.b --keywords \"ios, android, push\"",
            ])
        {
            await server.TypeAsync(team.Katie, team.ProductManagement, command);
        }

        await server.TypeAsync(team.Sam, team.ProductManagement, "/cr-assign new SAML group sync for guests --customer ACME");
        await server.TypeAsync(team.Sam, team.ProductManagement, "/cr-assign new Helm chart for air-gapped clusters --customer \"Umbrella Corp\"");
        await server.TypeAsync(team.Sam, team.ProductManagement, "#cr Webhooks that retry");
        await server.TypeAsync(team.Jason, team.ProductManagement, "/agenda add Who answers the forum --time 5m");
        await server.TypeAsync(team.Katie, team.PmPrivate, "/agenda add Two offers to candidates --private --time 10m");
        await server.TypeAsync(team.Sam, team.ProductManagement, "#agenda What Sales may promise for 7.10");
    }
}
