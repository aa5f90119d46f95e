using System.Text.RegularExpressions;
using PmBot.Sandbox.StandIn;

namespace PmBot.Sandbox.Page;

/// <summary>What the page shows to one user, as JSON for its script. Fields named html, text or header are made safe by <see cref="Markup"/>.</summary>
internal sealed partial class PageState(StandInServer server, WallClock wall, ReadMarks marks)
{
    private const int MostPosts = 300;

    /// <summary>The page of a user who looks at a channel and, maybe, a thread; what there is not is replaced by what there is.</summary>
    public object Of(string username, string channelId, string threadId, Upcoming? upcoming, Passing? passing)
    {
        var journal = server.Journal;
        var people = People();
        var user = people.Find(known => known.Username == username) ?? people[0];
        var seen = Seen(journal, user);
        var channels = ChannelsOf(user, seen, channelId);
        // Without a choice the team's first channel, whatever comes first in the alphabet.
        var channel = channels.Find(known => known.Id == channelId)
            ?? server.Channels.FirstOrDefault(known => !known.IsDirect && channels.Exists(own => own.Id == known.Id))
            ?? channels.FirstOrDefault();
        var here = seen.Where(entry => entry.Post.ChannelId == channel?.Id).ToList();
        var root = here.Find(entry => entry.Post.Id == threadId && entry.Post is { IsEphemeral: false, RootId: "" });
        return new
        {
            clock = Clock(upcoming, passing),
            user = user.Username,
            users = people.Select(known => new { name = known.Username, title = Name(known), mentions = Mentions(journal, known) }),
            people = server.Users.Where(known => known.DeleteAt == 0 && !known.IsSystemAdmin)
                .OrderBy(known => known.Username, StringComparer.Ordinal)
                .Select(known => new { name = known.Username, title = Name(known), bot = known.IsBot }),
            channels = channels.Select(known => Channel(known, user, seen)),
            channel = channel?.Id ?? "",
            title = channel is null ? "" : Title(channel, user),
            header = channel is null ? "" : Markup.ToHtml(server.Header(channel)),
            members = channel is null ? 0 : server.Members(channel).Count,
            sequence = journal.Count,
            read = channel is null ? 0 : marks.Of(user.Id, channel.Id),
            posts = Roots(here, user),
            thread = root.Post is null ? null : new
            {
                root = root.Post.Id,
                read = marks.Of(user.Id, root.Post.Id),
                posts = here.Where(entry => entry.Post.RootId == root.Post.Id).Prepend(root).Select(entry => Post(user, entry, here)),
            },
            dialog = server.Dialogs(user) is [.., var open] ? Dialog(open) : null,
        };
    }

    /// <summary>Those who can be chosen: people who are in a channel, for others would see nothing; else all people.</summary>
    private List<ChatUser> People()
    {
        var members = server.Channels.Where(channel => !channel.IsDirect).SelectMany(channel => server.Members(channel))
            .Select(member => member.Id).ToHashSet(StringComparer.Ordinal);
        var people = server.Users.Where(known => !known.IsBot && known.DeleteAt == 0).ToList();
        return people.Exists(known => members.Contains(known.Id)) ? people.FindAll(known => members.Contains(known.Id)) : people;
    }

    private object Clock(Upcoming? upcoming, Passing? passing)
    {
        const string at = "ddd, MMM d, HH:mm";
        var week = server.Clock.GetUtcNow().AddDays(6);
        return new
        {
            now = wall.Now,
            brief = wall.Short,
            field = wall.Field,
            handoff = upcoming?.Handoff is { } handoff ? Coming(handoff, "The duty changes hands") : null,
            meeting = upcoming?.Meeting is { } meeting ? Coming(meeting, upcoming.MeetingName) : null,
            passing = passing is null ? null : new { until = wall.Show(at, passing.Until), play = passing.IsPlay, latest = passing.Latest },
        };

        // Within a week the day says enough.
        object Coming(DateTimeOffset time, string title) => new { title, at = wall.Show(at, time), brief = wall.Show(time < week ? "ddd HH:mm" : "ddd, MMM d", time) };
    }

    // What somebody sees

    private List<(int Sequence, ChatPost Post)> Seen(IReadOnlyList<JournalEntry> journal, ChatUser user)
    {
        var own = server.Channels.Where(channel => channel.DeleteAt == 0 && server.Members(channel).Any(member => member.Id == user.Id))
            .Select(channel => channel.Id).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. journal.Select(entry => (entry.Sequence, Post: entry switch
            {
                JournalEntry.PostCreated created => created.Post,
                JournalEntry.EphemeralShown shown when shown.To.Id == user.Id => shown.Post,
                _ => null,
            }))
                .Where(entry => entry.Post is not null && own.Contains(entry.Post.ChannelId))
                .Select(entry => (entry.Sequence, server.FindPost(entry.Post!.Id)))
                .Where(entry => entry.Item2.DeleteAt == 0),
        ];
    }

    private List<ChatChannel> ChannelsOf(ChatUser user, List<(int Sequence, ChatPost Post)> seen, string channelId) =>
    [
        .. server.Channels
            .Where(channel => channel.DeleteAt == 0 && server.Members(channel).Any(member => member.Id == user.Id))
            // A direct channel exists as soon as anybody could have written; it is listed once somebody did, or wants to.
            .Where(channel => !channel.IsDirect || channel.CreatorId == user.Id || channel.Id == channelId || seen.Exists(entry => entry.Post.ChannelId == channel.Id))
            .OrderBy(channel => channel.IsDirect)
            .ThenBy(channel => Title(channel, user), StringComparer.Ordinal),
    ];

    private object Channel(ChatChannel channel, ChatUser user, List<(int Sequence, ChatPost Post)> seen)
    {
        var unread = Unread(channel, user, seen).ToList();
        return new
        {
            channel.Id,
            channel.Name,
            title = Title(channel, user),
            kind = channel.Type,
            bot = channel.IsDirect && server.Members(channel).Any(member => member.IsBot),
            unread = unread.Count,
            mentions = unread.Count(post => channel.IsDirect || IsMentioned(user, post)),
        };
    }

    private IEnumerable<ChatPost> Unread(ChatChannel channel, ChatUser user, List<(int Sequence, ChatPost Post)> seen)
    {
        var read = marks.Of(user.Id, channel.Id);
        return seen.Where(entry => entry.Sequence > read && entry.Post.ChannelId == channel.Id && IsNews(entry.Post, user)).Select(entry => entry.Post);
    }

    /// <summary>How many unread posts call a user, wherever.</summary>
    private int Mentions(IReadOnlyList<JournalEntry> journal, ChatUser user)
    {
        var seen = Seen(journal, user);
        return ChannelsOf(user, seen, "").Sum(channel => Unread(channel, user, seen).Count(post => channel.IsDirect || IsMentioned(user, post)));
    }

    private static bool IsNews(ChatPost post, ChatUser user) =>
        post is { IsEphemeral: false, Type: "" } && (post.UserId != user.Id || post.Prop("from_webhook") == "true");

    private static bool IsMentioned(ChatUser user, ChatPost post) =>
        Mention().Matches(post.Message).Select(found => found.Groups["name"].Value.TrimEnd('.', '-', '_'))
            .Any(name => name is "all" or "channel" or "here" || name.Equals(user.Username, StringComparison.OrdinalIgnoreCase));

    private string Title(ChatChannel channel, ChatUser user) => channel.IsDirect
        ? server.Members(channel).FirstOrDefault(member => member.Id != user.Id, user).Username
        : channel.DisplayName;

    private static string Name(ChatUser user) => $"{user.FirstName} {user.LastName}".Trim();

    // Posts

    /// <summary>The beginnings of threads, and what only this user sees, wherever it belongs to.</summary>
    private IEnumerable<object> Roots(List<(int Sequence, ChatPost Post)> here, ChatUser user)
    {
        var roots = here.Select(entry => entry.Post.Id).ToHashSet(StringComparer.Ordinal);
        return here.Where(entry => entry.Post.IsEphemeral || !roots.Contains(entry.Post.RootId)).TakeLast(MostPosts).Select(entry => Post(user, entry, here));
    }

    private object Post(ChatUser user, (int Sequence, ChatPost Post) entry, List<(int Sequence, ChatPost Post)> here)
    {
        var post = entry.Post;
        var created = DateTimeOffset.FromUnixTimeMilliseconds(post.CreateAt);
        var replies = post.IsEphemeral ? [] : here.FindAll(reply => reply.Post.RootId == post.Id && !reply.Post.IsEphemeral);
        var read = marks.Of(user.Id, post.Id);
        return new
        {
            post.Id,
            root = post.RootId,
            sequence = entry.Sequence,
            news = IsNews(post, user),
            author = post.IsEphemeral || post.Type.Length > 0 ? "System" : post.Author,
            bot = post.Prop("from_bot") == "true" || post.Prop("from_webhook") == "true",
            system = post.Type.Length > 0,
            ephemeral = post.IsEphemeral,
            edited = post.EditAt > 0,
            day = wall.Show("dddd, MMMM d", created),
            time = wall.Show("HH:mm", created),
            at = wall.Show("ddd, MMM d uuuu, HH:mm x", created),
            html = Markup.ToHtml(post.Message),
            link = PathOf(post),
            replies = replies.Count,
            fresh = replies.Count(reply => reply.Sequence > read && IsNews(reply.Post, user)),
            last = replies is [.., var newest] ? wall.Show("ddd HH:mm", DateTimeOffset.FromUnixTimeMilliseconds(newest.Post.CreateAt)) : "",
            attachments = post.Attachments.Select(Attachment),
            files = server.Files(post).Select(file => new { file.Name, file.Text }),
            reactions = server.Reactions(post).GroupBy(reaction => reaction.EmojiName, StringComparer.Ordinal).Select(group => new
            {
                emoji = group.Key,
                count = group.Count(),
                mine = group.Any(reaction => reaction.UserId == user.Id),
                who = string.Join(", ", group.Select(reaction => reaction.Username)),
            }),
        };
    }

    /// <summary>A post's permalink; those of direct messages go by whatever team.</summary>
    private string PathOf(ChatPost post) => post.IsEphemeral ? "" : $"/{server.TeamOf(post)?.Name ?? "_"}/pl/{post.Id}";

    private object Attachment(ChatAttachment attachment) => new
    {
        attachment.Color,
        pretext = Markup.ToHtml(attachment.Pretext),
        attachment.AuthorName,
        attachment.Title,
        titleLink = attachment.TitleLink.Length > 0 ? Markup.SafeUrl(attachment.TitleLink) : "",
        text = Markup.ToHtml(attachment.Text),
        fields = (attachment.Fields ?? []).Select(field => new { field.Title, html = Markup.ToHtml(field.Value), field.IsShort }),
        attachment.Footer,
        actions = attachment.Actions.Select(action => new
        {
            action.Id,
            action.Name,
            menu = action.Type == "select",
            action.Style,
            action.Disabled,
            selected = action.DefaultOption,
            options = Options(action.DataSource, action.Options.Select(option => (option.Text, option.Value))),
        }),
    };

    private object Dialog(ChatDialog dialog) => new
    {
        dialog.Title,
        introduction = Markup.ToHtml(dialog.Definition.Text("introduction_text")),
        submit = dialog.Definition.Text("submit_label") is { Length: > 0 } label ? label : "Submit",
        elements = dialog.Elements.Select(element => new
        {
            name = element.Text("name"),
            title = element.Text("display_name"),
            type = element.Text("type"),
            subtype = element.Text("subtype"),
            value = element.Get("default")?.ToString() ?? "",
            placeholder = element.Text("placeholder"),
            help = element.Text("help_text"),
            optional = element.Flag("optional"),
            least = element.Get("min_length")?.ToString() ?? "",
            most = element.Get("max_length")?.ToString() ?? "",
            options = Options(
                element.Text("data_source"), element.Items("options").Select(option => (option.Text("text"), option.Text("value")))),
        }),
    };

    private IEnumerable<object> Options(string source, IEnumerable<(string Text, string Value)> own) => (source switch
    {
        "users" => server.Users.Where(user => user is { IsBot: false, DeleteAt: 0 }).Select(user => (user.Username, user.Id)),
        "channels" => server.Channels.Where(channel => channel is { Type: "O", DeleteAt: 0 })
            .Select(channel => (channel.DisplayName, channel.Id)),
        _ => own,
    }).Select(option => new { text = option.Item1, value = option.Item2 });

    [GeneratedRegex(@"(?<![\w@`/])@(?<name>[a-z0-9.\-_]+)", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Mention();
}
