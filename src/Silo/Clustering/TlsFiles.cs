using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoMiGS.Learning;
using Orleans.Connections.Security;

namespace CoMiGS.Silo.Clustering;

/// <summary>Mutual TLS between silos and from clients to silos: whoever holds a certificate of the cluster's own
/// authority is in, nobody else.</summary>
/// <param name="Certificate">PEM file of this process's certificate.</param>
/// <param name="Key">PEM file of its private key, not encrypted.</param>
/// <param name="Authority">PEM file of the authority that signed the certificates of the cluster.</param>
public sealed record TlsFiles(string Certificate, string Key, string Authority)
{
    /// <exception cref="BadInputException">A file cannot be used; the message names it.</exception>
    internal Action<TlsOptions> ToOptions()
    {
        var own = Read(Certificate, path => X509Certificate2.CreateFromPemFile(path, Key));
        var authority = Read(Authority, path => X509CertificateLoader.LoadCertificateFromFile(path));
        return options =>
        {
            options.LocalCertificate = own;
            options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
            options.RemoteCertificateValidation = (certificate, _, _) => IsSignedBy(authority, certificate);
        };
    }

    /// <summary>Addresses come and go with silos, so what counts is who signed, not the name.</summary>
    internal static bool IsSignedBy(X509Certificate2 authority, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    private X509Certificate2 Read(string path, Func<string, X509Certificate2> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception error) when (error is CryptographicException or IOException or UnauthorizedAccessException
            or ArgumentException or NotSupportedException)
        {
            throw new BadInputException(
                $"{path} is not a PEM certificate that can be used (key in {Key}): {error.Message}", error);
        }
    }
}
