using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NodaTime;
using NUnit.Framework;
using PmBot.Tests.Storage;

namespace PmBot.Tests.Workspaces;

/// <summary>
/// A thousand teams with ten rotations each, served by one bot. In three of them people use all there is for two weeks, naming things of
/// another team, too. What they read is compared with what the same people read in a store that holds their team alone, and searched
/// for the marks of all other teams.
/// </summary>
[Parallelizable(ParallelScope.Self)]
[Engines]
internal sealed class ManyTeamsTests
{
    private static readonly LocalDateTime Friday = new(2026, 11, 27, 9, 1);

    private static readonly LocalDateTime Monday = new(2026, 11, 30, 9, 6);

    private static readonly LocalDateTime Wednesday = new(2026, 12, 2, 9, 31);

    private readonly List<Run> _runs = [];
    private readonly List<(MarkedTeam Of, MarkedTeam By, string What, string Answer)> _intrusions = [];
    private readonly List<string> _intrusiveChanges = [];
    private ManyTeams _many = null!;
    private ManyTeams _alone = null!;
    private Run _control = null!;
    private ImmutableSortedDictionary<string, string> _before = null!;
    private ImmutableSortedDictionary<string, string> _typed = null!;
    private IReadOnlyList<SeenPost> _postsBefore = null!;
    private IReadOnlyList<SeenPost> _postsTyped = null!;

    /// <summary>The life of a team, with all that can be seen of it at the end.</summary>
    private sealed record Run(ManyTeams Server, TeamLife Life)
    {
        public IReadOnlyList<string> Calendars { get; set; } = [];
    }

    [OneTimeSetUp]
    public async Task LiveAsync()
    {
        var (team, neighbour) = ManyTeams.InUse[1];
        _alone = await ManyTeams.StartAsync([team.Number]);
        _control = new Run(_alone, new TeamLife(_alone, team, neighbour));
        await LiveAsync(_alone, [_control]);

        _many = await ManyTeams.StartAsync(Enumerable.Range(0, ManyTeams.Count));
        _runs.AddRange(ManyTeams.InUse.Select(t => new Run(_many, new TeamLife(_many, t.Team, t.Neighbour))));
        foreach (var line in _runs.SelectMany(r => TeamScript.Before(r.Life.Neighbour), (r, line) => (r.Life.Neighbour, line)))
        {
            await _many.TypeAsync(line.Neighbour, _many.User(line.line.UserId), line.line.Trigger, line.line.Text);
        }

        await _many.SettledAsync();
        _before = await _many.RowsAsync();
        _postsBefore = _many.Posts();
        await LiveAsync(_many, _runs, async () => (_typed, _postsTyped) = (await _many.RowsAsync(), _many.Posts()), IntrudeAsync);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _many.DisposeAsync();
        await _alone.DisposeAsync();
    }

    [Test]
    public void Everything_is_answered_as_if_there_were_no_other_team()
    {
        var alone = _control.Life.NeutralExchanges();
        Assert.Multiple(() =>
        {
            foreach (var run in _runs)
            {
                Assert.That(run.Life.NeutralExchanges(), Is.EqualTo(alone), run.Life.Team.Mark);
            }
        });
    }

    [Test]
    public void Everything_is_posted_as_if_there_were_no_other_team()
    {
        var alone = NeutralPosts(_control);
        Assert.That(alone, Has.Count.GreaterThan(60));
        Assert.Multiple(() =>
        {
            foreach (var run in _runs)
            {
                Assert.That(NeutralPosts(run), Is.EqualTo(alone), run.Life.Team.Mark);
            }
        });
    }

    [Test]
    public void No_answer_and_no_form_holds_a_mark_of_another_team() => Assert.Multiple(() =>
    {
        foreach (var run in _runs)
        {
            Assert.That(run.Life.Exchanges.Where(e => Foreign(e.Answer, [run.Life.Team.Mark, .. MarkedTeam.MarksIn(e.Sent)]).Count > 0), Is.Empty, run.Life.Team.Mark);
        }
    });

    [Test]
    public void No_post_message_file_or_header_holds_a_mark_of_another_team() => Assert.Multiple(() =>
    {
        foreach (var post in _many.Posts())
        {
            // The visitor hears of several teams; of one at a time.
            var mark = post.TeamMark ?? (post.To == MarkedTeam.Visitor.Name ? MarkedTeam.MarksIn(post.Text) is [var first, ..] ? first : null : MarkedTeam.MarksIn(post.To!)[0]);
            Assert.That(Foreign(post.Text, [mark ?? ""]), Is.Empty, $"{post}");
        }

        foreach (var channel in _many.Server.Channels.Where(c => c.TeamId.Length > 0 && MarkedTeam.MarksIn(c.TeamId).Count > 0))
        {
            Assert.That(Foreign(channel.Header, MarkedTeam.MarksIn(channel.TeamId)), Is.Empty, channel.TeamId);
        }
    });

    [Test]
    public void What_comes_due_comes_to_every_team()
    {
        var posts = _many.Posts();
        Assert.Multiple(() =>
        {
            foreach (var mark in ManyTeams.Awake.Select(n => new MarkedTeam(n).Mark))
            {
                var own = posts.Where(p => p.TeamMark == mark).Select(p => p.Text).ToList();
                Assert.That(own.Count(t => t.Contains($"Answer what {mark} asks", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(MarkedStore.Rotations - 2), mark);
                Assert.That(own, Has.Some.Contain($"Pricing {mark}").And.Some.StartWith("#### Requests without a decision"), mark);
            }
        });
    }

    [Test]
    public void Nobody_of_a_team_that_did_nothing_hears_anything()
    {
        var used = ManyTeams.InUse.Select(t => t.Team.Mark).ToHashSet(StringComparer.Ordinal);
        Assert.That(_postsTyped, Has.Count.GreaterThan(_postsBefore.Count + 100));
        Assert.That(Others(_postsTyped), Is.EqualTo(Others(_postsBefore)), "what the neighbours were told before");

        IEnumerable<SeenPost> Others(IEnumerable<SeenPost> posts) =>
            posts.Where(p => p.TeamMark is { } mark ? !used.Contains(mark) : p.To != MarkedTeam.Visitor.Name && !used.Contains(MarkedTeam.MarksIn(p.To!)[0]));
    }

    [Test]
    public void Nothing_that_another_team_stored_is_changed()
    {
        var used = ManyTeams.InUse.Select(t => t.Team.Mark).ToHashSet(StringComparer.Ordinal);
        var changed = _before.Keys.Union(_typed.Keys, StringComparer.Ordinal).Where(m => _before.GetValueOrDefault(m) != _typed.GetValueOrDefault(m)).ToList();
        Assert.That(_before, Has.Count.GreaterThanOrEqualTo(ManyTeams.Count));
        Assert.That(changed.Where(m => m.Length > 0), Is.EquivalentTo(used));
    }

    [Test]
    public void Nobody_of_another_team_is_given_anything() => Assert.Multiple(() =>
    {
        // Ids stand in fields such as the assignee's or owner's; what was typed names people by their names.
        foreach (var (mark, rows) in _typed.Where(r => r.Key.Length > 0))
        {
            Assert.That(MarkedIds(rows), Is.SubsetOf(new[] { mark }), mark);
        }
    });

    [Test]
    public void Who_is_in_no_team_of_a_button_or_form_changes_nothing_and_reads_nothing()
    {
        Assert.That(_intrusions, Has.Count.GreaterThan(30));
        Assert.Multiple(() =>
        {
            Assert.That(_intrusiveChanges, Is.Empty);
            foreach (var (of, by, what, answer) in _intrusions)
            {
                Assert.That(Foreign(answer, [by.Mark]), Is.Empty, $"{what} of {of.Mark}: {answer}");
            }
        });
    }

    [Test]
    public void A_calendar_is_that_of_one_team() => Assert.Multiple(() =>
    {
        foreach (var run in _runs)
        {
            Assert.That(run.Calendars.SelectMany(MarkedTeam.MarksIn).Distinct(StringComparer.Ordinal), Is.EqualTo(new[] { run.Life.Team.Mark }));
            Assert.That(run.Calendars.Select(run.Life.Neutral), Is.EqualTo(_control.Calendars.Select(_control.Life.Neutral)));
        }
    });

    [Test]
    public void The_log_tells_of_no_fault() => Assert.That(_many.Logs.Warnings.Where(l => l.Level > Microsoft.Extensions.Logging.LogLevel.Warning), Is.Empty);

    /// <summary>The people of all teams do the same things, and the same time passes.</summary>
    private static async Task LiveAsync(ManyTeams server, IReadOnlyList<Run> runs, Func<Task>? typed = null, Func<Task>? intrude = null)
    {
        foreach (var run in runs)
        {
            await run.Life.TypeAsync();
        }

        await (typed?.Invoke() ?? Task.CompletedTask);
        foreach (var to in new[] { Friday, Monday, Wednesday })
        {
            await server.PassAsync(to);
            await (intrude?.Invoke() ?? Task.CompletedTask);
            foreach (var run in runs)
            {
                await run.Life.PressAsync();
            }
        }

        foreach (var run in runs)
        {
            run.Calendars = await run.Life.CalendarsAsync();
        }
    }

    /// <summary>Somebody of a neighbour presses all buttons of a team, and submits its forms.</summary>
    private async Task IntrudeAsync()
    {
        var concerned = ManyTeams.InUse.SelectMany(t => new[] { t.Team, t.Neighbour }).ToList();
        var before = await _many.RowsAsync(concerned);
        foreach (var (team, neighbour) in ManyTeams.InUse)
        {
            var ben = _many.User(neighbour.Ben.Id);
            var ann = _many.User(neighbour.Ann.Id);
            var parked = _many.Signer.Sign(_many.Signer.New("delivery.retry", neighbour.Id, $"{team.Mark}parked"));
            foreach (var (context, by) in _many.Buttons(team).SelectMany(b => new[] { ben, ann }, (b, by) => (b.Context, by)).Append((parked, ann)))
            {
                var open = _many.Server.Dialogs(by).Count;
                var answer = await _many.PressAsync(neighbour, by, context, neighbour.Ben.Id);
                var forms = _many.Server.Dialogs(by).Skip(open).Select(d => d.Definition.GetRawText());
                _intrusions.Add((team, neighbour, $"{by.Username} presses {(string?)context["a"]}", string.Join('\n', forms.Prepend(answer))));
            }

            // Once with what the bot signed for another user, and once as if it had signed it for this one.
            foreach (var (dialog, action) in _many.Forms(team))
            {
                foreach (var state in new[] { dialog.State, _many.Signer.SignText(_many.Signer.New(action, team.Id, (string?)JsonNode.Parse(dialog.State)!["s"] ?? "", ann.Id)) })
                {
                    _intrusions.Add((team, neighbour, $"{ann.Username} submits {action}", await _many.SubmitAsync(neighbour, ann, state, TeamLife.Filled(dialog, neighbour))));
                }
            }
        }

        await _many.SettledAsync();
        var after = await _many.RowsAsync(concerned);
        _intrusiveChanges.AddRange(before.Keys.Union(after.Keys, StringComparer.Ordinal).Where(m => before.GetValueOrDefault(m) != after.GetValueOrDefault(m)));
    }

    private static IReadOnlyList<string> Foreign(string text, IEnumerable<string> allowed) => [.. MarkedTeam.MarksIn(text).Except(allowed, StringComparer.Ordinal)];

    /// <summary>The marks of the ids of users and channels in rows.</summary>
    private static IEnumerable<string> MarkedIds(string rows) =>
        Regex.Matches(rows, "(?<mark>t[0-9]{4}x)[a-z]+0{3,}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)).Select(m => m.Groups["mark"].Value).Distinct(StringComparer.Ordinal);

    private static List<string> NeutralPosts(Run run)
    {
        var mark = run.Life.Team.Mark;
        return [.. run.Server.Posts()
            .Where(p => p.TeamMark == mark || (p.To is { } to && MarkedTeam.MarksIn(to).Contains(mark)))
            .Select(p => run.Life.Neutral($"{p.To} {p.Text}")).Order(StringComparer.Ordinal)];
    }
}
