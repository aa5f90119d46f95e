using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace PmBot.Sandbox.StandIn;

/// <summary>
/// A stateful Mattermost in memory, on a loopback port, in the time of a <see cref="SandboxClock"/>. Integrations meet it over
/// HTTP, as they meet the real server; tests and the chat page set it up, and act for its people, in-process.
/// </summary>
public sealed partial class StandInServer : IAsyncDisposable
{
    private readonly World _world;
    private readonly Integrations _integrations;
    private readonly RestApi _api;
    private readonly WebApplication _app;

    private StandInServer(SandboxClock clock, int port, Action<WebApplication, StandInServer>? configure)
    {
        Clock = clock;
        _world = new World(clock, Settings) { Noted = () => Noted?.Invoke() };
        _integrations = new Integrations(_world, Settings, () => Url);
        _api = new RestApi(_world, _integrations, Faults, Settings, () => Url);
        Admin = _world.AddUser("sysadmin", "System", "Admin", bot: false, admin: true);

        // The empty builder takes no settings, environment or logging from outside.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<RouteOptions>(routes =>
            routes.SetParameterPolicy<Microsoft.AspNetCore.Routing.Constraints.RegexInlineRouteConstraint>("regex"));
        _app = builder.Build();
        _api.Map(_app);
        configure?.Invoke(_app, this);
    }

    /// <summary>Raised after each entry of the journal, on the thread of whoever caused it; a listener must only take note of it.</summary>
    // There is nothing to tell but that there is more to read; sender and arguments would only be noise at every listener.
#pragma warning disable MA0046
    public event Action? Noted;
#pragma warning restore MA0046

    /// <summary>The time that everything here happens in.</summary>
    public SandboxClock Clock { get; }

    /// <summary>Where the server listens; it is its site URL too.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1");

    /// <summary>The administrator that is there from the start; commands and webhooks that are added in-process are theirs.</summary>
    public ChatUser Admin { get; }

    /// <summary>What tests let go wrong.</summary>
    public Faults Faults { get; } = new();

    /// <summary>All calls of the API so far.</summary>
    public IReadOnlyList<ApiCall> Calls => _api.Calls;

    /// <summary>Calls of routes that the stand-in does not have.</summary>
    public IReadOnlyList<string> UnexpectedCalls => _api.UnexpectedCalls;

    /// <summary>Forgets the calls and the journal so far, for runs that are too long to keep them; posts stay.</summary>
    public void ForgetCalls()
    {
        _api.ForgetCalls();
        Change(world => world.ForgetJournal());
    }

    /// <summary>Everything that somebody could see, in order.</summary>
    public IReadOnlyList<JournalEntry> Journal => Read(world => world.Journal.ToList());

    /// <summary>All people and bots.</summary>
    public IReadOnlyList<ChatUser> Users => Read(world => world.Users.ToList());

    /// <summary>All channels, archived ones included.</summary>
    public IReadOnlyList<ChatChannel> Channels => Read(world => world.Channels.ToList());

    /// <summary>All slash commands, with the description that clients show while one is typed; empty if there is none.</summary>
    public IReadOnlyList<(string Trigger, string Description)> OfferedCommands =>
        Read(world => world.Commands.Select(command => (command.Trigger, command.Definition.Text("auto_complete_desc"))).ToList());

    /// <summary>Starts a server; port 0 takes any free one. More routes can be added to its application.</summary>
    public static async Task<StandInServer> StartAsync(
        SandboxClock clock, int port = 0, Action<WebApplication, StandInServer>? configure = null)
    {
        var server = new StandInServer(clock, port, configure);
        await server._app.StartAsync();
        var addresses = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        server.Url = new Uri(addresses.Single());
        return server;
    }

    /// <summary>Adds a team, of which the administrator is a member; with an id of its own where data of before know it by that.</summary>
    public ChatTeam AddTeam(string name, string? displayName = null, string? id = null) => Read(world =>
    {
        var team = world.AddTeam(name, displayName ?? name, id);
        world.JoinTeam(team.Id, Admin.Id, admin: true);
        return team;
    });

    /// <summary>Adds a person; with an id of its own where data of before know them by that.</summary>
    public ChatUser AddUser(string username, string firstName, string lastName, bool isSystemAdmin = false, string? id = null) =>
        Read(world => world.AddUser(username, firstName, lastName, bot: false, isSystemAdmin, id));

    /// <summary>Ends the use of an account, which stays known.</summary>
    public void Deactivate(ChatUser user) => Change(world => world.Deactivate(user.Id));

    /// <summary>Takes a user out of a team; the channels still know them.</summary>
    public void LeaveTeam(ChatTeam team, ChatUser user) => Change(world => world.LeaveTeam(team.Id, user.Id));

    /// <summary>Adds a bot; its token is the one to call the API with.</summary>
    public ChatUser AddBot(string username, string displayName) =>
        Read(world => world.AddUser(username, displayName, "", bot: true, admin: false));

    /// <summary>Adds a channel without members; with an id of its own where data of before know it by that.</summary>
    public ChatChannel AddChannel(ChatTeam team, string name, string? displayName = null, bool isPrivate = false, string? id = null) =>
        Read(world => world.AddChannel(team.Id, name, displayName ?? name, isPrivate, id));

    /// <summary>Makes somebody a member of a channel, and of its team.</summary>
    public void Join(ChatChannel channel, params ReadOnlySpan<ChatUser> users)
    {
        lock (_world.Gate)
        {
            foreach (var user in users)
            {
                _world.Join(channel.Id, user.Id);
            }
        }
    }

    /// <summary>Takes somebody out of a channel.</summary>
    public void Leave(ChatChannel channel, ChatUser user) => Change(world => world.Leave(channel.Id, user.Id));

    /// <summary>Makes somebody an administrator of a team.</summary>
    public void MakeTeamAdmin(ChatTeam team, ChatUser user) => Change(world => world.JoinTeam(team.Id, user.Id, admin: true));

    /// <summary>Changes the given ones of a user's names.</summary>
    public ChatUser Rename(ChatUser user, string? username = null, string? firstName = null, string? lastName = null) =>
        Read(world => world.Rename(user.Id, username, firstName, lastName));

    /// <summary>Archives a channel.</summary>
    public void DeleteChannel(ChatChannel channel) => Change(world => world.Archive(channel.Id));

    /// <summary>Reacts to a post.</summary>
    public void React(ChatUser user, ChatPost post, string emoji) => Change(world => world.React(user.Id, post.Id, emoji));

    /// <summary>Takes a reaction back.</summary>
    public void Unreact(ChatUser user, ChatPost post, string emoji) => Change(world => world.Unreact(user.Id, post.Id, emoji));

    /// <summary>Deletes a post with its replies.</summary>
    public void DeletePost(ChatPost post) => Change(world => world.DeletePost(post.Id));

    /// <summary>Sets a channel's header in somebody's name.</summary>
    public void SetHeader(ChatUser user, ChatChannel channel, string header) => Change(world => world.SetHeader(user, channel.Id, header));

    /// <summary>Adds a slash command, and answers its token.</summary>
    public string AddCommand(ChatTeam team, string trigger, string url) =>
        Read(world => world.AddCommand(team.Id, trigger, url, Admin.Id, default).Token);

    /// <summary>Adds an outgoing webhook (without a channel: for all public ones of the team), and answers its token.</summary>
    public string AddOutgoingWebhook(
        ChatTeam team, ChatChannel? channel, IEnumerable<string> words, string url, string contentType = "application/json") =>
        Read(world => world.AddWebhook(
            new OutgoingWebhook(
                Ids.New(), Ids.New(), team.Id, channel?.Id ?? "", [.. words], [url], contentType, Admin.Id, world.Now, default)).Token);

    /// <summary>A team by its name.</summary>
    public ChatTeam? FindTeam(string name) => Read(world => world.Teams.FirstOrDefault(team => team.Name == name));

    /// <summary>A user by their name.</summary>
    public ChatUser? FindUser(string username) => Read(world => world.UserNamed(username));

    /// <summary>A channel by its name, in whatever team.</summary>
    public ChatChannel? FindChannel(string name) => Read(world => world.Channels.FirstOrDefault(channel => channel.Name == name));

    /// <summary>A post, or an ephemeral one, as it is now.</summary>
    public ChatPost FindPost(string id) => Read(world => world.Ephemeral(id) ?? world.Post(id));

    /// <summary>The team of a post; of a direct message the first one of its author's, or null.</summary>
    public ChatTeam? TeamOf(ChatPost post) => Read(world => world.TeamOf(world.Channel(post.ChannelId), post.UserId));

    /// <summary>The files of a post, read as UTF-8.</summary>
    public IReadOnlyList<ChatFile> Files(ChatPost post) => Read(world => post.FileIds.Select(id => world.Files[id])
        .Select(file => new ChatFile(file.Name, Encoding.UTF8.GetString(file.Content))).ToList());

    /// <summary>The channel of two users' direct messages; it is made if there is none.</summary>
    public ChatChannel DirectChannel(ChatUser one, ChatUser other) => Read(world => world.Direct(one.Id, other.Id));

    /// <summary>The posts of a channel that are not deleted, as they are now, the oldest first.</summary>
    public IReadOnlyList<ChatPost> Posts(ChatChannel channel) =>
        Read(world => world.PostsOf(channel.Id).Where(post => post.DeleteAt == 0).ToList());

    /// <summary>All posts that are not deleted, in the order of their creation.</summary>
    public IReadOnlyList<ChatPost> Posts() => Read(world => world.AllPosts.Where(post => post.DeleteAt == 0).ToList());

    /// <summary>The direct messages of two users, the oldest first.</summary>
    public IReadOnlyList<ChatPost> Direct(ChatUser one, ChatUser other) => Posts(DirectChannel(one, other));

    /// <summary>What only this user saw, the oldest first, as it was shown.</summary>
    public IReadOnlyList<ChatPost> EphemeralsOf(ChatUser user) => Read(world => EphemeralsSince(world, user, 0));

    /// <summary>A channel's header.</summary>
    public string Header(ChatChannel channel) => Read(world => world.Channel(channel.Id).Header);

    /// <summary>The reactions to a post.</summary>
    public IReadOnlyList<ChatReaction> Reactions(ChatPost post) => Read(world => world.ReactionsTo(post.Id).ToList());

    /// <summary>The members of a channel.</summary>
    public IReadOnlyList<ChatUser> Members(ChatChannel channel) => Read(world => world.Members(channel.Id).Select(world.User).ToList());

    /// <summary>The dialogs that are open for a user, the newest last.</summary>
    public IReadOnlyList<ChatDialog> Dialogs(ChatUser user) =>
        Read(world => world.Dialogs.Where(dialog => dialog.UserId == user.Id).ToList());

    /// <summary>A trigger id as commands and actions carry it, valid for three seconds.</summary>
    public string NewTrigger(ChatUser user, ChatChannel channel) => Read(world => world.NewTrigger(user.Id, channel.Id));

    /// <summary>
    /// What happens when somebody types a text: a slash command, or a post; outgoing webhooks have been answered when it returns.
    /// </summary>
    /// <param name="user">Who types.</param>
    /// <param name="channel">Where.</param>
    /// <param name="text">What.</param>
    /// <param name="rootId">The post whose thread it is typed in, if any.</param>
    /// <param name="files">What is attached to the post; a slash command takes none.</param>
    /// <exception cref="InvalidOperationException">Files were attached to a slash command.</exception>
    public async Task<TypeResult> TypeAsync(
        ChatUser user, ChatChannel channel, string text, string? rootId = null, IReadOnlyList<ChatFile>? files = null)
    {
        if (text.StartsWith('/') && files is { Count: > 0 })
        {
            throw new InvalidOperationException("A slash command takes no files.");
        }

        var start = JournalLength();
        var (post, place, error) = ((ChatPost?)null, (string?)null, (string?)null);
        try
        {
            if (text.StartsWith('/'))
            {
                var (where, team) = Read(world =>
                {
                    world.RequireMember(user, channel.Id, "create_post");
                    var used = world.TeamOf(channel, user.Id) ?? throw ApiException.NoTeam("the user is in no team");
                    return (world.Channel(channel.Id), used);
                });
                var answer = await _integrations.ExecuteCommandAsync(Read(world => world.User(user.Id)), where, team, text, rootId ?? "");
                place = answer.Text("goto_location") is { Length: > 0 } location ? location : null;
            }
            else
            {
                post = Read(world =>
                {
                    world.RequireMember(user, channel.Id, "create_post");
                    var attached = (files ?? []).Select(file => world.AddFile(user.Id, file.Name, Encoding.UTF8.GetBytes(file.Text)).Id);
                    return world.AddPost(World.NewPost(user.Id, channel.Id, text, rootId ?? "") with { FileIds = [.. attached] });
                });
                await _integrations.FireWebhooks(post);
            }
        }
        catch (ApiException refused)
        {
            error = refused.Message;
            if (text.StartsWith('/'))
            {
                // The web client shows a failed command's error as a text that only its user sees.
                Change(world => world.ShowEphemeral(user.Id, World.NewPost(user.Id, channel.Id, refused.Message)));
            }
        }

        return Read(world => new TypeResult(post, EphemeralsSince(world, user, start), DialogsSince(world, user, start))
        {
            Error = error,
            GotoLocation = place,
        });
    }

    /// <summary>What happens when somebody presses a button, or chooses an option of a menu, named by its id or its text.</summary>
    public async Task<ActionResult> PressAsync(ChatUser user, string postId, string action, string? selectedOption = null)
    {
        var start = JournalLength();
        var (place, error) = ((string?)null, (string?)null);
        try
        {
            var (post, presser) = Read(world =>
            {
                var found = world.Ephemeral(postId) ?? world.Post(postId);
                world.RequireMember(user, found.ChannelId, "read_channel");
                return (found, world.User(user.Id));
            });
            var pressed = post.Actions.FirstOrDefault(candidate => candidate.Id == action)
                ?? post.Actions.FirstOrDefault(candidate => candidate.Name == action);
            // The real route takes only letters and digits: a button with another id can't be pressed there.
            if (pressed is null || pressed.Url.Length == 0 || !pressed.Id.All(char.IsAsciiLetterOrDigit))
            {
                throw new ApiException(404, "api.post.do_action.action_id.app_error", "Invalid action id.", $"action={action}");
            }

            var answer = await _integrations.PressAsync(presser, post, pressed, selectedOption ?? "");
            (place, error) = (answer.GotoLocation, answer.Error);
        }
        catch (ApiException refused)
        {
            error = $"{refused.Message} {refused.Details}".TrimEnd();
        }

        return Read(world => new ActionResult(
            world.Ephemeral(postId) ?? world.AllPosts.FirstOrDefault(post => post.Id == postId),
            EphemeralsSince(world, user, start),
            DialogsSince(world, user, start))
        {
            Error = error,
            GotoLocation = place,
        });
    }

    /// <summary>Submits, or cancels, the dialog that was opened last for a user. Fields that are not given keep their default.</summary>
    public async Task<DialogResult> SubmitDialogAsync(
        ChatUser user, IEnumerable<(string Name, string? Value)> values, bool cancelled = false)
    {
        var start = JournalLength();
        var dialog = Dialogs(user) is [.., var newest]
            ? newest
            : throw new InvalidOperationException($"No dialog is open for {user.Username}.");
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        string? error = null;
        if (!cancelled || dialog.NotifyOnCancel)
        {
            try
            {
                var answer = await _integrations.SubmitDialogAsync(user.Id, Submission(dialog, values, cancelled));
                error = answer.Text("error") is { Length: > 0 } told ? told : null;
                if (answer.Get("errors") is { ValueKind: JsonValueKind.Object } fields)
                {
                    errors = fields.EnumerateObject()
                        .ToDictionary(field => field.Name, field => field.Value.ToString(), StringComparer.Ordinal);
                }
            }
            catch (ApiException refused)
            {
                error = $"{refused.Message} {refused.Details}".TrimEnd();
            }
        }

        var closed = cancelled || (error is null && errors.Count == 0);
        return Read(world =>
        {
            if (closed)
            {
                world.CloseDialog(dialog);
            }

            return new DialogResult(closed, errors, EphemeralsSince(world, user, start), DialogsSince(world, user, start))
            {
                Error = error,
            };
        });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _integrations.DisposeAsync();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        // A cancelled stop aborts the connections that clients keep open, instead of waiting for them.
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private JsonElement Submission(ChatDialog dialog, IEnumerable<(string Name, string? Value)> values, bool cancelled)
    {
        var given = values.ToDictionary(value => value.Name, value => value.Value, StringComparer.Ordinal);
        var submission = dialog.Elements
            .Select(element => KeyValuePair.Create(element.Text("name"), element.Get("default")?.ToString()))
            .Concat(given)
            .GroupBy(pair => pair.Key, StringComparer.Ordinal)
            .ToDictionary(pair => pair.Key, pair => Typed(pair.Key, pair.Last().Value), StringComparer.Ordinal);

        return JsonSerializer.SerializeToElement(new
        {
            url = dialog.Url,
            callback_id = dialog.CallbackId,
            state = dialog.State,
            channel_id = dialog.ChannelId,
            team_id = Read(world => world.TeamOf(world.Channel(dialog.ChannelId), dialog.UserId)?.Id ?? ""),
            submission = cancelled ? null : submission,
            cancelled,
        });

        // The web client sends the state of a checkbox as a boolean, and everything else as text.
        object? Typed(string name, string? value) =>
            dialog.Elements.Any(element => element.Text("name") == name && element.Text("type") == "bool")
                ? value is "true" or "True"
                : value;
    }

    private static List<ChatPost> EphemeralsSince(World world, ChatUser user, int start) => [.. world.Journal.Skip(start)
        .OfType<JournalEntry.EphemeralShown>().Where(shown => shown.To.Id == user.Id).Select(shown => shown.Post)];

    private static List<ChatDialog> DialogsSince(World world, ChatUser user, int start) => [.. world.Journal.Skip(start)
        .OfType<JournalEntry.DialogOpened>().Where(opened => opened.To.Id == user.Id).Select(opened => opened.Dialog)];

    private int JournalLength() => Read(world => world.Journal.Count);

    private T Read<T>(Func<World, T> read)
    {
        lock (_world.Gate)
        {
            return read(_world);
        }
    }

    private void Change(Action<World> change)
    {
        lock (_world.Gate)
        {
            change(_world);
        }
    }
}
