using System.Net;
using System.Text.RegularExpressions;
using PmBot.Mattermost.Client;
using PmBot.Provisioning;
using PmBot.Sandbox;
using PmBot.Sandbox.StandIn;

namespace PmBot.Tests.Provisioning;

/// <summary>What a run came to: its exit code, and what the operator read.</summary>
internal sealed record Run(int Code, string Output, string Error);

/// <summary>A settings file whose process dies at one of its writes, before or after the write is on disk: nothing of the bot catches what it throws, unless a test gives it something else.</summary>
internal sealed class DeadlyFile(ISettingsFile file, int diesAt, bool afterwards, Exception? with = null) : ISettingsFile
{
    public int Writes { get; private set; }

    public string Name => file.Name;

    public string? Read() => file.Read();

    public string? WhyNotWritable() => file.WhyNotWritable();

    public void Write(string text)
    {
        var isLast = ++Writes == diesAt;
        if (isLast && !afterwards)
        {
            throw with ?? new ThreadInterruptedException("The process died.");
        }

        file.Write(text);
        if (isLast)
        {
            throw with ?? new ThreadInterruptedException("The process died.");
        }
    }

    public void Delete() => file.Delete();
}

/// <summary>A stand-in server with two teams, as an administrator meets it before the bot is there, and a folder for the settings.</summary>
internal sealed partial class ProvisionTeam : IAsyncDisposable
{
    public const string PublicUrl = "http://pmbot.internal:5000";

    private readonly string _folder = Directory.CreateTempSubdirectory("pmbot-provision-").FullName;

    private ProvisionTeam(SandboxClock clock, StandInServer server)
    {
        (Clock, Server) = (clock, server);
        Core = server.AddTeam("core", "Core");
        Sales = server.AddTeam("sales", "Sales");
        Adam = server.AddUser("adam.c", "Adam", "Clark");
        Pm = server.AddChannel(Core, "product-management");
        Twitter = server.AddChannel(Core, "twitter");
        Private = server.AddChannel(Core, "pm-private", isPrivate: true);
        SalesPm = server.AddChannel(Sales, "product-management");
        server.Join(Pm, Adam);
        server.Join(Twitter, Adam);
        server.Join(Private, Adam);
        server.Join(SalesPm, Adam);
    }

    public SandboxClock Clock { get; }

    public StandInServer Server { get; }

    public ChatTeam Core { get; }

    public ChatTeam Sales { get; }

    public ChatUser Adam { get; }

    public ChatChannel Pm { get; }

    public ChatChannel Twitter { get; }

    public ChatChannel Private { get; }

    public ChatChannel SalesPm { get; }

    public string Path => System.IO.Path.Combine(_folder, "pmbot.json");

    public string Folder => _folder;

    public string Url => Server.Url.ToString();

    /// <summary>The token that is used; the administrator's unless a test says otherwise.</summary>
    public string? Token { get; set; }

    /// <summary>What the public address resolves to.</summary>
    public IReadOnlyCollection<IPAddress> Addresses { get; set; } = [];

    /// <summary>The calls that change something.</summary>
    public IReadOnlyList<ApiCall> Writes => [.. Server.Calls.Where(c => IsWrite(c.Method, c.Path))];

    public static bool IsWrite(string method, string path) =>
        method != "GET" && !path.EndsWith("/users/ids", StringComparison.Ordinal) && !path.EndsWith("/users/usernames", StringComparison.Ordinal);

    public static async Task<ProvisionTeam> StartAsync()
    {
        var clock = SandboxClock.Pinned(new DateTimeOffset(2026, 11, 30, 17, 0, 0, TimeSpan.Zero));
        return new ProvisionTeam(clock, await StandInServer.StartAsync(clock));
    }

    public Task<Run> ProvisionAsync(
        Func<ProvisionRequest, ProvisionRequest>? change = null, ISettingsFile? file = null, CancellationToken cancellationToken = default)
    {
        var request = new ProvisionRequest(Url, "core", PublicUrl);
        return RunAsync((connection, report) => new Provisioner(
                connection.Admin(Token ?? Server.Admin.Token), connection.Bot, file ?? new SettingsFile(Path), report, (_, _) => Task.FromResult(Addresses), TimeProvider.System)
            .RunAsync(change?.Invoke(request) ?? request, cancellationToken));
    }

    public Task<Run> DeprovisionAsync(bool dryRun = false, ISettingsFile? file = null, string? url = null, CancellationToken cancellationToken = default) =>
        RunAsync((connection, report) => new Deprovisioner(
                connection.Admin(Token ?? Server.Admin.Token), connection.Bot, file ?? new SettingsFile(Path), report, TimeProvider.System)
            .RunAsync(url ?? Url, dryRun, cancellationToken));

    /// <summary>The settings, with what differs from run to run replaced.</summary>
    public string Settings() => Masked(File.ReadAllText(Path));

    /// <summary>A text without what differs from run to run: ids, tokens, marks, the server's port, the folder.</summary>
    public string Masked(string text) => Mark().Replace(
        Id().Replace(
            text.Replace(Url.TrimEnd('/'), "https://chat.example.com", StringComparison.Ordinal).Replace(_folder + "/", "", StringComparison.Ordinal),
            "*"),
        "\"Name\": \"*\"");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Clock.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<Run> RunAsync(Func<MattermostConnection, Report, Task<int>> run)
    {
        using var connection = new MattermostConnection(Url, new ClientTiming());
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var code = await run(connection, new Report(output, error));
        return new Run(code, output.ToString(), error.ToString());
    }

    [GeneratedRegex("(?<![a-z0-9])[a-z0-9]{26}(?![a-z0-9])", RegexOptions.None, 1000)]
    private static partial Regex Id();

    [GeneratedRegex("\"Name\": \"[0-9a-f]{12}\"", RegexOptions.None, 1000)]
    private static partial Regex Mark();
}
