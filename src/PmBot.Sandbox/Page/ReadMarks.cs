namespace PmBot.Sandbox.Page;

/// <summary>How far each user has read each channel and each thread, as numbers of the journal.</summary>
internal sealed class ReadMarks
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string User, string Place), int> _marks = [];

    /// <summary>The last entry of the journal that a user has seen in a channel, or in the thread of a post; 0 for none.</summary>
    public int Of(string userId, string placeId)
    {
        lock (_gate)
        {
            return _marks.GetValueOrDefault((userId, placeId));
        }
    }

    /// <summary>A user has seen a channel or a thread up to an entry of the journal.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Advance(string userId, string placeId, int sequence)
    {
        lock (_gate)
        {
            if (_marks.GetValueOrDefault((userId, placeId)) >= sequence)
            {
                return false;
            }

            _marks[(userId, placeId)] = sequence;
            return true;
        }
    }
}
