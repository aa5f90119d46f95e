using System.Collections.Immutable;
using System.Text.Json;

namespace PmBot.Sandbox.StandIn;

/// <summary>A slash command.</summary>
internal sealed record Command(
    string Id, string Token, string TeamId, string Trigger, string Url, string CreatorId, long CreateAt, JsonElement Definition)
{
    /// <summary>When it was changed last.</summary>
    public long UpdateAt { get; init; } = CreateAt;

    /// <summary>The plugin that it belongs to, or empty.</summary>
    public string PluginId { get; init; } = "";
}

/// <summary>An outgoing webhook; an empty channel id means all public channels of the team.</summary>
internal sealed record OutgoingWebhook(
    string Id, string Token, string TeamId, string ChannelId, ImmutableArray<string> Words, ImmutableArray<string> Urls,
    string ContentType, string CreatorId, long CreateAt, JsonElement Definition)
{
    /// <summary>When it was changed last.</summary>
    public long UpdateAt { get; init; } = CreateAt;

    /// <summary>0: the first word is the trigger word; 1: it begins with it.</summary>
    public int TriggerWhen { get; init; }

    /// <summary>The trigger word that the first word of a post sets off, or null; empty for a webhook without words.</summary>
    public string? WordOf(string first) => Words.IsEmpty
        ? ChannelId.Length > 0 ? "" : null
        : Words.FirstOrDefault(word => first.Length > 0
            && (TriggerWhen == 1 ? first.StartsWith(word, StringComparison.Ordinal) : first == word));
}

/// <summary>Who typed a command where; what its answers are made from.</summary>
internal sealed record CommandCall(ChatUser User, ChatChannel Channel, ChatTeam Team, Command Command, string RootId);

/// <summary>An uploaded file.</summary>
internal sealed record StoredFile(string Id, string UserId, string Name, byte[] Content, long CreateAt);

/// <summary>Everything the stand-in knows, and the rules by which it changes, behind one lock. Nothing in here waits.</summary>
internal sealed partial class World(TimeProvider clock, ServerSettings settings)
{
    public const int ResponseUrlUses = 5;
    private static readonly TimeSpan PendingPostMemory = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TriggerLife = TimeSpan.FromSeconds(3);

    private readonly Dictionary<string, ChatTeam> _teams = [];
    private readonly Dictionary<string, ChatUser> _users = [];
    private readonly Dictionary<string, ChatChannel> _channels = [];
    private readonly Dictionary<string, ChatPost> _posts = [];
    private readonly List<string> _postOrder = [];
    private readonly Dictionary<string, ChatPost> _ephemerals = [];
    private readonly List<ChatReaction> _reactions = [];
    private readonly Dictionary<string, List<string>> _members = [];
    private readonly Dictionary<(string Team, string User), bool> _teamMembers = [];
    private readonly Dictionary<(string User, string Pending), (string PostId, long At)> _pending = [];
    private readonly Dictionary<string, (string UserId, string ChannelId, long At)> _triggers = [];
    private readonly Dictionary<string, (CommandCall Call, int Used)> _responseUrls = [];
    private readonly Dictionary<string, (string Id, string UserId, string Description)> _tokens = [];
    private readonly List<ChatDialog> _dialogs = [];
    private readonly List<Command> _commands = [];
    private readonly List<OutgoingWebhook> _webhooks = [];
    private readonly List<JournalEntry> _journal = [];
    private readonly Dictionary<string, StoredFile> _files = [];

    public Lock Gate { get; } = new();

    /// <summary>Called after each entry of the journal, inside the lock: it must only take note of it.</summary>
    public Action? Noted { get; set; }

    public IReadOnlyDictionary<string, StoredFile> Files => _files;

    public IReadOnlyList<JournalEntry> Journal => _journal;

    public void ForgetJournal() => _journal.Clear();

    public IReadOnlyList<Command> Commands => _commands;

    public IReadOnlyList<OutgoingWebhook> Webhooks => _webhooks;

    public IReadOnlyList<ChatDialog> Dialogs => _dialogs;

    public IEnumerable<ChatUser> Users => _users.Values;

    public IEnumerable<ChatChannel> Channels => _channels.Values;

    public IEnumerable<ChatTeam> Teams => _teams.Values;

    public long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    // People and places

    public ChatTeam AddTeam(string name, string displayName, string? id = null)
    {
        var team = new ChatTeam(id ?? Ids.New(), name, displayName, Now);
        _teams.Add(team.Id, team);
        return team;
    }

    public ChatUser AddUser(string username, string first, string last, bool bot, bool admin, string? id = null)
    {
        if (_users.Values.Any(user => user.Username == username))
        {
            throw new ApiException(400, "app.user.save.username_exists.app_error", "An account with that username already exists.",
                $"invalid input: entity: User field: username value: {username}");
        }

        var added = new ChatUser(id ?? Ids.New(), username, first, last, Ids.New(), Now) { IsBot = bot, IsSystemAdmin = admin };
        _users.Add(added.Id, added);
        _tokens.Add(added.Token, (Ids.New(), added.Id, ""));
        return added;
    }

    public ChatUser Rename(string id, string? username, string? first, string? last)
    {
        var user = User(id);
        return _users[id] = user with
        {
            Username = username ?? user.Username,
            FirstName = first ?? user.FirstName,
            LastName = last ?? user.LastName,
            UpdateAt = Now,
        };
    }

    public void Deactivate(string id) => _users[id] = User(id) with { DeleteAt = Now, UpdateAt = Now };

    public ChatChannel AddChannel(string teamId, string name, string displayName, bool isPrivate, string? id = null)
    {
        var creator = _users.Values.FirstOrDefault(user => user.IsSystemAdmin)?.Id ?? "";
        var channel = new ChatChannel(id ?? Ids.New(), teamId, isPrivate ? "P" : "O", name, displayName, creator, Now);
        _channels.Add(channel.Id, channel);
        _members.Add(channel.Id, []);
        return channel;
    }

    public ChatChannel Direct(string creatorId, string otherId)
    {
        var ids = new[] { User(creatorId).Id, User(otherId).Id }.Order(StringComparer.Ordinal).ToList();
        var name = string.Join("__", ids);
        if (_channels.Values.FirstOrDefault(known => known.Name == name) is { } existing)
        {
            return existing;
        }

        var channel = new ChatChannel(Ids.New(), "", "D", name, "", creatorId, Now);
        _channels.Add(channel.Id, channel);
        _members.Add(channel.Id, [.. ids.Distinct(StringComparer.Ordinal)]);
        return channel;
    }

    public void JoinTeam(string teamId, string userId, bool admin = false) =>
        _teamMembers[(teamId, userId)] = admin || _teamMembers.GetValueOrDefault((teamId, userId));

    public void Join(string channelId, string userId)
    {
        var channel = Channel(channelId);
        JoinTeam(channel.TeamId, userId);
        if (!_members[channelId].Contains(userId))
        {
            _members[channelId].Add(userId);
        }
    }

    public void Leave(string channelId, string userId) => _members[channelId].Remove(userId);

    public ChatChannel Archive(string channelId) => _channels[channelId] = Channel(channelId) with { DeleteAt = Now, UpdateAt = Now };

    public ChatUser User(string id) => _users.GetValueOrDefault(id) ?? throw ApiException.NoUser($"resource: User id: {id}");

    public ChatUser? UserNamed(string name) => _users.Values.FirstOrDefault(user => user.Username == name);

    public ChatUser? UserWithToken(string token) =>
        _tokens.TryGetValue(token, out var known) && _users[known.UserId] is { DeleteAt: 0 } user ? user : null;

    public ChatTeam Team(string id) => _teams.GetValueOrDefault(id) ?? throw ApiException.NoTeam($"resource: Team id: {id}");

    public ChatChannel Channel(string id) => _channels.GetValueOrDefault(id) ?? throw ApiException.NoChannel($"resource: Channel id: {id}");

    public ChatChannel? ChannelNamed(string teamId, string name) =>
        _channels.Values.FirstOrDefault(channel => channel.TeamId == teamId && channel.Name == name);

    public IReadOnlyList<string> Members(string channelId) => _members[channelId];

    public bool IsMember(string channelId, string userId) => _members.TryGetValue(channelId, out var members) && members.Contains(userId);

    public void LeaveTeam(string teamId, string userId) => _teamMembers.Remove((teamId, userId));

    public bool IsTeamMember(string teamId, string userId) => _teamMembers.ContainsKey((teamId, userId));

    public bool? TeamAdmin(string teamId, string userId) => _teamMembers.TryGetValue((teamId, userId), out var admin) ? admin : null;

    /// <summary>The team in which somebody uses a channel: direct channels have none of their own.</summary>
    public ChatTeam? TeamOf(ChatChannel channel, string userId) => channel.IsDirect
        ? _teams.Values.FirstOrDefault(team => IsTeamMember(team.Id, userId))
        : Team(channel.TeamId);

    public (string Id, string Token) AddToken(string userId, string description)
    {
        var (id, token) = (Ids.New(), Ids.New());
        _tokens.Add(token, (id, User(userId).Id, description));
        return (id, token);
    }

    public IEnumerable<(string Id, string Description)> TokensOf(string userId) =>
        // The server refuses a token without a description; such a one is the stand-in's own, for acting in somebody's name.
        _tokens.Values.Where(token => token.UserId == userId && token.Description.Length > 0).Select(token => (token.Id, token.Description));

    /// <summary>How a channel is called by people: its name, or the two users of a direct channel.</summary>
    public string NameOf(ChatChannel channel) => channel.IsDirect
        ? string.Join(' ', _members[channel.Id].Select(id => "@" + _users[id].Username).Order(StringComparer.Ordinal))
        : channel.Name;

    // Posts

    public ChatPost Post(string id) => _posts.TryGetValue(id, out var post) ? Shown(post) : throw ApiException.NoPost(id);

    public ChatPost? Ephemeral(string id) => _ephemerals.TryGetValue(id, out var post) ? Shown(post) : null;

    public IEnumerable<ChatPost> AllPosts => _postOrder.Select(id => Shown(_posts[id]));

    public IEnumerable<ChatPost> PostsOf(string channelId) => AllPosts.Where(post => post.ChannelId == channelId);

    public IEnumerable<ChatReaction> ReactionsTo(string postId) => _reactions.Where(reaction => reaction.PostId == postId)
        .Select(reaction => reaction with { Username = _users[reaction.UserId].Username });

    public int Replies(string rootId) => _posts.Values.Count(post => post.RootId == rootId && post.DeleteAt == 0);

    public StoredFile File(string id) =>
        Files.GetValueOrDefault(id) ?? throw new ApiException(404, "app.file_info.get.app_error", "Unable to get the file info.");

    /// <summary>Files are read by who uploaded them, and by those who see a post that has them.</summary>
    public bool MayRead(ChatUser user, StoredFile file) => user.IsSystemAdmin || file.UserId == user.Id
        || _posts.Values.Any(post => post.DeleteAt == 0 && post.FileIds.Contains(file.Id) && IsMember(post.ChannelId, user.Id));

    /// <summary>A file belongs to one post at most. The server leaves the others out of a new post without a word.</summary>
    public bool MayAttach(ChatUser user, string fileId) => Files.TryGetValue(fileId, out var file) && file.UserId == user.Id
        && !_posts.Values.Any(post => post.FileIds.Contains(fileId));

    public void RequireMember(ChatUser user, string channelId, string permission)
    {
        if (!IsMember(channelId, user.Id) && !(user.IsSystemAdmin && _channels.ContainsKey(channelId)))
        {
            throw ApiException.Forbidden(user, permission);
        }
    }

    public StoredFile AddFile(string userId, string name, byte[] content)
    {
        var file = new StoredFile(Ids.New(), userId, name, content, Now);
        _files.Add(file.Id, file);
        return file;
    }

    /// <summary>The post that was made with this pending id a moment ago, if any.</summary>
    public ChatPost? Remembered(string userId, string pendingId) =>
        pendingId.Length > 0 && _pending.TryGetValue((userId, pendingId), out var seen)
            && Now - seen.At < PendingPostMemory.TotalMilliseconds
            ? Post(seen.PostId)
            : null;

    public ChatPost AddPost(ChatPost draft, string pendingId = "")
    {
        var channel = Channel(draft.ChannelId);
        if (channel.DeleteAt > 0)
        {
            throw new ApiException(400, "api.post.create_post.can_not_post_to_deleted.error", "Can not post to deleted channel.");
        }

        if (draft.RootId.Length > 0 && (!_posts.TryGetValue(draft.RootId, out var root) || root.DeleteAt > 0 || root.RootId.Length > 0))
        {
            throw new ApiException(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.");
        }

        if (draft.RootId.Length > 0 && _posts[draft.RootId].ChannelId != draft.ChannelId)
        {
            throw new ApiException(500, "api.post.create_post.channel_root_id.app_error", "Invalid ChannelId for RootId parameter.");
        }

        RequireLength(draft);
        var now = Now;
        var post = draft with { CreateAt = now, UpdateAt = now };
        _posts.Add(post.Id, post);
        _postOrder.Add(post.Id);
        _channels[channel.Id] = channel with { LastPostAt = now };
        if (pendingId.Length > 0)
        {
            _pending[(post.UserId, pendingId)] = (post.Id, now);
        }

        Note((sequence, at) => new JournalEntry.PostCreated(sequence, at, NameOf(channel), Shown(post)));
        return Shown(post);
    }

    /// <summary>Replaces what the change says; the message counts as edited only if it became another one.</summary>
    public ChatPost EditPost(string id, Func<ChatPost, ChatPost> change)
    {
        var before = Post(id);
        if (before.DeleteAt > 0)
        {
            throw ApiException.NoPost(id);
        }

        var after = change(before);
        RequireLength(after);
        after = after with { UpdateAt = Now, EditAt = after.Message == before.Message ? before.EditAt : Now };
        _posts[id] = after;
        Note((sequence, at) => new JournalEntry.PostEdited(sequence, at, after.Channel, Shown(after)));
        return Shown(after);
    }

    public void DeletePost(string id)
    {
        var post = Post(id);
        foreach (var doomed in _posts.Values.Where(each => each.DeleteAt == 0 && (each.Id == id || each.RootId == id)).ToList())
        {
            _posts[doomed.Id] = doomed with { DeleteAt = Now, UpdateAt = Now };
        }

        Note((sequence, at) => new JournalEntry.PostDeleted(sequence, at, post.Channel, Post(id)));
    }

    public ChatPost ShowEphemeral(string userId, ChatPost draft)
    {
        var post = draft with { CreateAt = Now, UpdateAt = Now, IsEphemeral = true };
        _ephemerals.Add(post.Id, post);
        var shown = Shown(post);
        Note((sequence, at) => new JournalEntry.EphemeralShown(sequence, at, shown.Channel, _users[userId], shown));
        return shown;
    }

    public ChatReaction React(string userId, string postId, string emoji)
    {
        var post = Post(postId);
        if (_reactions.Find(known => known.UserId == userId && known.PostId == postId && known.EmojiName == emoji) is { } existing)
        {
            return existing;
        }

        var reaction = new ChatReaction(userId, postId, emoji, Now);
        _reactions.Add(reaction);
        _posts[postId] = post with { UpdateAt = Now };
        Note((sequence, at) => new JournalEntry.Reacted(sequence, at, post.Channel, _users[userId].Username, emoji, post, Removed: false));
        return reaction;
    }

    public void Unreact(string userId, string postId, string emoji)
    {
        var post = Post(postId);
        if (_reactions.RemoveAll(known => known.UserId == userId && known.PostId == postId && known.EmojiName == emoji) > 0)
        {
            _posts[postId] = post with { UpdateAt = Now };
            var name = _users[userId].Username;
            Note((sequence, at) => new JournalEntry.Reacted(sequence, at, post.Channel, name, emoji, post, Removed: true));
        }
    }

    /// <summary>Sets the header, and makes the system's post about it. The channel is answered as it was before that post.</summary>
    public ChatChannel SetHeader(ChatUser user, string channelId, string header)
    {
        if (PostContent.Runes(header) > PostContent.MaxHeaderRunes)
        {
            throw new ApiException(400, "model.channel.is_valid.header.app_error", "Invalid header.", $"id={channelId}");
        }

        var before = Channel(channelId);
        if (before.DeleteAt > 0)
        {
            throw new ApiException(400, "api.channel.patch_update_channel.deleted.app_error", "The channel has been archived or deleted.");
        }

        var after = _channels[channelId] = before with { Header = header, UpdateAt = Now };
        if (before.Header != header)
        {
            Note((sequence, at) => new JournalEntry.HeaderChanged(sequence, at, NameOf(after), user.Username, header));
            var text = (before.Header, header) switch
            {
                (_, "") => $"{user.Username} removed the channel header (was: {before.Header})",
                ("", _) => $"{user.Username} updated the channel header to: {header}",
                _ => $"{user.Username} updated the channel header from: {before.Header} to: {header}",
            };
            var props = JsonSerializer.SerializeToElement(
                new { username = user.Username, old_header = before.Header, new_header = header });
            AddPost((NewPost(user.Id, channelId, text) with { Type = "system_header_change" }).WithProps(props));
        }

        return after;
    }

    public static ChatPost NewPost(string userId, string channelId, string message, string rootId = "") =>
        new(Ids.New(), channelId, userId, rootId, message, CreateAt: 0);

    // Integrations

    public string NewTrigger(string userId, string channelId)
    {
        var trigger = Ids.NewTrigger(userId, Now);
        _triggers.Add(trigger, (userId, channelId, Now));
        return trigger;
    }

    public ChatDialog OpenDialog(string trigger, string url, JsonElement definition)
    {
        if (!_triggers.TryGetValue(trigger, out var known))
        {
            throw new ApiException(400, "interactive_message.decode_trigger_id.verify_signature_failed",
                "Signature verification failed of trigger ID for interactive dialog.");
        }

        if (Now - known.At > TriggerLife.TotalMilliseconds)
        {
            throw new ApiException(400, "interactive_message.decode_trigger_id.expired",
                "Trigger ID for interactive dialog is expired. Trigger IDs live for a maximum of 3 seconds.");
        }

        var dialog = new ChatDialog(url, known.UserId, known.ChannelId, definition.Clone());
        _dialogs.Add(dialog);
        Note((sequence, at) => new JournalEntry.DialogOpened(sequence, at, NameOf(Channel(known.ChannelId)), _users[known.UserId], dialog));
        return dialog;
    }

    public void CloseDialog(ChatDialog dialog) => _dialogs.RemoveAll(open => ReferenceEquals(open, dialog));

    public string NewResponseUrl(CommandCall call)
    {
        var id = Ids.New();
        _responseUrls.Add(id, (call, 0));
        return id;
    }

    public CommandCall UseResponseUrl(string id)
    {
        if (!_responseUrls.TryGetValue(id, out var known) || known.Used >= ResponseUrlUses)
        {
            throw new ApiException(400, "web.command_webhook.invalid.app_error", "Invalid webhook.");
        }

        _responseUrls[id] = (known.Call, known.Used + 1);
        return known.Call;
    }

    public void NoteAction(ChatPost post, ChatUser user, string action, string? error) =>
        Note((sequence, at) => new JournalEntry.ActionAnswered(sequence, at, post.Channel, user.Username, action, error));

    private static void RequireLength(ChatPost post)
    {
        if (PostContent.Runes(post.Message) > PostContent.MaxMessageRunes)
        {
            throw new ApiException(400, "model.post.is_valid.msg.app_error", "Invalid message.", $"id={post.Id}");
        }
    }

    private ChatPost Shown(ChatPost post) =>
        post with { Author = _users[post.UserId].Username, Channel = NameOf(_channels[post.ChannelId]) };

    private void Note(Func<int, DateTimeOffset, JournalEntry> entry)
    {
        _journal.Add(entry(_journal.Count + 1, clock.GetUtcNow()));
        Noted?.Invoke();
    }
}
