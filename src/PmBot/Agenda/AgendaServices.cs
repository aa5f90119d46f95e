using Microsoft.Extensions.Options;
using NodaTime;
using PmBot.Calendars;
using PmBot.Delivery;
using PmBot.Hosting;
using PmBot.Mattermost;
using PmBot.Mattermost.Inbound;
using PmBot.Requests;
using PmBot.Rotations;
using PmBot.Storage;
using PmBot.Workspaces;

namespace PmBot.Agenda;

/// <summary>The parts of this feature.</summary>
internal static class AgendaServices
{
    public static void AddAgenda(this IServiceCollection services)
    {
        services.AddSingleton(p => new AgendaTexts(p.GetRequiredService<IOptions<PmBotOptions>>().Value.Triggers[AgendaHandler.CommandName], p.GetRequiredService<RequestTexts>()));
        services.AddSingleton<RequestsAtMeeting>();
        services.AddSingleton<AgendaMessages>();
        services.AddSingleton<AgendaDesk>();
        services.AddSingleton<AgendaBoard>();
        services.AddSingleton<AgendaItems>();
        services.AddSingleton<AgendaDialogs>();
        services.AddSingleton<MeetingRunner>();
        services.AddSingleton<MeetingMinutes>();
        services.AddSingleton<MeetingPlanner>();
        services.AddSingleton<MeetingMaker>();
        services.AddSingleton<IDialogHandler>(p => p.GetRequiredService<MeetingMaker>());
        services.AddSingleton<MeetingCanceller>();
        services.AddSingleton<MeetingEditor>();
        services.AddSingleton<ICalendarSource, MeetingCalendar>();
        services.AddSingleton<StepFrames>();
        services.AddSingleton<ActionSteps>();
        services.AddSingleton<StepClock>();
        services.AddSingleton<IAlarmed>(p => p.GetRequiredService<StepClock>());
        services.AddSingleton(new AlarmSource(
            StepClock.AlarmKind, "select id, next_due as due from agenda_books where next_due is not null"));
        services.AddSingleton<IWorkspaceSetting, StepTimeSetting>();
        services.AddSingleton<AgendaClock>();
        services.AddSingleton<IAlarmed>(p => p.GetRequiredService<AgendaClock>());
        services.AddSingleton(new AlarmSource(
            AgendaClock.MeetingsKind, "select id, next_due as due from meetings where next_due is not null"));
        services.AddSingleton<NewMeetings>();
        services.AddSingleton<IOnNewWorkspace>(p => p.GetRequiredService<NewMeetings>());
        services.AddHostedService(p => p.GetRequiredService<NewMeetings>());
        services.AddSingleton<IWaiting, AgendaQuestions>();
        services.AddSingleton<ICommandHandler, AgendaHandler>();
        services.AddSingleton<IHookHandler, AgendaHook>();
        services.AddSingleton<IActionHandler, StartButton>();
        services.AddSingleton<IActionHandler, NextButton>();
        services.AddSingleton<IActionHandler, SkipButton>();
        services.AddSingleton<IActionHandler, MoreButton>();
        services.AddSingleton<IActionHandler, EndButton>();
        services.AddSingleton<IActionHandler, OpenAddButton>();
        services.AddSingleton<IActionHandler, OpenDemoButton>();
        services.AddSingleton<IActionHandler, OpenReleaseButton>();
        services.AddSingleton<IActionHandler, OpenDecidedButton>();
        services.AddSingleton<IActionHandler, OpenMinutesButton>();
        services.AddSingleton<IActionHandler, OpenStepButton>();
        services.AddSingleton<IActionHandler, StepDoneButton>();
        services.AddSingleton<IActionHandler, AgainMenu>();
        services.AddSingleton<IDialogHandler>(p => new ItemForm(p.GetRequiredService<AgendaDesk>(), p.GetRequiredService<Outbox>(), p.GetRequiredService<AgendaItems>(), isDemo: false));
        services.AddSingleton<IDialogHandler>(p => new ItemForm(p.GetRequiredService<AgendaDesk>(), p.GetRequiredService<Outbox>(), p.GetRequiredService<AgendaItems>(), isDemo: true));
        services.AddSingleton<IDialogHandler, ReleaseForm>();
        services.AddSingleton<IDialogHandler, DecidedForm>();
        services.AddSingleton<IDialogHandler, MinutesForm>();
        services.AddSingleton<IDialogHandler, StepForm>();
    }
}

/// <summary>Gives every workspace its meetings: with its first change, and at start those that are older than the meetings.</summary>
internal sealed class NewMeetings(IStore store, Alarms alarms, TimeProvider time) : IHostedService, IOnNewWorkspace
{
    public void Opened(IWriteTransaction transaction, Workspace workspace)
    {
        if (transaction.Find(AgendaStore.Books, workspace.Id) is not null)
        {
            return;
        }

        var now = Instant.FromDateTimeOffset(time.GetUtcNow());
        transaction.Save(AgendaStore.Books, AgendaBook.New(workspace.Id, now));
        transaction.AfterCommit(() => alarms.Set(StepClock.AlarmKind, workspace.Id));
        foreach (var meeting in AgendaStore.DefaultsOf(workspace.Id, now))
        {
            transaction.Save(AgendaStore.Meetings, meeting);
            transaction.AfterCommit(() => alarms.Set(AgendaClock.MeetingsKind, meeting.Id));
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var without = await store.ReadAsync(
            t => t.Query<string>("select w.id from workspaces w where not exists (select 1 from agenda_books b where b.id = w.id)"), cancellationToken);
        foreach (var id in without)
        {
            await store.ExecuteAsync(
                transaction =>
                {
                    Opened(transaction, transaction.Find(Workspace.Table, id)!);
                    return true;
                },
                cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
