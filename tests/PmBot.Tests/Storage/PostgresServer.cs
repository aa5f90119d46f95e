using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using NUnit.Framework;

namespace PmBot.Tests.Storage;

/// <summary>
/// A PostgreSQL server of the tests' own: its programs are Debian's (package postgresql-15) or those of <c>PMBOT_POSTGRES</c>, its data
/// folder and port are new, and it ends with the process that started it. It listens on loopback only, and never runs as root.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private static readonly Lazy<PostgresServer> Common = new(() => Start());

    private readonly string _folder;
    private readonly string _programs;
    private Process _process;

    private PostgresServer(string folder, string programs, int port) => (_folder, _programs, Port, _process) = (folder, programs, port, Run(folder, programs, port));

    /// <summary>The server that the tests share, started by whoever asks for it first.</summary>
    public static PostgresServer Shared => Common.Value;

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; private set; }

    /// <summary>Skips the test where there is no PostgreSQL; with <c>CI=true</c> it fails.</summary>
    public static void Require()
    {
        if (Programs() is null)
        {
            const string missing = "PostgreSQL is not installed here (Debian's package postgresql-15), or PMBOT_POSTGRES does not name the folder of its programs.";
            if (Environment.GetEnvironmentVariable("CI") == "true")
            {
                Assert.Fail(missing);
            }

            Assert.Ignore(missing);
        }
    }

    /// <summary>Ends the shared server, if there is one.</summary>
    public static async ValueTask EndSharedAsync()
    {
        if (Common.IsValueCreated)
        {
            await Common.Value.DisposeAsync();
        }
    }

    /// <summary>Starts a server of one's own, such as one that is to be restarted.</summary>
    public static PostgresServer Start()
    {
        Require();
        var programs = Programs()!;
        var folder = Directory.CreateTempSubdirectory("pmbot-postgres-").FullName;
        if (IsRoot)
        {
            Must(new ProcessStartInfo("chown", ["postgres", folder]));
        }

        // What the tests lose is nothing when the machine loses its power; when a process is killed, the files are as it left them all the same.
        Must(AsPostgres(Path.Combine(programs, "initdb"), "-D", Path.Combine(folder, "data"), "-U", "pmbot", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"));
        var server = new PostgresServer(folder, programs, FreePort());
        server.AwaitReady();
        return server;
    }

    /// <summary>A connection string for a schema that nobody has used yet.</summary>
    public string NewSchema() => ConnectionString($"t{Guid.NewGuid():n}");

    /// <summary>A connection string.</summary>
    public string ConnectionString(string schema) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={Port};Database=postgres;Username=pmbot;Search Path={schema};Maximum Pool Size=8");

    /// <summary>Ends it at once, as a crash would, with all that is under way.</summary>
    public void Crash() => Stop("-QUIT");

    /// <summary>Starts it again on the same port and data.</summary>
    public void StartAgain()
    {
        _process = Run(_folder, _programs, Port);
        AwaitReady();
    }

    /// <summary>Ends it and removes its data.</summary>
    public ValueTask DisposeAsync()
    {
        Stop("-INT");
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static bool IsRoot => Environment.UserName == "root";

    private static string? Programs()
    {
        string?[] places = [Environment.GetEnvironmentVariable("PMBOT_POSTGRES"), .. Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Reverse().Select(v => Path.Combine(v, "bin")) : []];
        return places.FirstOrDefault(place => place is { Length: > 0 } && File.Exists(Path.Combine(place, "postgres")));
    }

    // The shell lives as long as the pipe to it: a server whose tests were killed ends, too.
    private static Process Run(string folder, string programs, int port)
    {
        var data = Path.Combine(folder, "data");
        var start = AsPostgres(
            "sh", "-c",
            string.Create(CultureInfo.InvariantCulture, $"'{Path.Combine(programs, "postgres")}' -D '{data}' -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=400 >>'{Path.Combine(folder, "log")}' 2>&1 & read _; kill -INT $!; wait $!"));
        start.RedirectStandardInput = true;
        return Process.Start(start)!;
    }

    private static ProcessStartInfo AsPostgres(string program, params string[] arguments) => IsRoot
        ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", "--", program, .. arguments]) { WorkingDirectory = "/" }
        : new ProcessStartInfo(program, arguments);

    private static void Must(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{start.FileName} {string.Join(' ', start.ArgumentList)}: {output}{errors.GetAwaiter().GetResult()}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void AwaitReady()
    {
        while (true)
        {
            try
            {
                using var connection = new NpgsqlConnection(ConnectionString("public") + ";Pooling=false");
                connection.Open();
                return;
            }
            catch (Exception e) when (e is NpgsqlException && !_process.HasExited)
            {
                _process.WaitForExit(50);
            }
        }
    }

    private void Stop(string signal)
    {
        if (!_process.HasExited)
        {
            var pid = File.ReadLines(Path.Combine(_folder, "data", "postmaster.pid")).First();
            Must(new ProcessStartInfo("kill", [signal, pid]));
            _process.StandardInput.Close();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
