namespace PmBot.Sandbox.Page;

/// <summary>Wakes whoever shows the world when there is something new to show.</summary>
internal sealed class Changes
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private long _version;

    /// <summary>How often something has changed, and a task that ends when it does again.</summary>
    public (long Version, Task Next) Now
    {
        get
        {
            lock (_gate)
            {
                return (_version, _next.Task);
            }
        }
    }

    /// <summary>Something has changed. Never blocks, and runs nothing of those who wait.</summary>
    public void Note()
    {
        TaskCompletionSource over;
        lock (_gate)
        {
            _version++;
            (over, _next) = (_next, New());
        }

        over.SetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
