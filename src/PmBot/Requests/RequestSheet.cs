using NodaTime;
using NodaTime.Text;
using PmBot.Mattermost;
using PmBot.People;

namespace PmBot.Requests;

/// <summary>A line of a file of requests, its cells by what they mean.</summary>
/// <param name="Line">The line.</param>
/// <param name="Cells">The cells that are not empty, by their column; see <see cref="RequestColumns"/>.</param>
/// <param name="Problem">Why its cells cannot be told apart; null if they can.</param>
internal sealed record SheetRow(CsvLine Line, IReadOnlyDictionary<string, string> Cells, string? Problem)
{
    /// <summary>A cell as one line; null if it is empty.</summary>
    public string? this[string column] => TypedText.Line(Cells.GetValueOrDefault(column));

    /// <summary>The username in a cell, lower case; null if it is empty.</summary>
    public string? User(string column) => this[column]?.TrimStart('@').ToLowerInvariant();
}

/// <summary>What can be said of a line: a request without a number, or what is wrong with it.</summary>
/// <param name="Line">The line.</param>
/// <param name="Request">The request; null if anything is wrong.</param>
/// <param name="Problems">What is wrong.</param>
internal sealed record CheckedRow(CsvLine Line, CustomerRequest? Request, IReadOnlyList<string> Problems);

/// <summary>A file of requests: which column means what, and what stands in each line.</summary>
/// <param name="Rows">The lines.</param>
/// <param name="Unknown">Headers that mean nothing here.</param>
/// <param name="Own">Headers of columns that the bot writes and does not read.</param>
internal sealed record RequestSheet(IReadOnlyList<SheetRow> Rows, IReadOnlyList<string> Unknown, IReadOnlyList<string> Own)
{
    private static readonly InstantPattern[] Instants = [InstantPattern.ExtendedIso];

    private static readonly OffsetDateTimePattern[] Offsets =
        [OffsetDateTimePattern.Rfc3339, OffsetDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mmo<Z+HH:mm>")];

    private static readonly LocalDateTimePattern[] Locals =
    [
        LocalDateTimePattern.ExtendedIso, LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm"),
        LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm"), LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm:ss"),
    ];

    /// <summary>Reads the header, and the lines by it.</summary>
    /// <returns>The sheet, or a problem of the whole file, as the end of a sentence that begins with its name.</returns>
    public static (RequestSheet? Sheet, string? Problem) Of(CsvContent.Table table)
    {
        var headers = table.Header.Cells.Select(h => TypedText.Line(h) ?? "").ToList();
        var columns = headers.Select(RequestColumns.Meant).ToList();
        if (columns.OfType<string>().GroupBy(c => c, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            var same = headers.Where(h => RequestColumns.Meant(h) == twice.Key).Select(h => Markdown.Code(Markdown.Shorten(h, 40)));
            return (null, $"has more than one column that means `{twice.Key}`: {string.Join(", ", same)}. Leave one of them.");
        }

        if (!columns.Contains(RequestColumns.Title, StringComparer.Ordinal))
        {
            var read = headers.Where(h => h.Length > 0).Take(10).Select(h => Markdown.Code(Markdown.Shorten(h, 40)));
            return (null, $"has no column `title` in its first line. I read there: {string.Join(", ", read)}. Name the columns in English: `title`, and if you like `customer`, `area`, `reporter`, `assignee`, `decision` and others.");
        }

        return (
            new RequestSheet(
                [.. table.Lines.Select(l => Row(l, columns))],
                [.. headers.Where((h, i) => h.Length > 0 && columns[i] is null && !RequestColumns.IsOwn(h))],
                [.. headers.Where(RequestColumns.IsOwn)]),
            null);
    }

    /// <summary>The usernames that stand in it.</summary>
    public IReadOnlyList<string> Usernames() =>
    [
        .. Rows.SelectMany(r => new[] { r.User(RequestColumns.Reporter), r.User(RequestColumns.Assignee) }).OfType<string>()
            .Where(IsUsername).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Checks a line by all that requests have to be.</summary>
    /// <param name="row">The line.</param>
    /// <param name="users">Those of <see cref="Usernames"/>, looked up.</param>
    /// <param name="book">The areas, and the zone of dates.</param>
    /// <param name="workspaceId">The team.</param>
    /// <param name="caller">Who imports it, and reports what has no reporter.</param>
    /// <param name="now">The present.</param>
    public static CheckedRow Check(
        SheetRow row, IReadOnlyDictionary<string, UserChoice> users, RequestBook book, string workspaceId, Person caller, Instant now)
    {
        if (row.Problem is { } broken)
        {
            return new CheckedRow(row.Line, null, [broken]);
        }

        var problems = new List<string>();
        var title = Short(RequestColumns.Title, RequestLimits.Title);
        if (row[RequestColumns.Title] is null)
        {
            problems.Add("it has no title");
        }

        var customer = Short(RequestColumns.Customer, RequestLimits.Customer);
        var area = row[RequestColumns.Area] is { } named ? book.Find(named) : null;
        if (area is null && row[RequestColumns.Area] is { } missing)
        {
            problems.Add($"there is no area {Shown(missing)}");
        }

        var reporter = User(RequestColumns.Reporter) ?? caller;
        var assignee = User(RequestColumns.Assignee);
        var decision = row[RequestColumns.Decision] is { } said ? DecisionValue.Parse(said) : null;
        if (row[RequestColumns.Decision] is { } decided)
        {
            if (decision is null)
            {
                problems.Add($"{Shown(decided)} is no decision (such as `Near Term`, `6 months` or `v7.10`)");
            }
            else if (row[RequestColumns.Assignee] is null)
            {
                problems.Add("it has a decision, so it needs an assignee");
            }
        }

        var effort = Short(RequestColumns.Effort, RequestLimits.Short);
        var idea = Short(RequestColumns.Idea, RequestLimits.Text);
        var links = Links();
        var useCases = UseCases();
        var filed = Filed();
        if (problems.Count > 0)
        {
            return new CheckedRow(row.Line, null, problems);
        }

        var request = new CustomerRequest
        {
            Id = "",
            WorkspaceId = workspaceId,
            Number = 0,
            Title = title!,
            Customer = customer,
            Area = area?.Name,
            Reporter = reporter,
            FiledBy = caller.Id,
            FiledAt = filed ?? now,
            ChangedAt = now,
            Links = links,
            UseCases = useCases,
            Effort = effort is null ? null : new Detail(effort, caller.Id, now),
            Idea = idea is null ? null : new Detail(idea, caller.Id, now),
        };
        if (assignee is not null)
        {
            request = Done(request.Assign(assignee, now));
            if (filed is not null)
            {
                // When it became theirs is not known: to count from an old filing until today would spoil the time to assignment.
                request = request with { FirstAssignedAt = null };
            }
        }

        return new CheckedRow(row.Line, decision is null ? request : Done(request.Decide(decision, caller.Id, now)), []);

        string? Short(string column, int most)
        {
            if (row[column] is { } text && text.Length > most)
            {
                problems.Add($"its {Spoken(column)} has {text.Length} characters, and there is room for {most}");
            }

            return row[column];
        }

        Person? User(string column)
        {
            if (row.User(column) is not { } name)
            {
                return null;
            }

            switch (IsUsername(name) ? users[name] : new UserChoice.Unknown($"{Shown(row[column]!)} is no username."))
            {
                case UserChoice.Known known:
                    return known.Person;
                case UserChoice.Unknown unknown:
                    problems.Add($"its {Spoken(column)}: {unknown.Problem.TrimEnd('.')}");
                    return null;
                default:
                    throw new InvalidOperationException(name);
            }
        }

        List<Detail> Links()
        {
            var typed = (row.Cells.GetValueOrDefault(RequestColumns.Links) ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(l => l.TrimEnd(',', ';')).Where(l => l.Length > 0).ToList();
            problems.AddRange(typed.Where(l => TypedText.Url(l) is null).Take(1).Select(l =>
                $"{Shown(l)} is no link (one begins with `https://` or `http://` and has {RequestLimits.Link} characters at most)"));
            return Details(typed.Select(TypedText.Url), "links");
        }

        List<Detail> UseCases()
        {
            var typed = (row.Cells.GetValueOrDefault(RequestColumns.UseCases) ?? "").ReplaceLineEndings("\n").Split('\n').Select(TypedText.Line).OfType<string>().ToList();
            if (typed.FirstOrDefault(u => u.Length > RequestLimits.Text) is { } tooLong)
            {
                problems.Add($"a use case has {tooLong.Length} characters, and there is room for {RequestLimits.Text}");
            }

            return Details(typed, "use cases");
        }

        List<Detail> Details(IEnumerable<string?> details, string what)
        {
            var kept = details.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
            if (kept.Count > CustomerRequest.MostDetails)
            {
                problems.Add($"it has {kept.Count} {what}, and there is room for {CustomerRequest.MostDetails}");
            }

            return [.. kept.Select(d => new Detail(d, caller.Id, now))];
        }

        Instant? Filed()
        {
            if (row[RequestColumns.Filed] is not { } text)
            {
                return null;
            }

            if (InstantOf(text, book.DateTimeZone()) is not { } at)
            {
                problems.Add($"{Shown(text)} is no date (write it like `2026-11-30` or `2026-11-30T17:00:00Z`)");
                return null;
            }

            if (at > now)
            {
                problems.Add($"{Shown(text)} is in the future");
            }

            return at;
        }
    }

    private static SheetRow Row(CsvLine line, List<string?> columns)
    {
        var cells = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Math.Min(columns.Count, line.Cells.Count); i++)
        {
            if (columns[i] is { } column && !string.IsNullOrWhiteSpace(line.Cells[i]))
            {
                cells[column] = line.Cells[i];
            }
        }

        // Fewer cells are empty ones at the end, as some programs write them; more are a text with a separator and no quotes.
        var problem = line.IsBroken ? "there is text behind a closing quote (a `\"` within a quoted cell is written twice)"
            : line.Cells.Skip(columns.Count).Any(c => !string.IsNullOrWhiteSpace(c))
                ? $"it has {line.Cells.Count} cells, and the header has {columns.Count} (a text with a separator in it needs a `\"` before and behind it)"
            : null;
        return new SheetRow(line, cells, problem);
    }

    /// <summary>A date, which means its first moment in the zone, or a time with or without an offset; null if it is none.</summary>
    private static Instant? InstantOf(string text, DateTimeZone zone) =>
        LocalDatePattern.Iso.Parse(text) is { Success: true } date ? zone.AtStartOfDay(date.Value).ToInstant()
        : Instants.Select(p => p.Parse(text)).FirstOrDefault(r => r.Success) is { } instant ? instant.Value
        : Offsets.Select(p => p.Parse(text)).FirstOrDefault(r => r.Success) is { } offset ? offset.Value.ToInstant()
        : Locals.Select(p => p.Parse(text)).FirstOrDefault(r => r.Success) is { } local ? local.Value.InZoneLeniently(zone).ToInstant()
        : null;

    private static bool IsUsername(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static CustomerRequest Done(RequestStep step) =>
        step is RequestStep.Done done ? done.Request : throw new InvalidOperationException($"A checked line was refused: {step}.");

    private static string Spoken(string column) => column.Replace('_', ' ');

    private static string Shown(string text) => Markdown.Code(Markdown.Shorten(text, 60));
}
