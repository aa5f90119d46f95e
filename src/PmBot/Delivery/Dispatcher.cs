using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using NodaTime;
using PmBot.Hosting;
using PmBot.Mattermost.Client;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>Tells people that a delivery cannot succeed; who and how is the matter of the one that implements it.</summary>
public interface ITroubleReport
{
    /// <summary>Prepares the report about a parked delivery; what it returns is run in the transaction that parks it.</summary>
    Task<Action<IWriteTransaction>> PrepareAsync(Leased delivery, string reason, CancellationToken cancellationToken);
}

/// <summary>
/// Sends what is in the outbox, in order for each lane, several lanes at once. It is the only one that repeats a post, and it looks
/// before it does: an attempt of unknown outcome is searched in the channel first.
/// </summary>
public sealed partial class Dispatcher : BackgroundService
{
    /// <summary>The key of a delivery in a post's props.</summary>
    public const string Key = "pmbot_delivery";

    // The server's name for a reply to what is no post, is gone, or is itself a reply.
    private const string WrongRoot = "api.post.create_post.root_id.app_error";

    private const int Lanes = 4;

    private const string NotRecorded = "not_recorded";

    // The clocks of bot and server may differ by this much.
    private static readonly Duration ClockSkew = Duration.FromMinutes(10);

    private readonly Outbox _outbox;
    private readonly IMattermost _mattermost;
    private readonly IDirectory _directory;
    private readonly ITroubleReport _trouble;
    private readonly Dictionary<string, IFileSource> _files;
    private readonly TimeProvider _time;
    private readonly ILogger<Dispatcher> _logger;
    private readonly Counter<long> _deliveries;
    private readonly Histogram<double> _delay;

    /// <summary>The dispatcher of an outbox.</summary>
    public Dispatcher(
        Outbox outbox,
        IMattermost mattermost,
        IDirectory directory,
        ITroubleReport trouble,
        IEnumerable<IFileSource> files,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<Dispatcher> logger)
    {
        (_outbox, _mattermost, _directory, _trouble, _time, _logger) = (outbox, mattermost, directory, trouble, time, logger);
        _files = files.ToDictionary(f => f.Source, StringComparer.Ordinal);
        var meter = meters.Create(Telemetry.Name);
        _deliveries = meter.CreateCounter<long>("pmbot.deliveries", "{attempt}", "Attempts to deliver, by kind and outcome.");
        _delay = meter.CreateHistogram(
            "pmbot.delivery.delay", "s", "From the first attempt of a delivery to its success.",
            advice: Telemetry.Buckets(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1800, 3600, 21_600, 86_400));
        OutboxGauges.Add(meter, outbox);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var sending = new ConcurrentDictionary<long, Sending>();
        using var ended = new CancellationTokenSource();
        var tending = TendAsync(sending, ended.Token);
        var isStarted = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!isStarted)
                {
                    TookOver(await _outbox.StartAsync(stoppingToken));
                    isStarted = true;
                }

                foreach (var done in sending.Values.Where(s => s.Attempt.IsCompleted))
                {
                    sending.TryRemove(done.Delivery.Seq, out _);
                    done.Dispose();
                }

                var free = Lanes - sending.Count;
                var asked = _time.GetTimestamp();
                var leased = free == 0 ? [] : await _outbox.LeaseAsync(free, [.. sending.Keys], stoppingToken);
                foreach (var delivery in leased)
                {
                    // Not under the stopping token: a send that has begun ends, so that its outcome is known.
                    var begun = sending[delivery.Seq] = new Sending(delivery, _outbox, _time, asked);
                    begun.Begin(SendAsync);
                }

                if (leased.Count == 0)
                {
                    await WaitAsync(sending.Values.Select(s => s.Attempt), free, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (StoreUnavailableException e)
            {
                Log.StoreFailed(_logger, e);
                await Task.WhenAny(Task.Delay(TimeSpan.FromSeconds(1), _time, stoppingToken));
            }
        }

        await Task.WhenAll(sending.Values.Select(s => s.Attempt));
        await ended.CancelAsync();
        await tending;
        foreach (var done in sending.Values)
        {
            done.Dispose();
        }
    }

    /// <summary>Renews the leases of what is sent here, gives up what is lost, and gives back what others left behind.</summary>
    private async Task TendAsync(ConcurrentDictionary<long, Sending> sending, CancellationToken ended)
    {
        var watch = new LeaseWatch();
        while (!ended.IsCancellationRequested)
        {
            await Task.WhenAny(Task.Delay(LeaseWatch.Every, _time, ended));
            try
            {
                await RenewAsync(sending.Values.Where(s => !s.Attempt.IsCompleted).ToList(), ended);
                var others = await _outbox.UnderWayAsync(ended);
                if (watch.Look(others.Where(o => !sending.TryGetValue(o.Seq, out var own) || own.Delivery.Lease != o.Lease)) is { Count: > 0 } stale)
                {
                    TookOver(await _outbox.GiveBackAsync(stale, ended));
                }
            }
            catch (OperationCanceledException) when (ended.IsCancellationRequested)
            {
                // All is sent.
            }
            catch (Exception e)
            {
                // Whatever it is: without this nothing would be renewed any more, and nobody would know.
                Log.StoreFailed(_logger, e);
            }
        }
    }

    private async Task RenewAsync(List<Sending> sending, CancellationToken cancellationToken)
    {
        if (!_outbox.IsShared || sending.Count == 0)
        {
            return;
        }

        var asked = _time.GetTimestamp();
        var held = await _outbox.RenewAsync([.. sending.Select(s => s.Delivery)], cancellationToken);
        foreach (var one in sending)
        {
            if (held.Contains(one.Delivery.Seq))
            {
                one.Renewed(asked);
            }
            else if (!one.Attempt.IsCompleted)
            {
                await one.LoseAsync();
            }
        }
    }

    private void TookOver(int count)
    {
        if (count > 0)
        {
            Log.TakenOver(_logger, count);
        }
    }

    /// <summary>Waits until there is something to send, or room to send it.</summary>
    private async Task WaitAsync(IEnumerable<Task> sending, int free, CancellationToken stoppingToken)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var wait = free == 0 ? null : _outbox.WaitAsync(turn.Token);
        await Task.WhenAny(wait is null ? sending : sending.Append(wait));

        // A wait left behind would take the next wake-up for itself.
        await turn.CancelAsync();
        try
        {
            await (wait ?? Task.CompletedTask);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // A send ended first.
        }
    }

    private async Task SendAsync(Sending sending)
    {
        var delivery = sending.Delivery;
        var kind = delivery.Content.GetType().Name.ToLowerInvariant();
        using var activity = Tracing.BeginCausedBy($"deliver {kind}", delivery.Cause);
        activity?.SetTag("pmbot.delivery.id", delivery.Id).SetTag("pmbot.delivery.kind", kind).SetTag("pmbot.delivery.attempt", delivery.Attempts);
        try
        {
            var outcome = await AttemptAsync(delivery, _mattermost.Under(sending.MayBeSentAsync), sending.Limit);
            var held = await RecordAsync(delivery, outcome, CancellationToken.None);
            Count(held ? outcome.Name : Lost(delivery));
        }
        catch (OperationCanceledException e)
        {
            Count(await TryRecordAsync(delivery, e));
        }
        catch (StoreUnavailableException e)
        {
            // The lease stays and runs out: the next attempt looks before it sends.
            activity.Fail(e);
            Count(NotRecorded);
            Log.NotRecorded(_logger, e, delivery.Id);
        }
        catch (Exception e)
        {
            activity.Fail(e);
            Count("fault");
            Log.Faulted(_logger, e, delivery.Id);
            await TryRecordAsync(delivery, e);
        }

        void Count(string outcome)
        {
            activity?.SetTag("pmbot.outcome", outcome);
            _deliveries.Add(1, new("kind", kind), new("outcome", outcome));
        }
    }

    /// <summary>Puts an attempt that met a fault off.</summary>
    /// <returns>What became of the attempt, as its name in metrics.</returns>
    private async Task<string> TryRecordAsync(Leased delivery, Exception cause)
    {
        try
        {
            var held = await _outbox.RetryAsync(delivery, Backoff(delivery), uncertain: true, cause.GetType().Name, CancellationToken.None);
            return held ? Outcome.Later.Called : Lost(delivery);
        }
        catch (StoreUnavailableException e)
        {
            Log.NotRecorded(_logger, e, delivery.Id);
            return NotRecorded;
        }
    }

    private string Lost(Leased delivery)
    {
        Log.LeaseLost(_logger, delivery.Id);
        return "lease_lost";
    }

    private Task<Outcome> AttemptAsync(Leased delivery, IMattermost mattermost, CancellationToken cancellationToken) => delivery.Content switch
    {
        Content.Post post => PostAsync(delivery, mattermost, new Draft(post.ChannelId, post.Message, post.Props, post.Thread, null), cancellationToken),
        Content.Direct direct => DirectAsync(delivery, mattermost, direct, cancellationToken),
        Content.Edit edit => EditAsync(mattermost, edit, cancellationToken),
        Content.Header header => HeaderAsync(mattermost, header, cancellationToken),
        _ => throw new InvalidOperationException(delivery.Content.GetType().Name),
    };

    private async Task<Outcome> PostAsync(Leased delivery, IMattermost mattermost, Draft draft, CancellationToken cancellationToken)
    {
        if (await _directory.SelfAsync(cancellationToken) is not MattermostResult<MattermostUser>.Ok { Value: var self })
        {
            return new Outcome.Later("The bot's own account could not be looked up.", null, Uncertain: delivery.Uncertain);
        }

        if (delivery.Uncertain)
        {
            switch (await FindAsync(delivery, draft.ChannelId, self.Id, cancellationToken))
            {
                case MattermostResult<Post?>.Ok { Value: { } post }:
                    Log.Found(_logger, delivery.Id, post.Id);
                    return new Outcome.Delivered(post.Id, draft.ChannelId);
                case MattermostResult<Post?>.Ok:
                    break;
                case var failed:
                    return OfFailure(failed, uncertain: true);
            }
        }

        var root = await RootAsync(draft, cancellationToken);
        if (root is not MattermostResult<string?>.Ok { Value: var rootId })
        {
            return BeforePosting(root, delivery);
        }

        if (draft.Thread is not null && rootId is null)
        {
            Log.WithoutThread(_logger, delivery.Id);
        }

        var request = new NewPost
        {
            ChannelId = draft.ChannelId,
            RootId = rootId,
            Message = draft.Message,
            Props = Marked(draft.Props, delivery.Id),
            PendingPostId = $"{self.Id}:{delivery.Id}",
        };
        return draft.File is { } file
            ? await PostFileAsync(delivery, mattermost, request, file, cancellationToken)
            : await CreateAsync(delivery, mattermost, request, cancellationToken);
    }

    private async Task<Outcome> PostFileAsync(Leased delivery, IMattermost mattermost, NewPost request, FileRef file, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue(file.Source, out var source))
        {
            return new Outcome.Never($"nothing here makes the files of \"{file.Source}\"");
        }

        if (await source.ReadAsync(delivery.WorkspaceId, file.Argument, cancellationToken) is not { } content)
        {
            return new Outcome.OfNoUse("its file is of no more use");
        }

        // A file of an attempt that failed stays with the server, and nobody sees it.
        var uploaded = await mattermost.UploadFileAsync(request.ChannelId, file.Name, content, cancellationToken);
        return uploaded is MattermostResult<PostFile>.Ok { Value.Id: var id }
            ? await CreateAsync(delivery, mattermost, request with { FileIds = [id] }, cancellationToken)
            : BeforePosting(uploaded, delivery);
    }

    private async Task<Outcome> CreateAsync(Leased delivery, IMattermost mattermost, NewPost request, CancellationToken cancellationToken)
    {
        var made = await mattermost.CreatePostAsync(request, cancellationToken);
        if (request.RootId is not null && made is MattermostResult<Post>.Refused { Error.Id: WrongRoot })
        {
            // It was deleted a moment ago. Nothing was made, so this is the first post, not a second one.
            Log.WithoutThread(_logger, delivery.Id);
            made = await mattermost.CreatePostAsync(request with { RootId = null }, cancellationToken);
        }

        return made is MattermostResult<Post>.Ok { Value: var post }
            ? new Outcome.Delivered(post.Id, request.ChannelId)
            : OfFailure(made, delivery.Uncertain); // what was not there when it was looked for may have come since, by a process that is gone
    }

    /// <summary>The first post of the thread, which is what the server wants to be told; null if there is none to reply to.</summary>
    private async Task<MattermostResult<string?>> RootAsync(Draft draft, CancellationToken cancellationToken)
    {
        var postId = draft.Thread switch
        {
            PostThread.OfPost post => post.PostId,
            PostThread.OfDelivery earlier => await _outbox.PostOfAsync(earlier.DeliveryId, cancellationToken),
            _ => null,
        };
        if (postId is null)
        {
            return new MattermostResult<string?>.Ok(null);
        }

        return await _mattermost.PostAsync(postId, cancellationToken) switch
        {
            MattermostResult<Post>.Ok { Value: { IsDeleted: false } post } when post.ChannelId == draft.ChannelId =>
                new MattermostResult<string?>.Ok(post.RootId.Length > 0 ? post.RootId : post.Id),

            // A reply across channels would be answered 500, which looks like trouble that passes.
            MattermostResult<Post>.Ok or MattermostResult<Post>.Refused { Error.StatusCode: not 401 } => new MattermostResult<string?>.Ok(null),
            var failed => failed.Failure<string?>(),
        };
    }

    private async Task<Outcome> DirectAsync(Leased delivery, IMattermost mattermost, Content.Direct direct, CancellationToken cancellationToken)
    {
        if (await _directory.SelfAsync(cancellationToken) is not MattermostResult<MattermostUser>.Ok { Value: var self })
        {
            return new Outcome.Later("The bot's own account could not be looked up.", null, delivery.Uncertain);
        }

        // Opening a direct channel that is open changes nothing, so it needs no looking first, and a failure leaves nothing uncertain.
        var opened = await mattermost.DirectChannelAsync(self.Id, direct.UserId, cancellationToken);
        if (opened is MattermostResult<Channel>.Ok { Value: var channel })
        {
            return await PostAsync(delivery, mattermost, new Draft(channel.Id, direct.Message, direct.Props, null, direct.File), cancellationToken);
        }

        return BeforePosting(opened, delivery);
    }

    private async Task<Outcome> EditAsync(IMattermost mattermost, Content.Edit edit, CancellationToken cancellationToken)
    {
        if (await _outbox.PostOfAsync(edit.DeliveryId, cancellationToken) is not { } postId)
        {
            return new Outcome.WithoutPost(edit.DeliveryId);
        }

        // Props are replaced as a whole, and with them the server's mark of a bot's post.
        var props = Marked(edit.Props, edit.DeliveryId);
        props["from_bot"] = "true";
        return await mattermost.PatchPostAsync(postId, edit.Message, props, cancellationToken) switch
        {
            MattermostResult<Post>.Ok ok => new Outcome.Delivered(ok.Value.Id, ok.Value.ChannelId),
            MattermostResult<Post>.Refused { Error.StatusCode: not 401 } refused => new Outcome.OfNoUse($"the post cannot be edited: {refused.Describe()}"),
            var failed => OfFailure(failed, uncertain: false),
        };
    }

    private async Task<Outcome> HeaderAsync(IMattermost mattermost, Content.Header header, CancellationToken cancellationToken)
    {
        // Read afresh, for people change headers too; writing the same twice does no harm, so nothing is ever uncertain here.
        var read = await _mattermost.ChannelAsync(header.ChannelId, cancellationToken);
        if (read is not MattermostResult<Channel>.Ok { Value: var channel })
        {
            return OfFailure(read, uncertain: false);
        }

        var text = HeaderPart.Write(channel.Header, header.Label, header.Text, header.Shorter);
        if (text is null)
        {
            return new Outcome.Never($"the header has no room left for who is on duty (it holds {MattermostLimits.Header} characters)");
        }

        if (text == channel.Header)
        {
            return new Outcome.Delivered(null, channel.Id);
        }

        return await mattermost.PatchHeaderAsync(header.ChannelId, text, cancellationToken) switch
        {
            MattermostResult<Channel>.Ok => new Outcome.Delivered(null, channel.Id),
            var failed => OfFailure(failed, uncertain: false),
        };
    }

    /// <summary>The props with the key by which the post is found again, and without the highlight of groups.</summary>
    private static JsonObject Marked(JsonObject? props, string deliveryId)
    {
        var marked = props?.DeepClone().AsObject() ?? [];
        marked[Key] = deliveryId;
        marked["disable_group_highlight"] = true;
        return marked;
    }

    /// <summary>Looks for the post of an earlier attempt. Only the bot's own posts count: anybody can write the key into theirs.</summary>
    private async Task<MattermostResult<Post?>> FindAsync(Leased delivery, string channelId, string selfId, CancellationToken cancellationToken)
    {
        const int ServersMost = 1000;
        var since = delivery.FirstAttemptAt - ClockSkew;
        var changed = await _mattermost.PostsSinceAsync(channelId, since, cancellationToken);
        if (changed is not MattermostResult<IReadOnlyList<Post>>.Ok { Value: var posts })
        {
            return changed.Map<Post?>(_ => null);
        }

        var found = posts.FirstOrDefault(Matches);
        for (var page = 0; found is null && posts.Count >= ServersMost; page++)
        {
            // More has happened in the channel than the server tells in one answer: walk back page by page.
            var older = await _mattermost.PostsPageAsync(channelId, page, 200, cancellationToken);
            if (older is not MattermostResult<IReadOnlyList<Post>>.Ok { Value: var some })
            {
                return older.Map<Post?>(_ => null);
            }

            found = some.FirstOrDefault(Matches);
            if (some.Count < 200 || some[^1].CreateAt < since)
            {
                break;
            }
        }

        return new MattermostResult<Post?>.Ok(found);

        bool Matches(Post post) =>
            post.UserId == selfId && post.Props[Key] is JsonValue key && key.TryGetValue<string>(out var id) && id == delivery.Id;
    }

    private async Task<bool> RecordAsync(Leased delivery, Outcome outcome, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case Outcome.Delivered done:
                _delay.Record(Math.Max(0, (Instant.FromDateTimeOffset(_time.GetUtcNow()) - delivery.FirstAttemptAt).TotalSeconds));
                return await _outbox.DeliveredAsync(delivery, done.PostId, done.ChannelId, cancellationToken);
            case Outcome.OfNoUse drop:
                Log.Dropped(_logger, delivery.Id, drop.Reason);
                return await _outbox.DropAsync(delivery, drop.Reason, cancellationToken);
            case Outcome.WithoutPost missing:
                Log.WithoutPost(_logger, delivery.Id, missing.PostDelivery);
                return await _outbox.WithoutPostAsync(delivery, missing.PostDelivery, cancellationToken);
            case Outcome.Never never:
                Log.Parked(_logger, delivery.Id, never.Reason);
                var report = await _trouble.PrepareAsync(delivery, never.Reason, cancellationToken);
                return await _outbox.ParkAsync(delivery, never.Reason, report, cancellationToken);
            case Outcome.Later later:
                Log.Later(_logger, delivery.Id, delivery.Attempts, later.Reason);
                return await _outbox.RetryAsync(delivery, later.Wait ?? Backoff(delivery), later.Uncertain, later.Reason, cancellationToken);
            default:
                throw new InvalidOperationException(outcome.GetType().Name);
        }
    }

    /// <summary>What a failure means for the delivery.</summary>
    /// <param name="failed">The failure.</param>
    /// <param name="uncertain">Whether an earlier attempt may have had its effect.</param>
    private static Outcome OfFailure<T>(MattermostResult<T> failed, bool uncertain) => failed switch
    {
        // A wrong token is the operator's to mend, and then everything goes out.
        MattermostResult<T>.Refused { Error.StatusCode: 401 } => new Outcome.Later(failed.Describe(), Duration.FromMinutes(1), uncertain),
        MattermostResult<T>.Refused => new Outcome.Never(failed.Describe()),
        MattermostResult<T>.RateLimited limited => new Outcome.Later(failed.Describe(), limited.RetryAfter, uncertain),
        MattermostResult<T>.NotSent { IsHeldBack: true } => new Outcome.Later(failed.Describe(), Duration.Zero, uncertain),
        MattermostResult<T>.NotSent => new Outcome.Later(failed.Describe(), null, uncertain),
        _ => new Outcome.Later(failed.Describe(), null, Uncertain: true),
    };

    /// <summary>What a failure on the way to the post means: the post itself was not tried now, so it is as uncertain as before.</summary>
    private static Outcome BeforePosting<T>(MattermostResult<T> failed, Leased delivery)
    {
        var failure = OfFailure(failed, delivery.Uncertain);
        return failure is Outcome.Later later ? later with { Uncertain = delivery.Uncertain } : failure;
    }

    /// <summary>A quarter of a second, doubled with each attempt, up to a minute.</summary>
    private static Duration Backoff(Leased delivery) =>
        Duration.FromMilliseconds(Math.Min(60_000, 250 * Math.Pow(2, Math.Min(delivery.Attempts - 1, 10))));

    /// <summary>A post to be made, wherever it goes.</summary>
    private sealed record Draft(string ChannelId, string Message, JsonObject? Props, PostThread? Thread, FileRef? File);

    /// <summary>What an attempt came to.</summary>
    /// <param name="Name">Its name in metrics.</param>
    private abstract record Outcome(string Name)
    {
        public sealed record Delivered(string? PostId, string? ChannelId) : Outcome("delivered");

        public sealed record Later(string Reason, Duration? Wait, bool Uncertain) : Outcome(Called)
        {
            public const string Called = "later";
        }

        public sealed record Never(string Reason) : Outcome("parked");

        public sealed record OfNoUse(string Reason) : Outcome("dropped");

        public sealed record WithoutPost(string PostDelivery) : Outcome("without_post");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Count} deliveries were under way in a process that is gone; each is looked for before it is sent again")]
        public static partial void TakenOver(ILogger logger, int count);

        [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {Delivery} was in Mattermost already, as post {Post}")]
        public static partial void Found(ILogger logger, string delivery, string post);

        [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {Delivery} has no post to reply to (any more) and is posted without a thread")]
        public static partial void WithoutThread(ILogger logger, string delivery);

        [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {Delivery} changes the post of {Of}, which was not made; it shares its fate")]
        public static partial void WithoutPost(ILogger logger, string delivery, string of);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery {Delivery}, attempt {Attempt}: {Reason}")]
        public static partial void Later(ILogger logger, string delivery, int attempt, string reason);

        [LoggerMessage(Level = LogLevel.Error, Message = "Delivery {Delivery} cannot succeed and is parked: {Reason}")]
        public static partial void Parked(ILogger logger, string delivery, string reason);

        [LoggerMessage(Level = LogLevel.Information, Message = "Delivery {Delivery} is dropped: {Reason}")]
        public static partial void Dropped(ILogger logger, string delivery, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "Another process took delivery {Delivery} over while it was sent here")]
        public static partial void LeaseLost(ILogger logger, string delivery);

        [LoggerMessage(Level = LogLevel.Error, Message = "The outcome of delivery {Delivery} could not be recorded; it is looked for before it is sent again")]
        public static partial void NotRecorded(ILogger logger, Exception exception, string delivery);

        [LoggerMessage(Level = LogLevel.Error, Message = "Delivery {Delivery} met a fault")]
        public static partial void Faulted(ILogger logger, Exception exception, string delivery);

        [LoggerMessage(Level = LogLevel.Error, Message = "The outbox cannot be read or written; trying again in a second")]
        public static partial void StoreFailed(ILogger logger, Exception exception);
    }
}
