using Microsoft.Extensions.Options;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Inbound;
using PmBot.People;
using PmBot.Rotations;
using PmBot.Workspaces;

namespace PmBot.Requests;

/// <summary>The parts of this feature.</summary>
internal static class RequestServices
{
    public static void AddRequests(this IServiceCollection services)
    {
        services.AddSingleton(p => new RequestTexts(p.GetRequiredService<IOptions<PmBotOptions>>().Value.Triggers[RequestHandler.CommandName]));
        services.AddSingleton<UserLookup>();
        services.AddSingleton<RequestDesk>();
        services.AddSingleton<RequestMessages>();
        services.AddSingleton<RequestChanges>();
        services.AddSingleton<RequestFiler>();
        services.AddSingleton<IDialogHandler>(p => p.GetRequiredService<RequestFiler>());
        services.AddSingleton<RequestAreas>();
        services.AddSingleton<IDialogHandler>(p => p.GetRequiredService<RequestAreas>());
        services.AddSingleton<RequestAuto>();
        services.AddSingleton<RequestStats>();
        services.AddSingleton<RequestExport>();
        services.AddSingleton<IFileSource>(p => p.GetRequiredService<RequestExport>());
        services.AddSingleton<RequestImportFiles>();
        services.AddSingleton<RequestImport>();
        services.AddSingleton<RequestClock>();
        services.AddSingleton<IAlarmed>(p => p.GetRequiredService<RequestClock>());
        services.AddSingleton(new AlarmSource(
            RequestClock.AlarmKind, "select id, next_due as due from request_books where next_due is not null"));
        services.AddSingleton<RequestSettings>();
        services.AddSingleton<IWorkspaceSetting, DecisionsTimeSetting>();
        services.AddSingleton<IWorkspaceSetting, UnassignedTimeSetting>();
        services.AddSingleton<IWorkspaceSetting, ReminderZoneSetting>();
        services.AddSingleton<IWorkspaceSetting, ReminderChannelSetting>();
        services.AddSingleton<RequestQuestions>();
        services.AddSingleton<IWaiting>(p => p.GetRequiredService<RequestQuestions>());
        services.AddSingleton<ICommandHandler, RequestHandler>();
        services.AddSingleton<IHookHandler, RequestHook>();
        services.AddSingleton<IHookHandler, EscalateHook>();
        services.AddSingleton<IActionHandler, TakeButton>();
        services.AddSingleton<IActionHandler, AssignMenu>();
        services.AddSingleton<IActionHandler, AreaMenu>();
        services.AddSingleton<IActionHandler, DiscussButton>();
    }
}
