namespace PmBot.Sandbox.StandIn;

/// <summary>A refusal in the server's own words.</summary>
internal sealed class ApiException(int status, string id, string message, string details = "") : Exception(message)
{
    public int Status { get; } = status;

    public string Id { get; } = id;

    public string Details { get; } = details;

    public static ApiException Forbidden(ChatUser user, string permission) => new(403, "api.context.permissions.app_error",
        "You do not have the appropriate permissions.", $"userId={user.Id}, permission={permission},");

    public static ApiException Invalid(string parameter) => new(400, "api.context.invalid_body_param.app_error",
        $"Invalid or missing {parameter} in request body.");

    public static ApiException Disabled(string id, string message) => new(501, id, message);

    public static ApiException NoUser(string details) => new(404, "app.user.missing_account.const", "Unable to find the user.", details);

    public static ApiException NoTeam(string details) =>
        new(404, "app.team.get.find.app_error", "Unable to find the existing team.", details);

    public static ApiException NoChannel(string details) =>
        new(404, "app.channel.get.existing.app_error", "Unable to find the existing channel.", details);

    public static ApiException NoPost(string id) =>
        new(404, "app.post.get.app_error", "Unable to get the post.", $"resource: Post id: {id}");

    public static ApiException Integration(string details) => new(400, "api.post.do_action.action_integration.app_error",
        "Action integration error.", details);
}
