namespace PmBot.Benchmarks;

/// <summary>
/// Runs what is to be measured until hardly anything of it is compiled any more. A bot that runs for weeks has long been compiled for speed; one that was started
/// just now is compiled for it while it is measured.
/// </summary>
internal static class WarmUp
{
    private const int FewMethods = 20;
    private const int MostTurns = 40;

    /// <summary>Runs it.</summary>
    /// <param name="compiled">How many methods were compiled so far.</param>
    /// <param name="turn">Each thing that is to be measured, for about a second.</param>
    public static async Task RunAsync(Func<Task<long>> compiled, Func<Task> turn)
    {
        var before = await compiled();
        for (var n = 0; n < MostTurns; n++)
        {
            await turn();
            var now = await compiled();
            if (now - before < FewMethods)
            {
                return;
            }

            before = now;
        }
    }
}
