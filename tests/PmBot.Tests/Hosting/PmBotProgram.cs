using System.Diagnostics;
using NUnit.Framework;

namespace PmBot.Tests.Hosting;

/// <summary>The program as an operator starts it.</summary>
internal static class PmBotProgram
{
    /// <summary>Starts it.</summary>
    /// <param name="environment">Variables beside those of the tests; one that is null is not there.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="arguments">The verb and its options.</param>
    public static Process Start(IReadOnlyDictionary<string, string?> environment, string folder, params string[] arguments)
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
            start.Environment.Remove(name);
            if (value is not null)
            {
                start.Environment[name] = value;
            }
        }

        return Process.Start(start)!;
    }

    /// <summary>Runs it to its end; it is killed if that is given up.</summary>
    /// <param name="environment">Variables beside those of the tests; one that is null is not there.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="arguments">The verb and its options.</param>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        IReadOnlyDictionary<string, string?> environment, string folder, CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Start(environment, folder, arguments);
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
