using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;
using PmBot.Delivery;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>Notes the posts that come by outgoing webhooks, as a feature would: once each, in a transaction.</summary>
internal sealed class Notebook : IHookHandler
{
    public const string Token = "token-of-the-first-webhook";
    public const string Second = "token-of-the-second-webhook";

    private IStore? _store;

    public IReadOnlyList<string> Words { get; set; } = ["#cr", "cr:"];

    /// <summary>The posts that had an effect.</summary>
    public ConcurrentQueue<HookPost> Noted { get; } = [];

    /// <summary>What is answered; by default, what was noted.</summary>
    public Func<HookPost, string?> Says { get; set; } = post => $"Noted: {post.Rest}";

    /// <summary>Starts the bot with it.</summary>
    public static async Task<(Edge Edge, Notebook Notebook)> StartAsync(bool rotation = false)
    {
        var notebook = new Notebook();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["Mattermost:WebhookTokens:0"] = Token,
            ["Mattermost:WebhookTokens:1"] = Second,
        };
        var edge = await Edge.StartAsync(settings, rotation, notebook.AddTo);
        notebook.Use(edge.Store);
        return (edge, notebook);
    }

    /// <summary>Where the posts are remembered, from a start of the bot on.</summary>
    public void Use(IStore store) => _store = store;

    /// <summary>Takes the place of the features, whose words it has.</summary>
    public void AddTo(WebApplicationBuilder builder)
    {
        builder.Services.RemoveAll<IHookHandler>();
        builder.Services.AddSingleton<IHookHandler>(this);
    }

    public async Task<HookReply> HandleAsync(HookPost post, CancellationToken cancellationToken)
    {
        var answer = await _store!.ExecuteAsync(
            t => t.Once(post.WorkspaceId, post.PostId, Instant.FromUtc(2026, 11, 25, 18, 0), () =>
            {
                t.AfterCommit(() => Noted.Enqueue(post));
                return Says(post) ?? "";
            }),
            cancellationToken);
        return new HookReply(answer.Length == 0 ? null : answer);
    }
}
