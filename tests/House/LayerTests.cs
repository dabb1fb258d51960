using System.Text.RegularExpressions;
using static House.Repository;

namespace House;

/// <summary>Who may know whom.</summary>
public sealed partial class LayerTests
{
    [Fact]
    public void Learning_KnowsNoOrleans()
    {
        AssertNone(LinesWhere(CSharp("src/Learning/"), line => OrleansName().IsMatch(line)));
        Assert.DoesNotContain("UseOrleans", Read("src/Learning/Learning.csproj"), StringComparison.Ordinal);
        Assert.DoesNotContain("Interfaces", Read("src/Learning/Learning.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public void Interfaces_KnowNoTensorsAndNoLearning()
    {
        AssertNone(LinesWhere(CSharp("src/Interfaces/"), line => LearningName().IsMatch(line)));
        Assert.DoesNotContain("ProjectReference", Read("src/Interfaces/Interfaces.csproj"), StringComparison.Ordinal);
        Assert.DoesNotContain("UseTorchSharp", Read("src/Interfaces/Interfaces.csproj"), StringComparison.Ordinal);
    }

    [Fact]
    public void Grains_KnowNoHost() =>
        Assert.DoesNotContain("Silo", Read("src/Grains/Grains.csproj"), StringComparison.Ordinal);

    [Fact]
    public void Results_KnowNoHostAndNoPage()
    {
        AssertNone(LinesWhere(["src/Results/Results.csproj"], line => HostName().IsMatch(line)));
        AssertNone(LinesWhere(["src/Dashboard/Dashboard.csproj"], line =>
            line.Contains("ProjectReference", StringComparison.Ordinal)
            && !line.Contains("../Results/", StringComparison.Ordinal)));
    }

    /// <summary>Whatever a user wrote stays text: the page has no way to make markup of it.</summary>
    [Fact]
    public void Page_MakesNoMarkupOfTexts() => AssertNone(LinesWhere(
        Files.Where(file => file.StartsWith("src/Dashboard/web/src/", StringComparison.Ordinal)),
        line => Markup().IsMatch(line)));

    [Fact]
    public void Source_DoesNotKnowWhichBuildItIsIn()
    {
        AssertNone(LinesWhere(CSharp("src/"), line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal)));
        AssertNone(LinesWhere(
            Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal)
                && (file.EndsWith(".cs", StringComparison.Ordinal)
                    || file.EndsWith(".csproj", StringComparison.Ordinal))),
            line => line.Contains("$(Packages)", StringComparison.Ordinal)
                || line.Contains(".Offline", StringComparison.Ordinal)));
    }

    [Fact]
    public void Messages_HaveSerializersAliasesAndIds()
    {
        AssertNone(CSharp("src/Interfaces/").SelectMany(Messages).Where(message => !message.IsMarked)
            .Select(message => message.Where));
    }

    [Fact]
    public void Solution_ListsEveryProject()
    {
        var solution = Read("CoMiGS.Orleans.sln").Replace('\\', '/');
        AssertNone(Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal))
            .Where(file => !solution.Contains($"\"{file}\"", StringComparison.Ordinal)));
    }

    /// <summary>Every type that can cross a process, and whether its attributes say how.</summary>
    private static IEnumerable<(string Where, bool IsMarked)> Messages(string file)
    {
        var lines = Lines(file);
        for (var i = 1; i < lines.Length; i++)
        {
            var name = MessageDeclaration().Match(lines[i]);
            if (name.Success && !lines[i].Contains("static", StringComparison.Ordinal))
            {
                var attributes = lines[i - 1];
                var isInterface = name.Groups["kind"].Value == "interface";
                yield return ($"{file}:{i + 1}: {name.Groups["name"].Value}",
                    attributes.Contains("Alias(\"comigs.", StringComparison.Ordinal)
                    && (isInterface || attributes.Contains("GenerateSerializer", StringComparison.Ordinal)));
            }
        }
    }

    [GeneratedRegex(@"\bOrleans\b|\bIGrain", RegexOptions.CultureInvariant)]
    private static partial Regex OrleansName();

    [GeneratedRegex("ProjectReference.*(Silo|Driver|Dashboard)", RegexOptions.CultureInvariant)]
    private static partial Regex HostName();

    [GeneratedRegex(
        @"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\('(style|on)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Markup();

    [GeneratedRegex(@"CoMiGS\.Learning|\bTorchSharp\b|\bTensor\b", RegexOptions.CultureInvariant)]
    private static partial Regex LearningName();

    [GeneratedRegex(
        @"^public (?:sealed |readonly )*(?<kind>record struct|record|class|struct|enum|interface) (?<name>\w+)")]
    private static partial Regex MessageDeclaration();
}
