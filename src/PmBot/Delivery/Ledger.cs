using NodaTime;
using PmBot.Storage;

namespace PmBot.Delivery;

/// <summary>The ledger of what came due: a thing of a kind happens for a subject and a local date once, whoever does it.</summary>
public static class Ledger
{
    /// <summary>Records an occurrence in the transaction of what it causes.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">What happened, e.g. <c>handoff</c>.</param>
    /// <param name="subject">To what, e.g. a rotation's id.</param>
    /// <param name="date">The local date for which it was due.</param>
    /// <param name="due">When it was due.</param>
    /// <param name="now">When it is recorded.</param>
    /// <returns>False if it has happened already: then its effects must not be written again.</returns>
    public static bool TryOccur(this IWriteTransaction transaction, string kind, string subject, LocalDate date, Instant due, Instant now)
    {
        var isFirst = transaction.Run(
            """
            insert into occurrences (kind, subject, local_date, due_at, recorded_at) values (@kind, @subject, @date, @due, @now)
            on conflict do nothing
            """,
            ("kind", kind), ("subject", subject), ("date", NodaTime.Text.LocalDatePattern.Iso.Format(date)), ("due", due.ToUnixTimeMilliseconds()),
            ("now", now.ToUnixTimeMilliseconds())) == 1;
        if (isFirst)
        {
            transaction.Cause = new Cause(kind, subject, date, due);
        }

        return isFirst;
    }

    /// <summary>Whether a thing of that kind has happened for a subject and a local date.</summary>
    public static bool HasOccurred(this IReadTransaction transaction, string kind, string subject, LocalDate date) =>
        transaction.Query<long>(
            "select count(*) from occurrences where kind = @kind and subject = @subject and local_date = @date",
            new { kind, subject, date = NodaTime.Text.LocalDatePattern.Iso.Format(date) })[0] > 0;

    /// <summary>Records that something was done ahead of its time, so that it is not done again when its time comes.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="subject">To what.</param>
    /// <param name="date">The local date for which it would have been due.</param>
    /// <param name="now">When it is recorded.</param>
    public static void OccurEarly(this IWriteTransaction transaction, string kind, string subject, LocalDate date, Instant now) =>
        transaction.TryOccur(kind, subject, date, now, now);

    /// <summary>Takes an occurrence back whose effects were taken back, too, so that it can happen again.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">What happened.</param>
    /// <param name="subject">To what.</param>
    /// <param name="date">The local date for which it was due.</param>
    public static void Forget(this IWriteTransaction transaction, string kind, string subject, LocalDate date) => transaction.Write(
        "delete from occurrences where kind = @kind and subject = @subject and local_date = @date",
        ("kind", kind), ("subject", subject), ("date", NodaTime.Text.LocalDatePattern.Iso.Format(date)));

    /// <summary>Whether a single-use button or dialog was used, where the answer is to say so before all else.</summary>
    public static bool WasUsed(this IReadTransaction transaction, string nonce) =>
        transaction.Query<long>("select count(*) from nonces where nonce = @nonce", new { nonce })[0] > 0;

    /// <summary>Uses up a single-use button or dialog, in the transaction of what it causes.</summary>
    /// <returns>False if it was used before.</returns>
    public static bool TryUse(this IWriteTransaction transaction, string nonce, Instant expires, string userId, Instant now)
    {
        // Not to the minute: to another replica, whose clock is behind, it may be valid still.
        transaction.Write("delete from nonces where expires_at < @now", ("now", (now - Duration.FromHours(1)).ToUnixTimeMilliseconds()));
        return transaction.Run(
            "insert into nonces (nonce, expires_at, used_by, used_at) values (@nonce, @expires, @user, @now) on conflict do nothing",
            ("nonce", nonce), ("expires", expires.ToUnixTimeMilliseconds()), ("user", userId), ("now", now.ToUnixTimeMilliseconds())) == 1;
    }
}
