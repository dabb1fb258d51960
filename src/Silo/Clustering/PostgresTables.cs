using CoMiGS.Learning;
using Npgsql;

namespace CoMiGS.Silo.Clustering;

/// <summary>The tables that Orleans' ADO.NET clustering expects. An empty database gets them; a database that has them,
/// from here or from Orleans' own scripts, is left as it is.</summary>
internal static class PostgresTables
{
    /// <summary>Any number, as long as everybody takes the same: silos that start together make the tables once.
    /// </summary>
    private const long Lock = 0x636F6D696773;

    /// <exception cref="BadInputException">The database cannot be reached or written.</exception>
    public static async Task EnsureAsync(string connectionString, CancellationToken stop)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(connectionString);
            await using var connection = await source.OpenConnectionAsync(stop);
            await using var transaction = await connection.BeginTransactionAsync(stop);
            await RunAsync(connection, $"SELECT pg_advisory_xact_lock({Lock})", stop);
            if (await RunAsync(connection, "SELECT to_regclass('OrleansQuery')::text", stop) is not string)
            {
                await RunAsync(connection, await ScriptAsync(stop), stop);
            }

            await transaction.CommitAsync(stop);
        }
        catch (Exception error) when (error is NpgsqlException or ArgumentException)
        {
            throw new BadInputException(
                $"--connection: the PostgreSQL database cannot be used: {error.Message}", error);
        }
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(stop);
    }

    private static async Task<string> ScriptAsync(CancellationToken stop)
    {
        await using var stream = typeof(PostgresTables).Assembly.GetManifestResourceStream("postgres.sql")!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(stop);
    }
}
