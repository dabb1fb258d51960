using System.Globalization;
using System.Net;
using System.Text;

namespace CoMiGS.Driver.Display;

/// <summary>Words in a picture.</summary>
internal static class SvgText
{
    /// <param name="anchor">start, middle or end.</param>
    /// <param name="more">Further attributes, with a space before each.</param>
    public static void AppendText(
        this StringBuilder svg, double x, double y, string anchor, string text, string more = "") => svg
        .Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"{more}>")
        .Append(WebUtility.HtmlEncode(text)).Append("</text>\n");
}
