using System.Collections.Concurrent;
using PmBot.Mattermost;
using PmBot.Mattermost.Client;

namespace PmBot.People;

/// <summary>The users that an answer speaks of, as Mattermost has them now; what it did not tell is taken as it was last known.</summary>
internal sealed class Names(IReadOnlyDictionary<string, MattermostUser> users)
{
    /// <summary>Nobody looked up.</summary>
    public static Names None { get; } = new(new Dictionary<string, MattermostUser>(StringComparer.Ordinal));

    /// <summary>A person's name, without notifying them.</summary>
    public string Of(Person person) => users.GetValueOrDefault(person.Id)?.Username ?? person.Name;

    /// <summary>A user's name, without notifying them.</summary>
    public string Of(string userId) => users.GetValueOrDefault(userId)?.Username ?? "someone";

    /// <summary>Whether Mattermost said that the account can no longer be used.</summary>
    public bool IsGone(string userId) => users.GetValueOrDefault(userId)?.IsDeactivated == true;
}

/// <summary>What became of a user who was named.</summary>
internal abstract record UserChoice
{
    private UserChoice()
    {
    }

    /// <summary>They are in the team.</summary>
    public sealed record Known(Person Person) : UserChoice;

    /// <summary>They cannot be meant; the sentence says why.</summary>
    public sealed record Unknown(string Problem) : UserChoice;
}

/// <summary>Looks users up, without waiting long for Mattermost.</summary>
internal sealed class UserLookup(IDirectory directory)
{
    /// <summary>How many memberships are asked for at once.</summary>
    private const int MostAtOnce = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The users of these ids; fewer, or none, if Mattermost does not answer soon.</summary>
    public async Task<Names> NamesAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var asked = ids.Where(i => i.Length > 0).ToList();
        if (asked.Count == 0)
        {
            return Names.None;
        }

        try
        {
            var users = await directory.UsersByIdAsync(asked, cancellationToken).WaitAsync(Patience, cancellationToken);
            return new Names((users.ValueOrDefault ?? []).ToDictionary(u => u.Id, StringComparer.Ordinal));
        }
        catch (TimeoutException)
        {
            return Names.None;
        }
    }

    /// <summary>Somebody who is to own, carry or hear of something: a person with an account in use, in this team.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="name">Their username.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<UserChoice> ByNameAsync(string workspaceId, string name, CancellationToken cancellationToken) =>
        await directory.UsersByNameAsync([name], cancellationToken) switch
        {
            MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: [var user, ..] } => await OfTeamAsync(workspaceId, user, cancellationToken),
            MattermostResult<IReadOnlyList<MattermostUser>>.Ok => NoSuch(name),
            var failed => new UserChoice.Unknown($"I could not look {Markdown.Code($"@{name}")} up: {failed.Describe()} Please try again."),
        };

    /// <summary>The same for many at once.</summary>
    /// <param name="workspaceId">The team.</param>
    /// <param name="names">Their usernames, lower case.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A choice for each name; or, if Mattermost does not tell of all of them, why.</returns>
    public async Task<(IReadOnlyDictionary<string, UserChoice> Choices, string? Failure)> ByNamesAsync(
        string workspaceId, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var choices = new ConcurrentDictionary<string, UserChoice>(names.Select(n => KeyValuePair.Create(n, (UserChoice)NoSuch(n))), StringComparer.Ordinal);
        var looked = await directory.UsersByNameAsync(names, cancellationToken);
        if (looked is not MattermostResult<IReadOnlyList<MattermostUser>>.Ok { Value: var users })
        {
            return (choices, looked.Describe());
        }

        string? failure = null;
        await Parallel.ForEachAsync(
            users,
            new ParallelOptions { MaxDegreeOfParallelism = MostAtOnce, CancellationToken = cancellationToken },
            async (user, token) =>
            {
                var member = await directory.IsMemberAsync(workspaceId, user.Id, token);
                choices[user.Username.ToLowerInvariant()] = Choice(user, member);
                if (member is not MattermostResult<bool>.Ok)
                {
                    failure = member.Describe();
                }
            });
        return (choices, failure);
    }

    /// <summary>The same for somebody whose name stands in a command, which may bring their id along.</summary>
    public Task<UserChoice> MentionedAsync(SlashCommand slash, string name, CancellationToken cancellationToken) =>
        slash.Users.TryGetValue(name, out var id) ? ByIdAsync(slash.TeamId, id, cancellationToken) : ByNameAsync(slash.TeamId, name, cancellationToken);

    /// <summary>The same for somebody who was chosen in a menu or form.</summary>
    public async Task<UserChoice> ByIdAsync(string workspaceId, string id, CancellationToken cancellationToken) =>
        await directory.UserAsync(id, cancellationToken) switch
        {
            MattermostResult<MattermostUser>.Ok { Value: var user } => await OfTeamAsync(workspaceId, user, cancellationToken),
            { IsNotFound: true } => new UserChoice.Unknown("I know no such user."),
            var failed => new UserChoice.Unknown($"I could not look that user up: {failed.Describe()} Please try again."),
        };

    private async Task<UserChoice> OfTeamAsync(string workspaceId, MattermostUser user, CancellationToken cancellationToken) =>
        Choice(user, await directory.IsMemberAsync(workspaceId, user.Id, cancellationToken));

    private static UserChoice Choice(MattermostUser user, MattermostResult<bool> isMember) =>
        user.IsBot ? new UserChoice.Unknown($"{user.Username} is a bot.")
        : user.IsDeactivated ? new UserChoice.Unknown($"The account of {user.Username} is deactivated.")
        : isMember switch
        {
            MattermostResult<bool>.Ok { Value: true } => new UserChoice.Known(new Person(user.Id, user.Username)),
            MattermostResult<bool>.Ok => new UserChoice.Unknown($"{user.Username} is not in this team."),
            var failed => new UserChoice.Unknown($"I could not find out whether {user.Username} is in this team: {failed.Describe()} Please try again."),
        };

    private static UserChoice.Unknown NoSuch(string name) => new($"I know nobody called {Markdown.Code($"@{name}")}.");
}
