using PmBot.Delivery;
using PmBot.Mattermost.Client;
using PmBot.Mattermost.Inbound;
using PmBot.Storage;

namespace PmBot.Workspaces;

/// <summary>What belongs to a workspace rather than to a feature.</summary>
internal static class WorkspaceServices
{
    public static void AddWorkspaces(this IServiceCollection services)
    {
        services.AddSingleton<Admins>();
        services.AddSingleton<Channels>();
        services.AddSingleton<ChannelPeople>();
        services.AddSingleton<NewWorkspaces>();
        services.AddSingleton<ITroubleReport, TroubleReport>();
        services.AddSingleton<IActionHandler, RetryDelivery>();
        services.AddSingleton<WorkspaceSettings>();
        services.AddChannel("channel.pm", "product-management", w => w.PmChannelId, (w, id) => w with { PmChannelId = id });
        services.AddChannel("channel.private", "pm-private", w => w.PrivateChannelId, (w, id) => w with { PrivateChannelId = id }, isConfidential: true);
        services.AddChannel("channel.twitter", "twitter", w => w.TwitterChannelId, (w, id) => w with { TwitterChannelId = id });
        services.AddSingleton<IWorkspaceSetting, PracticeSetting>();
    }

    private static void AddChannel(
        this IServiceCollection services, string key, string usual, Func<Workspace, string?> channelOf, Func<Workspace, string?, Workspace> withChannel,
        bool isConfidential = false) =>
        services.AddSingleton<IWorkspaceSetting>(p => new ChannelSetting(
            key, usual, isConfidential, channelOf, withChannel, p.GetRequiredService<IStore>(), p.GetRequiredService<Channels>(), p.GetRequiredService<IDirectory>(), p.GetRequiredService<NewWorkspaces>(),
            p.GetRequiredService<TimeProvider>()));
}
