-- What Orleans' ADO.NET clustering needs of a PostgreSQL database: it asks the table OrleansQuery, by key, for the
-- statements to run, and reads their results by column name. Every change of a silo's row carries the version of the
-- table that it was based on: it happens with the next version, or not at all, and says so by a count.

CREATE TABLE OrleansQuery (
  QueryKey varchar(64) PRIMARY KEY,
  QueryText varchar(8000) NOT NULL
);

CREATE TABLE OrleansMembershipVersionTable (
  DeploymentId varchar(150) PRIMARY KEY,
  Timestamp timestamptz(3) NOT NULL DEFAULT now(),
  Version integer NOT NULL DEFAULT 0
);

CREATE TABLE OrleansMembershipTable (
  DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable,
  Address varchar(45) NOT NULL,
  Port integer NOT NULL,
  Generation integer NOT NULL,
  SiloName varchar(150) NOT NULL,
  HostName varchar(150) NOT NULL,
  Status integer NOT NULL,
  ProxyPort integer,
  SuspectTimes varchar(8000),
  StartTime timestamptz(3) NOT NULL,
  IAmAliveTime timestamptz(3) NOT NULL,
  PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

INSERT INTO OrleansQuery VALUES
('InsertMembershipVersionKey', $$
  WITH made AS (
    INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING RETURNING 1
  )
  SELECT count(*)::integer FROM made
$$),
('InsertMembershipKey', $$
  WITH next AS (
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now()
    WHERE DeploymentId = @DeploymentId AND Version = @Version AND NOT EXISTS (
      SELECT 1 FROM OrleansMembershipTable
      WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation)
    RETURNING DeploymentId
  ), made AS (
    INSERT INTO OrleansMembershipTable (
      DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    SELECT
      DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    FROM next RETURNING 1
  )
  SELECT count(*)::integer FROM made
$$),
('UpdateMembershipKey', $$
  WITH next AS (
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = now()
    WHERE DeploymentId = @DeploymentId AND Version = @Version AND EXISTS (
      SELECT 1 FROM OrleansMembershipTable
      WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation)
    RETURNING DeploymentId
  ), changed AS (
    UPDATE OrleansMembershipTable AS silo
    SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
    FROM next
    WHERE silo.DeploymentId = next.DeploymentId
      AND Address = @Address AND Port = @Port AND Generation = @Generation
    RETURNING 1
  )
  SELECT count(*)::integer FROM changed
$$),
('UpdateIAmAlivetimeKey', $$
  UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime
  WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
$$),
('MembershipReadRowKey', $$
  SELECT
    version.DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, SuspectTimes, StartTime,
    IAmAliveTime, Version
  FROM OrleansMembershipVersionTable AS version LEFT JOIN OrleansMembershipTable AS silo
    ON silo.DeploymentId = version.DeploymentId
    AND Address = @Address AND Port = @Port AND Generation = @Generation
  WHERE version.DeploymentId = @DeploymentId
$$),
('MembershipReadAllKey', $$
  SELECT
    version.DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, SuspectTimes, StartTime,
    IAmAliveTime, Version
  FROM OrleansMembershipVersionTable AS version LEFT JOIN OrleansMembershipTable AS silo
    ON silo.DeploymentId = version.DeploymentId
  WHERE version.DeploymentId = @DeploymentId
$$),
('GatewaysQueryKey', $$
  SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable
  WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
$$),
('CleanupDefunctSiloEntriesKey', $$
  DELETE FROM OrleansMembershipTable
  WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3
$$),
('DeleteMembershipTableEntriesKey', $$
  WITH silos AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
  DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId
$$);
