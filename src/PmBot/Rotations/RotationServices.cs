using Microsoft.Extensions.Options;
using PmBot.Calendars;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Inbound;

namespace PmBot.Rotations;

/// <summary>The parts of this feature.</summary>
internal static class RotationServices
{
    public static void AddRotations(this IServiceCollection services)
    {
        services.AddSingleton(p => new RotationTexts(p.GetRequiredService<IOptions<PmBotOptions>>().Value.Triggers[RotationHandler.CommandName]));
        services.AddSingleton<RotationMessages>();
        services.AddSingleton<RotationPeople>();
        services.AddSingleton<RotationClock>();
        services.AddSingleton<IAlarmed>(p => p.GetRequiredService<RotationClock>());
        services.AddSingleton(new AlarmSource(
            RotationClock.AlarmKind, "select id, next_due as due from rotations where next_due is not null"));
        services.AddSingleton<RotationSetter>();
        services.AddSingleton<RotationChanges>();
        services.AddSingleton<RotationMaker>();
        services.AddSingleton<RotationSetup>();
        services.AddSingleton<IDialogHandler>(p => p.GetRequiredService<RotationMaker>());
        services.AddSingleton<ICommandHandler, RotationHandler>();
        services.AddSingleton<IActionHandler, AcknowledgeButton>();
        services.AddSingleton<IActionHandler, AgreeButton>();
        services.AddSingleton<IActionHandler, DeclineButton>();
        services.AddSingleton<IActionHandler, DeleteButton>();
        services.AddSingleton<IActionHandler, SetUpButton>();
        services.AddSingleton<IWaiting, TwitterWatch>();
        services.AddSingleton<ICalendarSource, ShiftCalendar>();
    }
}
