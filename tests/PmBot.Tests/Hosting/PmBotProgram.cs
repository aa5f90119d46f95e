using System.Diagnostics;
using NUnit.Framework;

namespace PmBot.Tests.Hosting;

/// <summary>The program as an operator starts it, run to its end.</summary>
internal static class PmBotProgram
{
    /// <summary>Runs it.</summary>
    /// <param name="environment">Variables beside those of the tests.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <param name="arguments">The verb and its options.</param>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        IReadOnlyDictionary<string, string?> environment, string folder, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(TestContext.CurrentContext.TestDirectory, "pmbot.dll"), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
