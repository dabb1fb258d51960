namespace CoMiGS.Learning.Replay;

/// <summary>Typed access to a run.json; every failure names the file and the key.</summary>
internal sealed class RecordedJson(JsonField json)
{
    public RecordedJson Section(string key) => new(json[key]);

    public RecordedJson? SectionOrNull(string key) => json.Find(key) is { } section ? new(section) : null;

    public int Integer(string key, int least, int most) => json[key].Whole(least, most);

    public double Number(string key) => json[key].Number();

    public string Text(string key) => json[key].Text();

    public string TextOr(string key, string missing) => json.Find(key)?.Text() ?? missing;

    public bool Flag(string key) => json[key].Flag();

    public int[] Integers(string key, int least, int most) =>
        [.. json[key].Items().Select(item => item.Whole(least, most))];

    public double[] Numbers(string key) => [.. json[key].Items().Select(item => item.Number())];

    public double[] NumbersOr(string key, double[] missing) => json.Find(key) is null ? missing : Numbers(key);
}
