namespace PmBot.People;

/// <summary>A user, with the name that was last known of them.</summary>
/// <param name="Id">Mattermost's id, which never changes.</param>
/// <param name="Name">The username, which can.</param>
public sealed record Person(string Id, string Name);
