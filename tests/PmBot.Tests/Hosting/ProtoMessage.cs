using System.Buffers.Binary;
using System.Text;

namespace PmBot.Tests.Hosting;

/// <summary>A message of Protocol Buffers as it came over the wire, its fields by number: enough to read OTLP without its generated classes.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, ReadOnlyMemory<byte> Bytes, ulong Number)> _fields = [];

    public ProtoMessage(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var tag = Varint(ref bytes);
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((field, default, Varint(ref bytes)));
                    break;
                case 1:
                    _fields.Add((field, default, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8))));
                    break;
                case 2:
                    var length = (int)Varint(ref bytes);
                    _fields.Add((field, bytes[..length], 0));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((field, default, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4))));
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
    }

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    public IEnumerable<ProtoMessage> All(int field) => _fields.Where(f => f.Field == field).Select(f => new ProtoMessage(f.Bytes));

    public ProtoMessage One(int field) => All(field).LastOrDefault() ?? new ProtoMessage(default);

    public string Text(int field) => Encoding.UTF8.GetString(Raw(field).Span);

    public string Hex(int field) => Convert.ToHexStringLower(Raw(field).Span);

    public ulong Number(int field) => _fields.LastOrDefault(f => f.Field == field).Number;

    public double Real(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public IReadOnlyList<double> Reals(int field) =>
        [.. Enumerable.Range(0, Raw(field).Length / 8).Select(i => BinaryPrimitives.ReadDoubleLittleEndian(Raw(field).Span[(8 * i)..]))];

    /// <summary>Attributes of OTLP, as texts.</summary>
    public IReadOnlyDictionary<string, string> Attributes(int field) =>
        All(field).ToDictionary(a => a.Text(1), a => Value(a.One(2)), StringComparer.Ordinal);

    private static string Value(ProtoMessage any) =>
        any.Has(1) ? any.Text(1) : any.Has(4) ? FormattableString.Invariant($"{any.Real(4)}") : FormattableString.Invariant($"{any.Number(any.Has(3) ? 3 : 2)}");

    private ReadOnlyMemory<byte> Raw(int field) => _fields.LastOrDefault(f => f.Field == field).Bytes;

    private static ulong Varint(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlyMemory<byte> bytes, int count)
    {
        var taken = bytes.Span[..count];
        bytes = bytes[count..];
        return taken;
    }
}
