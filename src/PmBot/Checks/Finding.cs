namespace PmBot.Checks;

/// <summary>What a part of the check came to.</summary>
public enum Verdict
{
    /// <summary>It is as it must be.</summary>
    Fine,

    /// <summary>It was not looked at; the text says why.</summary>
    Skipped,

    /// <summary>The bot does its work, but somebody should look at it.</summary>
    Warning,

    /// <summary>The bot cannot do its work, or not all of it.</summary>
    Wrong,
}

/// <summary>One line of the check.</summary>
/// <param name="Verdict">What it came to.</param>
/// <param name="Subject">What was looked at: a word or two.</param>
/// <param name="Text">The fact, and the remedy if there is one to take; sentences.</param>
public sealed record Finding(Verdict Verdict, string Subject, string Text)
{
    /// <summary>It is as it must be.</summary>
    public static Finding Fine(string subject, string text) => new(Verdict.Fine, subject, text);

    /// <summary>It was not looked at.</summary>
    public static Finding Skipped(string subject, string text) => new(Verdict.Skipped, subject, text);

    /// <summary>Somebody should look at it.</summary>
    public static Finding Warning(string subject, string text) => new(Verdict.Warning, subject, text);

    /// <summary>It is wrong.</summary>
    public static Finding Wrong(string subject, string text) => new(Verdict.Wrong, subject, text);
}
