using PmBot.Mattermost.Client;

namespace PmBot.Provisioning;

/// <summary>Waits as long as the server asks for, where it did nothing but ask for that.</summary>
internal static class Patience
{
    private const int MostPauses = 5;

    // The clock and the timers do not agree to the millisecond: a pause may end when a little of it seems to be left, and that is no further pause.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    public static async Task<MattermostResult<T>> AskAsync<T>(Func<Task<MattermostResult<T>>> ask, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var pause = 0; ; pause++)
        {
            var result = await ask();
            if (result is not MattermostResult<T>.RateLimited { RetryAfter: var wait } || pause == MostPauses)
            {
                return result;
            }

            await Task.Delay(wait.ToTimeSpan() > Shortest ? wait.ToTimeSpan() : Shortest, time, cancellationToken);
        }
    }
}
