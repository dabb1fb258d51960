using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CoMiGS.Dashboard.Serving;

/// <summary>Lets in who may see the run, and tells browsers how little the page needs.</summary>
internal sealed class AccessGuard(DashboardSettings settings)
{
    public const string TokenName = "token";
    private const string Bearer = "Bearer ";

    /// <summary>Everything comes from the server itself, nothing inline; no text can become markup or script.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
        + "trusted-types 'none'";

    /// <returns>Whether the request may go on; otherwise it has been answered.</returns>
    public async Task<bool> AdmitsAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";

        // A page elsewhere whose name was pointed here sends its own name.
        if (!IsOurs(context.Request.Host.Host))
        {
            return await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest, "This server has another name.");
        }

        if (settings.Token is null || IsToken(Cookie(context)) || IsToken(Header(context)))
        {
            return true;
        }

        // The token moves from the address, which is shown and remembered, into a cookie, which is not.
        if (context.Request.Path == "/" && IsToken(context.Request.Query[TokenName]))
        {
            context.Response.Cookies.Append(CookieName(context), settings.Token, new()
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,   // else it is not sent to the address below when a link led here
                Path = "/",
            });
            context.Response.Redirect("/");
            return false;
        }

        return await RefuseAsync(
            context, StatusCodes.Status401Unauthorized,
            "A token is needed: open the address that the command printed, or send it as 'Authorization: Bearer'.");
    }

    private static async Task<bool> RefuseAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
        return false;
    }

    /// <summary>Names of this machine, and bare addresses, which no name server can point elsewhere.</summary>
    private bool IsOurs(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && (settings.Token is not null || IPAddress.IsLoopback(address)))
        || (settings.Token is not null && host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Cookies are shared by all ports of a machine; each dashboard has its own.</summary>
    private static string CookieName(HttpContext context) => $"comigs-{context.Connection.LocalPort}";

    private static string? Cookie(HttpContext context) => context.Request.Cookies[CookieName(context)];

    private static string? Header(HttpContext context) =>
        context.Request.Headers.Authorization.ToString() is var value
        && value.StartsWith(Bearer, StringComparison.Ordinal)
            ? value[Bearer.Length..]
            : null;

    /// <summary>Takes as long for a wrong token as for the right one.</summary>
    private bool IsToken(string? given) => given is not null && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(settings.Token!));
}
