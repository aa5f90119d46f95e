using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PmBot.Benchmarks;

/// <summary>A PostgreSQL server of the benchmark's own, on loopback, that syncs as PostgreSQL does unless it is told otherwise.</summary>
internal sealed class PostgresFolder : IAsyncDisposable
{
    private readonly DirectoryInfo _folder;
    private readonly Process _process;
    private readonly int _port;

    private PostgresFolder(DirectoryInfo folder, Process process, int port) => (_folder, _process, _port) = (folder, process, port);

    private static bool IsRoot => Environment.UserName == "root";

    /// <summary>Starts it; null where PostgreSQL is not installed (Debian's package postgresql-15, or the folder that <c>PMBOT_POSTGRES</c> names).</summary>
    /// <param name="folder">Where its data are made.</param>
    public static async Task<PostgresFolder?> StartAsync(DirectoryInfo folder)
    {
        string?[] places =
        [
            Environment.GetEnvironmentVariable("PMBOT_POSTGRES"),
            .. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(v => Path.Combine(v, "bin")) : [],
        ];
        if (places.FirstOrDefault(p => p is { Length: > 0 } && File.Exists(Path.Combine(p, "postgres"))) is not { } programs)
        {
            return null;
        }

        if (IsRoot)
        {
            await MustAsync(new ProcessStartInfo("chown", ["postgres", folder.FullName]));
        }

        var data = Path.Combine(folder.FullName, "data");
        await MustAsync(AsPostgres(Path.Combine(programs, "initdb"), "-D", data, "-U", "pmbot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var start = AsPostgres(
            Path.Combine(programs, "postgres"), "-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=");
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        var server = new PostgresFolder(folder, Process.Start(start)!, port);
        server._process.ErrorDataReceived += (_, _) => { };
        server._process.BeginErrorReadLine();
        while (true)
        {
            try
            {
                await using var connection = new NpgsqlConnection(server.Connection("public", 1) + ";Pooling=false");
                await connection.OpenAsync();
                return server;
            }
            catch (NpgsqlException) when (!server._process.HasExited)
            {
                await Task.Delay(50);
            }
        }
    }

    /// <summary>A connection string.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="connections">How many connections at most.</param>
    public string Connection(string schema, int connections) => string.Create(
        CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Database=postgres;Username=pmbot;Search Path={schema};Maximum Pool Size={connections}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await MustAsync(new ProcessStartInfo("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]));
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static ProcessStartInfo AsPostgres(string program, params string[] arguments) => IsRoot
        ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments]) { WorkingDirectory = "/" }
        : new ProcessStartInfo(program, arguments);

    private static async Task MustAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} failed.");
        }
    }
}
