using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NUnit.Framework;
using PmBot.Storage;
using PmBot.Tests.Mattermost.Inbound;
using PmBot.Tests.Storage;
using PmBot.Workspaces;

namespace PmBot.Tests.Workspaces;

/// <summary>The settings of a team, which need no rotation, and those that a feature adds.</summary>
[Parallelizable(ParallelScope.All)]
[Engines]
internal sealed class WorkspaceSettingsTests
{
    [Test]
    public async Task A_change_is_audited_under_the_workspace_and_a_refusal_is_not()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.MustAsync("set practice 2021", "This team follows the 2021 practice");
        await edge.MustAsync("set CHANNEL.PM ~twitter", "`channel.pm` is ~twitter now.");
        await edge.MustAsync("set practice 1999", "Nothing was changed.");
        await edge.MustAsync("set channel.pm ~twitter", "That is how it is");
        await edge.MustAsync("set practice 2020", "Only admins may change settings", edge.Team.Sam);
        var audit = await edge.Store.ReadAsync(
            t => TestEngine.Current.Rows(t, ["workspace_id", "actor_id", "subject", "action", "before", "after"], "audit order by id"), CancellationToken.None);
        var (team, katie) = (edge.Team.Team.Id, edge.Team.Katie.Id);
        Assert.That(audit.Select(a => JsonSerializer.Deserialize<string?[]>(a)), Is.EqualTo(new List<string?[]>
        {
            new[] { team, katie, "workspace", "set practice", "2020", "2021" },
            new[] { team, katie, "workspace", "set channel.pm", null, "~twitter" },
        }));
    }

    [Test]
    public async Task A_feature_s_setting_is_listed_explained_and_changed_like_the_others()
    {
        await using var edge = await Edge.StartAsync(rotation: false);
        await edge.Team.StopBotAsync();
        await edge.StartBotAsync(configure: builder => builder.Services.AddSingleton<IWorkspaceSetting, Motto>());
        await edge.MustAsync("settings", "|\n| motto | none |\n");
        await edge.MustAsync("help set", "\n- `motto`: any words\nFor example:");
        await edge.MustAsync("set color blue", "\n- `motto`: any words\n\nNothing was changed.");
        await edge.MustAsync("set motto Be kind", "It is \"Be kind\" now. Undo: `/pm-rotation set motto none`");
        await edge.MustAsync("set motto none", "No. Nothing was changed. You typed: `/pm-rotation set motto none`");
        Assert.That(await edge.RowsAsync("audit"), Has.Count.EqualTo(1).And.All.Contains("\"workspace\",\"set motto\""));
    }

    private sealed class Motto(IStore store, TimeProvider time) : IWorkspaceSetting
    {
        public string Key => "motto";

        public string Explained => "`motto`: any words";

        public Task<string> ShowAsync(string workspaceId, CancellationToken cancellationToken) => Task.FromResult("none");

        public Task<SettingAnswer> SetAsync(SettingRequest request, CancellationToken cancellationToken) => store.ExecuteAsync<SettingAnswer>(
            transaction =>
            {
                if (request.Value == "none")
                {
                    return new SettingAnswer.Refused("No.");
                }

                request.Audit(transaction, Instant.FromDateTimeOffset(time.GetUtcNow()), null);
                return new SettingAnswer.Changed($"It is \"{request.Value}\" now.", "none");
            },
            cancellationToken);
    }
}
