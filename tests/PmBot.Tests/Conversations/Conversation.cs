using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using NodaTime;
using NodaTime.Text;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Conversations;

/// <summary>
/// Plays the steps of a transcript with the real bot on the stand-in server, and writes the transcript that comes of it. Lines that
/// begin in the first column are steps and comments (and, after <c>&lt;</c>, the lines of a file that a step attaches); what is indented is
/// what people saw.
/// </summary>
/// <param name="team">The team.</param>
/// <param name="starting">What is changed whenever a step starts the bot.</param>
internal sealed partial class Conversation(SandboxTeam team, Action<WebApplicationBuilder>? starting = null)
{
    private const int MostFileLines = 20;
    private const int MostOptions = 6;
    private const int FirstWords = 6;

    private static readonly DateTimeZone Zone = DateTimeZoneProviders.Tzdb["America/Los_Angeles"];
    private readonly StringBuilder _text = new();
    private readonly Dictionary<string, string> _messages = new(StringComparer.Ordinal);
    private int _seen;
    private bool _toldOnTheWay;

    /// <summary>The way steps are written, for whoever writes one wrongly.</summary>
    private const string Steps =
        """
        @ 2026-11-30 09:00                          the clock (Palo Alto time)
        + 4h                                        the clock goes on (h, m, d)
        katie.w ~product-management> text           types a post or a command
        katie.w presses "I've got it"               the newest such button that she sees
        adam.c chooses katie.w in "Assign to…"      an option of the newest such menu; of a users menu: a username
        katie.w reacts :heart: to "part of a post"
        katie.w replies to "part of a post"> text
        sam.sales ~twitter attaches a.csv> text     a post with a file, whose lines follow the step, each after "< "
        katie.w submits name=value; name=value      the open dialog; ~channel and @name, or an option's text, where these are chosen from
        rename adam.c to zed.c Zed Clark
        header of ~twitter> text                    set by the team's admin
        invite pm-bot to ~town-square               also: remove pm-bot from ~twitter
        mattermost is down                          also: is up
        bot stops                                   also: bot starts
        """;

    public async Task<string> PlayAsync(string script, CancellationToken cancellationToken)
    {
        var lines = script.ReplaceLineEndings("\n").Split('\n');
        for (var next = 0; next < lines.Length;)
        {
            var line = lines[next++];
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
            var file = new StringBuilder();
            for (; Attaches().IsMatch(line) && next < lines.Length && lines[next].StartsWith('<'); next++)
            {
                _text.Append(lines[next]).Append('\n');
                file.Append(lines[next].AsSpan(lines[next].StartsWith("< ", StringComparison.Ordinal) ? 2 : 1)).Append('\n');
            }

            try
            {
                await StepAsync(line, file.ToString(), cancellationToken);
                await PrintAsync(line, cancellationToken);
            }
            catch (Exception e) when (e is not FormatException)
            {
                throw new InvalidOperationException($"The step \"{line}\" failed. So far:\n{_text}", e);
            }
        }

        return _text.ToString();
    }

    private async Task StepAsync(string line, string file, CancellationToken cancellationToken)
    {
        if (line.StartsWith("@ ", StringComparison.Ordinal))
        {
            var local = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm").Parse(line[2..].Trim()).GetValueOrThrow();
            await PassTimeAsync(local.InZoneStrictly(Zone).ToDateTimeOffset(), cancellationToken);
        }
        else if (line.StartsWith("+ ", StringComparison.Ordinal))
        {
            var number = int.Parse(line[2..^1], CultureInfo.InvariantCulture);
            var span = line[^1] switch
            {
                'h' => TimeSpan.FromHours(number),
                'm' => TimeSpan.FromMinutes(number),
                'd' => TimeSpan.FromDays(number),
                _ => throw new FormatException($"{line}\n{Steps}"),
            };
            await PassTimeAsync(team.Clock.GetUtcNow() + span, cancellationToken);
        }
        else if (line == "bot stops")
        {
            await team.StopBotAsync();
        }
        else if (line == "bot starts")
        {
            await team.StartBotAsync(starting);
        }
        else if (line is "mattermost is down" or "mattermost is up")
        {
            team.Server.Faults.Down = line.EndsWith("down", StringComparison.Ordinal);
        }
        else if (Types().Match(line) is { Success: true } types)
        {
            await team.Server.TypeAsync(User(types), Channel(types.Groups["channel"].Value), types.Groups["text"].Value);
        }
        else if (Attaches().Match(line) is { Success: true } attaches)
        {
            await team.Server.TypeAsync(
                User(attaches), Channel(attaches.Groups["channel"].Value), attaches.Groups["text"].Value,
                files: [new ChatFile(attaches.Groups["file"].Value, file)]);
        }
        else if (Chooses().Match(line) is { Success: true } chooses)
        {
            var (user, menu) = (User(chooses), chooses.Groups["menu"].Value);
            var post = Visible(user).Last(p => p.Actions.Any(a => IsMenu(a) && a.Name == menu));
            var action = post.Actions.First(a => IsMenu(a) && a.Name == menu);
            await team.Server.PressAsync(user, post.Id, action.Id, Option(action.DataSource, action.Options, chooses.Groups["option"].Value));
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
                .Select(v => v.Split('=', 2)).Select(v => (v[0], (string?)Value(User(submits), v[0], v[1])));
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

        if (_toldOnTheWay)
        {
            PrintFresh(step, At());
            _toldOnTheWay = false;
        }
        else
        {
            PrintFresh(step, "");
        }
    }

    /// <summary>Of what comes on the way, the transcript says when.</summary>
    private async Task PassTimeAsync(DateTimeOffset to, CancellationToken cancellationToken) => await team.PassTimeAsync(
        to,
        () =>
        {
            _toldOnTheWay |= PrintFresh("", At());
            return Task.CompletedTask;
        },
        cancellationToken);

    private string At() => Instant.FromDateTimeOffset(team.Clock.GetUtcNow()).InZone(Zone).ToString("'  'ddd uuuu-MM-dd HH:mm'\n'", CultureInfo.InvariantCulture);

    /// <summary>Prints what was not printed yet, below a heading.</summary>
    /// <returns>Whether there was anything.</returns>
    private bool PrintFresh(string step, string heading)
    {
        var journal = team.Server.Journal;
        var fresh = journal.Where(e => e.Sequence > _seen).ToList();
        _seen = journal.Count == 0 ? 0 : journal.Max(e => e.Sequence);

        var before = _text.Length;
        _text.Append(heading);
        var above = _text.Length;

        // Lanes are delivered side by side, and beside them the server posts what the bot answered a webhook: only within a channel, and
        // among the bot's own posts, is there an order to hold the bot to.
        foreach (var entry in fresh.OrderBy(Place).ThenBy(e => e.Channel, StringComparer.Ordinal).ThenBy(e => !IsOfWebhook(e)).ThenBy(e => e.Sequence))
        {
            Print(entry, step);
        }

        if (_text.Length > above)
        {
            return true;
        }

        _text.Length = before;
        return false;
    }

    private static bool IsOfWebhook(JournalEntry entry) => entry is JournalEntry.PostCreated { Post: var post } && post.Prop("from_webhook") == "true";

    private static int Place(JournalEntry entry) => entry switch
    {
        JournalEntry.EphemeralShown or JournalEntry.DialogOpened or JournalEntry.ActionAnswered => 0,
        JournalEntry.HeaderChanged => 3,
        _ => entry.Channel.StartsWith('@') ? 2 : 1,
    };

    private void Print(JournalEntry entry, string step)
    {
        switch (entry)
        {
            case JournalEntry.PostCreated { Post: var post } when post.Type.Length == 0 && (post.Author != step.Split(' ')[0] || IsOfWebhook(entry)):
                Block($"{Where(entry, post)}, {post.Author}{(IsOfWebhook(entry) ? " (webhook)" : "")}:", post);
                break;
            case JournalEntry.PostEdited { Post: var post }:
                Block($"{Where(entry, post)}, {post.Author} changes its post:", post);
                break;
            case JournalEntry.EphemeralShown shown:
                Block($"only {shown.To.Username} sees:", shown.Post);
                break;
            case JournalEntry.ActionAnswered { Error: { } error } answered:
                _text.Append(CultureInfo.InvariantCulture, $"  {answered.By} sees the error: {Clean(error)}\n");
                break;
            case JournalEntry.HeaderChanged header when header.By == team.BotUser.Username:
                _text.Append(CultureInfo.InvariantCulture, $"  header of ~{header.Channel}: {header.Header.Replace("\u2063\u2063", "·", StringComparison.Ordinal)}\n");
                break;
            case JournalEntry.DialogOpened dialog:
                _text.Append(CultureInfo.InvariantCulture, $"  {dialog.To.Username} sees the dialog \"{dialog.Dialog.Title}\":\n");
                if (Text(dialog.Dialog.Definition, "introduction_text") is { Length: > 0 } introduction)
                {
                    Lines(introduction);
                }

                foreach (var element in dialog.Dialog.Elements)
                {
                    Field(element);
                }

                break;
        }
    }

    private void Field(JsonElement element)
    {
        var options = Options(element);
        var standard = Text(element, "default");
        var chosen = options.FirstOrDefault(o => o.Value == standard)?.Text ?? team.Server.Users.FirstOrDefault(u => u.Id == standard)?.Username ?? standard;
        var choice = options.Count switch
        {
            0 => "",
            <= MostOptions => $" of {string.Join(", ", options.Select(o => o.Text))}",
            var more => $" of {more}",
        };
        Lines($"{Text(element, "display_name")}: [{chosen}]{choice}");
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
            Print(attachment);
        }

        foreach (var file in team.Server.Files(post))
        {
            var lines = file.Text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
            Lines($"(file {file.Name}:)");
            Lines(string.Join('\n', lines.Take(MostFileLines).Select(l => "  " + l)));
            if (lines.Length > MostFileLines)
            {
                Lines($"  … {lines.Length - MostFileLines} more lines");
            }
        }
    }

    private void Print(ChatAttachment attachment)
    {
        var fields = (attachment.Fields ?? []).Select(f => (Text: $"{f.Title}: {f.Value}", f.IsShort)).ToList();
        var parts = new List<string>
        {
            attachment.Pretext,
            attachment.TitleLink.Length > 0 ? $"[{attachment.Title}]({attachment.TitleLink})" : attachment.Title,
            attachment.Text,
            string.Join(" · ", fields.Where(f => f.IsShort).Select(f => f.Text)),
            string.Join('\n', fields.Where(f => !f.IsShort).Select(f => f.Text)),
            attachment.Footer,
            string.Join(' ', attachment.Actions.Select(a => IsMenu(a) ? $"[ {a.Name} ▾ ]" : $"[ {a.Name} ]")),
        };
        foreach (var part in parts.Where(p => p.Length > 0))
        {
            Lines(part);
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
        clean = CalendarAddress().Replace(clean.Replace(team.BotUrl, "http://pmbot", StringComparison.Ordinal), "/calendar/….ics");
        return team.Server.Channels.Aggregate(clean, (t, c) => t.Replace(c.Id, $"~{c.Name}", StringComparison.Ordinal));
    }

    private string Where(JournalEntry entry, ChatPost post)
    {
        var channel = entry.Channel.StartsWith('@')
            ? $"direct to {entry.Channel.Split(' ').Single(u => u != "@pm-bot")[1..]}"
            : $"~{entry.Channel}";
        return post.RootId.Length == 0 ? channel : $"{channel}, in the thread of \"{Beginning(team.Server.FindPost(post.RootId))}\"";
    }

    /// <summary>The first words of a post, or of what stands in its frame.</summary>
    private string Beginning(ChatPost post)
    {
        var texts = post.Attachments.SelectMany(a => new List<string> { a.Title, a.Text, a.Fallback }).Prepend(post.Message);
        var words = Clean(texts.FirstOrDefault(t => t.Length > 0, "")).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Take(FirstWords)) + (words.Length > FirstWords ? "…" : "");
    }

    private List<ChatPost> Visible(ChatUser user) =>
    [
        .. team.Server.Posts().Where(p => p.DeleteAt == 0 && team.Server.Channels.Any(c => c.Id == p.ChannelId && team.Server.Members(c).Any(m => m.Id == user.Id)))
            .Concat(team.Server.EphemeralsOf(user)).OrderBy(p => p.CreateAt),
    ];

    private ChatPost Find(ChatUser user, string part) => Visible(user).Last(p => p.Message.Contains(part, StringComparison.Ordinal));

    private ChatUser User(Match match) =>
        team.Server.FindUser(match.Groups["user"].Value) ?? throw new FormatException($"Nobody is called {match.Groups["user"].Value}.");

    private ChatChannel Channel(string name) => team.Server.FindChannel(name) ?? throw new FormatException($"There is no ~{name}.");

    private static bool IsMenu(ChatAction action) => action.Type == "select";

    /// <summary>What a menu sends for the option that is called so.</summary>
    private string Option(string source, IEnumerable<ChatOption> own, string option) => source switch
    {
        "users" => team.Server.FindUser(option.TrimStart('@'))?.Id,
        "channels" => team.Server.FindChannel(option.TrimStart('~'))?.Id,
        _ => own.FirstOrDefault(o => o.Text == option)?.Value,
    } ?? throw new FormatException($"There is no option \"{option}\".");

    /// <summary>What a field of the open dialog gets; a choice may also be given as it is sent.</summary>
    private string Value(ChatUser user, string name, string typed)
    {
        var element = team.Server.Dialogs(user)[^1].Elements.First(e => Text(e, "name") == name);
        var options = Options(element);
        return options.Any(o => o.Text == typed) || (Text(element, "data_source").Length > 0 && typed is ['~' or '@', ..])
            ? Option(Text(element, "data_source"), options, typed)
            : typed;
    }

    private static List<ChatOption> Options(JsonElement element) => element.TryGetProperty("options", out var options) && options.ValueKind == JsonValueKind.Array
        ? [.. options.EnumerateArray().Select(o => new ChatOption(Text(o, "text"), Text(o, "value")))]
        : [];

    private static string Text(JsonElement json, string key) => json.TryGetProperty(key, out var value) ? value.ToString() : "";

    private string LastLine() => _text.ToString().TrimEnd('\n').Split('\n')[^1];

    [GeneratedRegex(@"^(?<user>[\w.\-]+) ~(?<channel>[\w.\-]+)> (?<text>.*)$")]
    private static partial Regex Types();

    [GeneratedRegex(@"^(?<user>[\w.\-]+) ~(?<channel>[\w.\-]+) attaches (?<file>\S+)>(?: (?<text>.*))?$")]
    private static partial Regex Attaches();

    [GeneratedRegex("^(?<user>[\\w.\\-]+) chooses (?<option>.+) in \"(?<menu>.+)\"$")]
    private static partial Regex Chooses();

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

    [GeneratedRegex(@"/calendar/[\w\-]+\.ics")]
    private static partial Regex CalendarAddress();

    [GeneratedRegex("/pl/[a-z0-9]{26}")]
    private static partial Regex Permalink();
}
