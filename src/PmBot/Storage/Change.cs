using System.Diagnostics;

namespace PmBot.Storage;

/// <summary>A change on its way to its answer. Only <see cref="Cancel"/> is called by another thread than the writer's.</summary>
internal abstract class Change
{
    private int taken;

    /// <summary>The transaction it ran in; null before.</summary>
    public WriteTransaction? Transaction { get; set; }

    /// <summary>The span of whoever asked for it; null if there is none. What the change logs and causes belongs to it.</summary>
    public Activity? Caller { get; init; }

    /// <summary>What the change threw, if it did.</summary>
    public Exception? Error { get; protected set; }

    /// <summary>Whether it is to run now; false if it was cancelled. Afterwards it cannot be cancelled any more.</summary>
    public bool TryBegin() => Interlocked.Exchange(ref taken, 1) == 0;

    /// <summary>Answers with a cancellation, unless it has begun.</summary>
    public void Cancel()
    {
        if (Interlocked.Exchange(ref taken, 1) == 0)
        {
            AnswerCancelled();
        }
    }

    /// <summary>Runs it and keeps its result or its own error. An engine may run it again, on a new transaction.</summary>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="isTrouble">Whether an error is not the change's own but the engine's, which is thrown on.</param>
    /// <param name="complete">Does what the engine has put off; an error of that is one of the change as well. Null for nothing.</param>
    public abstract void Run(IWriteTransaction transaction, Func<Exception, bool> isTrouble, Action? complete);

    /// <summary>Keeps an error of its own that came after <see cref="Run"/>.</summary>
    public void Refuse(Exception error) => Error = error;

    /// <summary>Does what was to be done after the commit, if the change was committed, and answers with what <see cref="Run"/> kept.</summary>
    /// <param name="failed">Told what an action after the commit threw; the change itself is durable.</param>
    public void Finish(Action<Exception> failed)
    {
        if (Error is null)
        {
            foreach (var action in Transaction!.AfterCommitActions)
            {
                try
                {
                    action();
                }
                catch (Exception e)
                {
                    failed(e);
                }
            }
        }

        Answer();
    }

    /// <summary>Answers with an error that is not the change's own.</summary>
    public abstract void Fail(Exception error);

    /// <summary>Answers with what <see cref="Run"/> kept.</summary>
    protected abstract void Answer();

    /// <summary>Answers with a cancellation.</summary>
    protected abstract void AnswerCancelled();
}

/// <inheritdoc/>
internal sealed class Change<T>(Func<IWriteTransaction, T> change, CancellationToken cancellationToken) : Change
{
    // Continuations must not run on the writer's thread.
    private readonly TaskCompletionSource<T> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? result;

    /// <summary>What the caller waits for.</summary>
    public Task<T> Completion => answer.Task;

    public override void Run(IWriteTransaction transaction, Func<Exception, bool> isTrouble, Action? complete)
    {
        Error = null;
        try
        {
            result = change(transaction);
            complete?.Invoke();
        }
        catch (Exception e) when (!isTrouble(e))
        {
            Error = e;
        }
    }

    protected override void Answer()
    {
        if (Error is null)
        {
            answer.TrySetResult(result!);
        }
        else
        {
            answer.TrySetException(Error);
        }
    }

    public override void Fail(Exception error) => answer.TrySetException(error);

    protected override void AnswerCancelled() => answer.TrySetCanceled(cancellationToken);
}
