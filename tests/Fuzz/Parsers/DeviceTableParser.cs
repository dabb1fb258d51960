using CoMiGS.Results.RunFiles;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>The devices of users, CSV.</summary>
internal sealed class DeviceTableParser() : Parser(
    "devices.csv", ",", "\"", "\n", "\r\n", "user", "flops", "latencySeconds", "availability", "class", "22-6",
    "7-9 19-23", "0-24", "24-0", "0.5", "1e9", " ")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("user,flops,upBytesPerSecond,downBytesPerSecond\na,1e9,1e5,1e6\nb,2e9,1e5,1e6\n"),
        Text("\uFEFFclass,user,flops,downBytesPerSecond,upBytesPerSecond,availability,latencySeconds\r\n"
            + "\"slow, old\",a,1000000,2,3,7-9 19-23,0.5\r\n\r\n,b,1e18,1e15,1,0.8,\r\n,c,1e12,1e6,1e6,22-6,0\r\n"),
    ];

    public override void Read(string path)
    {
        var device = DeviceTable.Read(path).Of("a");
        Assert.InRange(device.Flops, DeviceClass.LeastFlops, DeviceClass.MostFlops);
        Assert.InRange(device.Availability, 0, 1);
        Assert.NotEqual(0, device.Hours);
    }
}
