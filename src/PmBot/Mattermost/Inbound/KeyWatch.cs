using Microsoft.Extensions.Options;
using PmBot.Hosting;
using PmBot.Storage;

namespace PmBot.Mattermost.Inbound;

/// <summary>
/// Learns of keys that another replica, or <c>pmbot rotate-key</c>, took into use while this process runs: soon by itself, and at once when a
/// signature comes that it does not know. In a store of its own nobody else can.
/// </summary>
internal sealed partial class KeyWatch(IStore store, ActionSigner signer, IOptions<PmBotOptions> options, TimeProvider time, ILogger<KeyWatch> logger) : BackgroundService
{
    /// <summary>For how long a key may still be used that was dropped.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    // A flood of forged ones must not become a flood of queries.
    private static readonly TimeSpan Spared = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _looked;

    /// <summary>Checks a signature, if it is a strange one with the keys as they are now.</summary>
    /// <param name="check">The check.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<SignatureCheck> CheckAsync(Func<SignatureCheck> check, CancellationToken cancellationToken)
    {
        var known = check();
        if (known is not SignatureCheck.Forged || !store.IsShared)
        {
            return known;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_looked is not { } at || time.GetElapsedTime(at) >= Spared)
            {
                await LookAsync(cancellationToken);
            }
        }
        catch (StoreUnavailableException e)
        {
            Log.NotLooked(logger, e);
        }
        finally
        {
            _turn.Release();
        }

        return check();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (store.IsShared)
        {
            await Task.Delay(Every, time, stoppingToken);
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (StoreUnavailableException e)
            {
                Log.NotLooked(logger, e);
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var configured = SigningKeyRing.OfSetting(options.Value.SigningKey);
        signer.Keys = await store.ReadAsync(t => t.SigningKeysNow(configured, signer.Keys), cancellationToken);
        _looked = asked;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "Whether another signing key is in use could not be looked up; trying again in 10 seconds")]
        public static partial void NotLooked(ILogger logger, Exception exception);
    }
}
