using System.Globalization;
using System.Text;
using CoMiGS.Driver.Display;

namespace CoMiGS.Driver.Twins;

/// <summary>faults.svg: train loss minus the twin's over rounds, the mean and, of few users, each; bars below say how
/// many were missing.</summary>
internal static class TwinPicture
{
    private const double Width = 760, Left = 70, Right = 20, Top = 46, Plot = 240, Bars = 60;
    private const int MostUsers = 12;

    public static string Write(TwinComparison twins)
    {
        var users = twins.Users.Length <= MostUsers ? twins.Users : [];
        var values = twins.Rounds.Select(round => round.LossDifference)
            .Concat(users.SelectMany(user => user.LossDifferences)).Where(double.IsFinite).Append(0).ToList();
        var (low, high) = (values.Min(), Math.Max(values.Max(), values.Min() + 1e-3));
        double X(int round) => Left + ((Width - Left - Right) * (round - 0.5) / twins.Rounds.Length);
        double Y(double nats) => Top + (Plot * (high - nats) / (high - low));
        var most = Math.Max(1, twins.Rounds.Max(round => round.Missing));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $$"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{Width}} {{Top + Plot + Bars + 50}}" role="img"
              font-size="13" aria-label="loss with faults minus loss without" font-family="system-ui, sans-serif">
            <style>
              text { fill: #222; } .rule { stroke: #bbb; } .mean { stroke: #1f5fa8; stroke-width: 2.5; fill: none; }
              .user { stroke: #8aa; fill: none; opacity: .6; } .bar { fill: #c0562f; } .paper { fill: #fff; }
              @media (prefers-color-scheme: dark) {
                text { fill: #ddd; } .rule { stroke: #555; } .paper { fill: #1b1b1b; }
                .mean { stroke: #7fb2ea; } .bar { fill: #e08a5f; }
              }
            </style>
            <rect class="paper" width="{{Width}}" height="{{Top + Plot + Bars + 50}}"/>

            """);
        svg.AppendText(
            10, 26, "start", $"{twins.Name}: train loss minus that of the run without faults, nats per token");
        svg.Append(CultureInfo.InvariantCulture,
            $"<path class=\"rule\" d=\"M{Left} {Y(0):0.#}H{Width - Right}\"/>\n");
        foreach (var nats in new[] { low, 0, high }.Distinct())
        {
            svg.AppendText(
                Left - 8, Y(nats) + 4, "end", nats.ToString("+0.000;-0.000;0", CultureInfo.InvariantCulture));
        }

        foreach (var user in users)
        {
            Line("user", user.LossDifferences);
        }

        Line("mean", twins.Rounds.Select(round => round.LossDifference));
        foreach (var round in twins.Rounds.Where(round => round.Missing > 0))
        {
            var height = Bars * round.Missing / most;
            svg.Append(CultureInfo.InvariantCulture, $"<rect class=\"bar\" x=\"{X(round.Round) - 4:0.#}\" ");
            svg.Append(CultureInfo.InvariantCulture,
                $"y=\"{Top + Plot + 20 + Bars - height:0.#}\" width=\"8\" height=\"{height:0.#}\"/>\n");
        }

        svg.AppendText(Left - 8, Top + Plot + 32, "end", $"{most}");
        svg.AppendText(Left, Top + Plot + Bars + 38, "start", "users missing, by round");
        svg.AppendText(Width - Right, Top + Plot + Bars + 38, "end", $"round {twins.Rounds.Length}");
        return svg.Append("</svg>\n").ToString();

        void Line(string kind, IEnumerable<double> series)
        {
            var path = new StringBuilder();
            var pen = 'M';   // lifted where there is no figure
            foreach (var (index, nats) in series.Index())
            {
                if (double.IsFinite(nats))
                {
                    path.Append(CultureInfo.InvariantCulture, $"{pen}{X(index + 1):0.#} {Y(nats):0.#}");
                }

                pen = double.IsFinite(nats) ? 'L' : 'M';
            }

            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"{kind}\" d=\"{path}\"/>\n");
        }
    }
}
