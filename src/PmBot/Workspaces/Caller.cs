namespace PmBot.Workspaces;

/// <summary>Who asks for a change, and what they may do.</summary>
/// <param name="UserId">Their id.</param>
/// <param name="Username">Their name.</param>
/// <param name="Right">Whether they are an admin.</param>
internal sealed record Caller(string UserId, string Username, AdminRight Right)
{
    public bool IsAdmin => Right is AdminRight.Yes;

    /// <summary>A sentence for something that only admins may do.</summary>
    public string Refusal(string what) => Right is AdminRight.Unknown unknown
        ? $"Only admins may {what}, and I could not find out whether you are one: {unknown.Reason} Nothing was changed; please try again."
        : $"Only admins may {what}: the admins of this team, and those whom the setting `PmBot:Admins` names. Nothing was changed.";
}
