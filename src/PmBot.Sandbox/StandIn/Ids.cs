using System.Security.Cryptography;
using System.Text;

namespace PmBot.Sandbox.StandIn;

/// <summary>Ids and tokens as the server makes them: 26 characters of its alphabet.</summary>
internal static class Ids
{
    public static string New() => RandomNumberGenerator.GetString("ybndrfg8ejkmcpqxot1uwisza345h769", 26);

    /// <summary>A trigger id: it names the user and the time, and ends in what stands for the server's signature.</summary>
    public static string NewTrigger(string userId, long now) =>
        Convert.ToBase64String(
            Encoding.ASCII.GetBytes($"{New()}:{userId}:{now}:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(70))}"));
}
