using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PmBot.LiteDb.Tables;

/// <summary>
/// Several values as bytes whose order, byte by byte, is that of the values one after the other: LiteDB's indexes have one key, and compare texts
/// by a collation.
/// </summary>
internal static class KeyCode
{
    /// <summary>The most texts in one key: more would not fit into the 1,023 bytes that LiteDB gives it.</summary>
    public const int MostTexts = 4;

    /// <summary>A text of no more signs than this is in the key as it is; of a longer one it has the beginning and a digest.</summary>
    public const int MostSigns = MostBytes / 3;

    private const int MostBytes = 200;
    private const byte OfNull = 1;
    private const byte OfNumber = 2;
    private const byte OfText = 3;

    // Above all that can follow a value.
    private const byte Highest = 0xFF;

    /// <summary>The key of values.</summary>
    public static byte[] Of(params ReadOnlySpan<object?> values)
    {
        var key = new List<byte>(64);
        foreach (var value in values)
        {
            Add(key, value, isWhole: true);
        }

        return [.. key];
    }

    /// <summary>Where the keys begin that begin with some values and go on with a value of at least <paramref name="low"/>.</summary>
    public static byte[] From(ReadOnlySpan<byte> prefix, object? low) => [.. prefix, .. Bound(low)];

    /// <summary>Where the keys end that begin with some values and go on with a value of at most <paramref name="high"/>.</summary>
    public static byte[] To(ReadOnlySpan<byte> prefix, object? high) => [.. prefix, .. Bound(high), Highest];

    /// <summary>Where the keys end that begin with some values.</summary>
    public static byte[] End(ReadOnlySpan<byte> prefix) => [.. prefix, Highest];

    private static List<byte> Bound(object? value)
    {
        var bound = new List<byte>(64);
        Add(bound, value, isWhole: false);
        return bound;
    }

    private static void Add(List<byte> key, object? value, bool isWhole)
    {
        switch (value)
        {
            case null:
                key.Add(OfNull);
                break;
            case long number:
                key.Add(OfNumber);
                Span<byte> bytes = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)number ^ (1UL << 63)); // negative ones first
                key.AddRange(bytes);
                break;
            case string text:
                key.Add(OfText);
                AddText(key, text, isWhole);
                break;
            default:
                throw new InvalidOperationException($"A {value.GetType().Name} is in no key.");
        }
    }

    // Zero ends a text, so that a shorter one comes first; a zero within is told from it by what follows.
    private static void AddText(List<byte> key, string text, bool isWhole)
    {
        var start = key.Count;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            key.Add(octet);
            if (octet == 0)
            {
                key.Add(Highest);
            }
        }

        if (key.Count - start > MostBytes)
        {
            key.RemoveRange(start + MostBytes, key.Count - start - MostBytes);
            if (isWhole)
            {
                key.AddRange(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            }
        }
        else
        {
            key.Add(0);
            key.Add(0);
        }
    }
}
