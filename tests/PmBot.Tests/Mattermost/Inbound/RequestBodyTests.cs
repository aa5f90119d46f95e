using NUnit.Framework;
using PmBot.Mattermost.Inbound;

namespace PmBot.Tests.Mattermost.Inbound;

/// <summary>A body is read to its end or refused, and costs no more memory than it has bytes.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class RequestBodyTests
{
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4096)]
    [TestCase(4097)]
    [TestCase(100_000)]
    [TestCase(RequestBody.MostBytes)]
    public async Task What_fits_is_read_to_its_end(int length)
    {
        var sent = new byte[length];
        new Random(length).NextBytes(sent);
        foreach (var announced in new long?[] { length, null })
        {
            Assert.That(await RequestBody.ReadAsync(new Drip(sent, 777), announced, CancellationToken.None), Is.EqualTo(sent));
            Assert.That(await RequestBody.ReadAsync(new MemoryStream(sent), announced, CancellationToken.None), Is.EqualTo(sent));
        }
    }

    [Test]
    public async Task What_does_not_fit_is_not_read_on()
    {
        var endless = new Drip(new byte[10 * RequestBody.MostBytes], 10_000);
        Assert.That(await RequestBody.ReadAsync(endless, null, CancellationToken.None), Is.Null);
        Assert.That(endless.Position, Is.LessThan(2 * RequestBody.MostBytes));
        var announced = new Drip(new byte[RequestBody.MostBytes + 1], 10_000);
        Assert.That(await RequestBody.ReadAsync(announced, RequestBody.MostBytes + 1, CancellationToken.None), Is.Null);
        Assert.That(announced.Position, Is.Zero);
    }

    [Test]
    public void A_small_body_costs_little()
    {
        var body = new byte[1000];
        var stream = new MemoryStream(body);
        Read();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Read();
        }

        Assert.That((GC.GetAllocatedBytesForCurrentThread() - before) / 100, Is.LessThan(2000));

        // A stream in memory is read without a wait, so that all of it happens on this thread.
        void Read()
        {
            stream.Position = 0;
            Assert.That(RequestBody.ReadAsync(stream, body.Length, CancellationToken.None).IsCompletedSuccessfully);
        }
    }

    /// <summary>A stream that gives a little at a time, as a network does.</summary>
    private sealed class Drip(byte[] bytes, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(most, buffer.Length)], cancellationToken);
    }
}
