using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Conversations;

/// <summary>
/// Plays the steps of a transcript with the real bot on the stand-in server, and writes the transcript that comes of it. Lines that
/// begin in the first column are steps and comments; what is indented is what people saw.
/// </summary>
internal sealed partial class Conversation(SandboxTeam team)
{
    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _messages = new(StringComparer.Ordinal);
    private int _seen;

    /// <summary>The way steps are written, for whoever writes one wrongly.</summary>
    private const string Steps =
        """
        @ 2026-11-30 09:00                          the clock (Palo Alto time)
        + 4h                                        the clock goes on (h, m, d)
        katie.w ~product-management> text           types a post or a command
        katie.w presses "I've got it"               the newest such button that she sees
        katie.w reacts :heart: to "part of a post"
        katie.w replies to "part of a post"> text
        katie.w submits name=value; name=value      the open dialog
        rename adam.c to zed.c Zed Clark
        header of ~twitter> text                    set by the team's admin
        invite pm-bot to ~town-square               also: remove pm-bot from ~twitter
        mattermost is down                          also: is up
        bot stops                                   also: bot starts
        """;

    public async Task<string> PlayAsync(string script, CancellationToken cancellationToken)
    {
        foreach (var line in script.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.Length == 0 || char.IsWhiteSpace(line[0]))
            {
                continue;
            }

            if (line[0] == '#')
            {
                _text.Append(_text.Length > 0 && !LastLine().StartsWith('#') ? "\n" : "").Append(line).Append('\n');
                continue;
            }

            _text.Append('\n').Append(line).Append('\n');
            try
            {
                await StepAsync(line, cancellationToken);
                await PrintAsync(line, cancellationToken);
            }
            catch (Exception e) when (e is not FormatException)
            {
                throw new InvalidOperationException($"The step \"{line}\" failed. So far:\n{_text}", e);
            }
        }

        return _text.ToString();
    }

    private async Task StepAsync(string line, CancellationToken cancellationToken)
    {
        if (line.StartsWith("@ ", StringComparison.Ordinal))
        {
            var local = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm").Parse(line[2..].Trim()).GetValueOrThrow();
            team.Clock.MoveTo(local.InZoneStrictly(Zone).ToDateTimeOffset());
        }
        else if (line.StartsWith("+ ", StringComparison.Ordinal))
        {
            var number = int.Parse(line[2..^1], CultureInfo.InvariantCulture);
            team.Clock.Advance(line[^1] switch
            {
                'h' => TimeSpan.FromHours(number),
                'm' => TimeSpan.FromMinutes(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw new FormatException($"{line}\n{Steps}"),
            });
        }
        else if (line == "bot stops")
        {
            await team.StopBotAsync();
        }
        else if (line == "bot starts")
        {
            await team.StartBotAsync();
        }
        else if (line is "mattermost is down" or "mattermost is up")
        {
            team.Server.Faults.Down = line.EndsWith("down", StringComparison.Ordinal);
        }
        else if (Types().Match(line) is { Success: true } types)
        {
            await team.Server.TypeAsync(User(types), Channel(types.Groups["channel"].Value), types.Groups["text"].Value);
        }
        else if (Presses().Match(line) is { Success: true } presses)
        {
            var user = User(presses);
            var post = Visible(user).Last(p => p.Actions.Any(a => a.Name == presses.Groups["button"].Value));
            await team.Server.PressAsync(user, post.Id, presses.Groups["button"].Value);
        }
        else if (Reacts().Match(line) is { Success: true } reacts)
        {
            team.Server.React(User(reacts), Find(User(reacts), reacts.Groups["part"].Value), reacts.Groups["emoji"].Value);
        }
        else if (Replies().Match(line) is { Success: true } replies)
        {
            var root = Find(User(replies), replies.Groups["part"].Value);
            await team.Server.TypeAsync(User(replies), team.Server.Channels.Single(c => c.Id == root.ChannelId), replies.Groups["text"].Value, root.Id);
        }
        else if (Submits().Match(line) is { Success: true } submits)
        {
            var values = submits.Groups["values"].Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(v => v.Split('=', 2)).Select(v => (v[0], (string?)(v[1].StartsWith('~') ? Channel(v[1][1..]).Id : v[1])));
            var result = await team.Server.SubmitDialogAsync(User(submits), values);
            _text.Append(CultureInfo.InvariantCulture, $"  the dialog {(result.Closed ? "closes" : "stays open")}\n");
            foreach (var error in result.Errors)
            {
                _text.Append(CultureInfo.InvariantCulture, $"  | {error.Key}: {error.Value}\n");
            }

            _text.Append(result.Error is { Length: > 0 } general ? $"  | {general}\n" : "");
        }
        else if (Renames().Match(line) is { Success: true } renames)
        {
            team.Server.Rename(User(renames), renames.Groups["new"].Value, renames.Groups["first"].Value, renames.Groups["last"].Value);
        }
        else if (Headers().Match(line) is { Success: true } headers)
        {
            team.Server.SetHeader(team.Katie, Channel(headers.Groups["channel"].Value), headers.Groups["text"].Value);
        }
        else if (Invites().Match(line) is { Success: true } invites)
        {
            team.Server.Join(Channel(invites.Groups["channel"].Value), User(invites));
        }
        else if (Removes().Match(line) is { Success: true } removes)
        {
            team.Server.Leave(Channel(removes.Groups["channel"].Value), User(removes));
        }
        else
        {
            throw new FormatException($"No step is written like this: {line}\nSteps are\n{Steps}");
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task PrintAsync(string step, CancellationToken cancellationToken)
    {
        if (team.IsBotRunning && !team.Server.Faults.Down)
        {
            await team.SettledAsync(cancellationToken);
        }

        var journal = team.Server.Journal;
        var fresh = journal.Where(e => e.Sequence > _seen).ToList();
        _seen = journal.Count == 0 ? 0 : journal.Max(e => e.Sequence);

        // Lanes are delivered side by side: only within a channel is there an order to hold the bot to.
        foreach (var entry in fresh.OrderBy(Place).ThenBy(e => e.Channel, StringComparer.Ordinal).ThenBy(e => e.Sequence))
        {
            Print(entry, step);
        }
    }

    private static int Place(JournalEntry entry) => entry switch
    {
        JournalEntry.EphemeralShown or JournalEntry.DialogOpened => 0,
        JournalEntry.HeaderChanged => 3,
        _ => entry.Channel.StartsWith('@') ? 2 : 1,
    };

    private void Print(JournalEntry entry, string step)
    {
        switch (entry)
        {
            case JournalEntry.PostCreated { Post: var post } when post.Type.Length == 0 && post.Author != step.Split(' ')[0]:
                Block($"{Where(entry)}, {post.Author}:", post);
                break;
            case JournalEntry.PostEdited { Post: var post }:
                Block($"{Where(entry)}, {post.Author} changes its post:", post);
                break;
            case JournalEntry.EphemeralShown shown:
                Block($"only {shown.To.Username} sees:", shown.Post);
                break;
            case JournalEntry.HeaderChanged header when header.By == team.BotUser.Username:
                _text.Append(CultureInfo.InvariantCulture, $"  header of ~{header.Channel}: {header.Header.Replace("\u2063\u2063", "·", StringComparison.Ordinal)}\n");
                break;
            case JournalEntry.DialogOpened dialog:
                _text.Append(CultureInfo.InvariantCulture, $"  {dialog.To.Username} sees the dialog \"{dialog.Dialog.Title}\":\n");
                foreach (var element in dialog.Dialog.Elements)
                {
                    var standard = element.TryGetProperty("default", out var value) ? value.ToString() : "";
                    _text.Append(CultureInfo.InvariantCulture, $"  | {element.GetProperty("display_name")}: [{Clean(standard)}]\n");
                }

                break;
        }
    }

    private void Block(string title, ChatPost post)
    {
        _text.Append("  ").Append(title).Append('\n');
        var unchanged = _messages.TryGetValue(post.Id, out var before) && before == post.Message;
        _messages[post.Id] = post.Message;
        if (post.Message.Length > 0)
        {
            // Of a post that changed only below its text, the text has been read already.
            Lines(unchanged ? post.Message.Split('\n')[0] + " …" : post.Message);
        }

        foreach (var attachment in post.Attachments)
        {
            if (attachment.Text.Length > 0)
            {
                Lines(attachment.Text);
            }

            if (attachment.Actions.Length > 0)
            {
                Lines(string.Join(' ', attachment.Actions.Select(a => $"[ {a.Name} ]")));
            }
        }
    }

    private void Lines(string text)
    {
        foreach (var line in Clean(text).Split('\n'))
        {
            _text.Append(line.Length == 0 ? "  |" : $"  | {line}").Append('\n');
        }
    }

    /// <summary>Ids and ports differ from run to run.</summary>
    private string Clean(string text)
    {
        var clean = Permalink().Replace(text.Replace(team.Server.Url.ToString().TrimEnd('/'), "https://chat", StringComparison.Ordinal), "/pl/…");
        return team.Server.Channels.Aggregate(clean, (t, c) => t.Replace(c.Id, $"~{c.Name}", StringComparison.Ordinal));
    }

    private static string Where(JournalEntry entry) => entry.Channel.StartsWith('@')
        ? $"direct to {entry.Channel.Split(' ').Single(u => u != "@pm-bot")[1..]}"
        : $"~{entry.Channel}";

    private List<ChatPost> Visible(ChatUser user) =>
    [
        .. team.Server.Posts().Where(p => p.DeleteAt == 0 && team.Server.Channels.Any(c => c.Id == p.ChannelId && team.Server.Members(c).Any(m => m.Id == user.Id)))
            .Concat(team.Server.EphemeralsOf(user)).OrderBy(p => p.CreateAt),
    ];

    private ChatPost Find(ChatUser user, string part) => Visible(user).Last(p => p.Message.Contains(part, StringComparison.Ordinal));

    private ChatUser User(Match match) =>
        team.Server.FindUser(match.Groups["user"].Value) ?? throw new FormatException($"Nobody is called {match.Groups["user"].Value}.");

    private ChatChannel Channel(string name) => team.Server.FindChannel(name) ?? throw new FormatException($"There is no ~{name}.");

    private string LastLine() => _text.ToString().TrimEnd('\n').Split('\n')[^1];

    [GeneratedRegex(@"^(?<user>[\w.\-]+) ~(?<channel>[\w.\-]+)> (?<text>.*)$")]
    private static partial Regex Types();

    [GeneratedRegex("^(?<user>[\\w.\\-]+) presses \"(?<button>.+)\"$")]
    private static partial Regex Presses();

    [GeneratedRegex("^(?<user>[\\w.\\-]+) reacts :(?<emoji>\\w+): to \"(?<part>.+)\"$")]
    private static partial Regex Reacts();

    [GeneratedRegex("^(?<user>[\\w.\\-]+) replies to \"(?<part>.+)\"> (?<text>.*)$")]
    private static partial Regex Replies();

    [GeneratedRegex(@"^(?<user>[\w.\-]+) submits (?<values>.*)$")]
    private static partial Regex Submits();

    [GeneratedRegex(@"^rename (?<user>[\w.\-]+) to (?<new>[\w.\-]+) (?<first>\w+) (?<last>\w+)$")]
    private static partial Regex Renames();

    [GeneratedRegex(@"^header of ~(?<channel>[\w.\-]+)> (?<text>.*)$")]
    private static partial Regex Headers();

    [GeneratedRegex(@"^invite (?<user>[\w.\-]+) to ~(?<channel>[\w.\-]+)$")]
    private static partial Regex Invites();

    [GeneratedRegex(@"^remove (?<user>[\w.\-]+) from ~(?<channel>[\w.\-]+)$")]
    private static partial Regex Removes();

    [GeneratedRegex("/pl/[a-z0-9]{26}")]
    private static partial Regex Permalink();
}
