/** An input that broke a tool of this field, or an earlier Lifeboat. */
export interface FieldCase {
  /** Rewritten small. */
  readonly input: string;
  /** What came out when it was first tried. */
  readonly before: string;
}

export type CaseId = keyof typeof fieldCases;

/** Each stands for a kind. `A` are databases, `B` queues, `R` the local RDS, `P` the plans of the samples. */
export const fieldCases = {
  A1: {
    input: 'schema public made anew by the application, or owned by the bootstrap superuser',
    before: 'rejected: differs in SCHEMA public',
  },
  A2: {
    input: 'ENABLE and FORCE ROW LEVEL SECURITY with a policy; the source role has BYPASSRLS',
    before: '42501 in validation, no advice',
  },
  A3: {
    input:
      'xml columns holding text with xmloption = document, and array_nulls = off, set on the scratch role',
    before: 'rejected',
  },
  A4: { input: 'a table made of pg_proc.proargtypes (oidvector)', before: '22P03 on load' },
  A5: {
    input: '20,000 rows, two unique indexes, REPLICA IDENTITY USING one, CLUSTER ON the other',
    before: 'deadlock detected every time, exit 3',
  },
  A6: {
    input: 'a comment on an index that looks like the header of another entry of pg_dump',
    before: '42601, rejected',
  },
  A7: { input: 'SQL_ASCII with a byte that is not UTF-8; WIN1252 with 0x81', before: 'no backup, unclear' },
  A8: {
    input: 'a standby as source, with an unlogged table on the primary',
    before: 'could not open file "base/…", reads like damage',
  },
  A9: {
    input: 'a pooler in transaction mode before the source, six clients at work',
    before: '736 of 1,177 queries of the application failed; the backup then rejected',
  },
  A10: { input: 'one bytea of 540 MB', before: 'invalid memory alloc request size, no table named' },
  A11: {
    input: 'the first heartbeat as user app_clone, then the secret rotates to app',
    before: 'permission denied for schema lifeboat, no backup',
  },
  A12: {
    input: 'autovacuum at work in the scratch database when it is dropped',
    before: '42501, copy left on the server, said nowhere',
  },
  A13: {
    input: 'an index function that raises terminal control sequences and a forged verdict',
    before: 'the terminal shows the forged verdict; exit code 1',
  },
  A14: {
    input: 'a CHECK function that runs ALTER ROLE CURRENT_USER PASSWORD on the scratch server',
    before: 'Lifeboat locked out of the scratch server',
  },
  A15: {
    input: 'PostgreSQL 14, 15 or 16, any single table',
    before: 'backups succeed, every restore test ends not proven',
  },
  A16: {
    input: "'01/02/03' as text, and a materialized view of it cast to date",
    before: 'copy differs by a month and a year, verified',
  },
  A17: {
    input: "CHECK (t::date IS NOT NULL) with '12/31/2025'; a STORED column by a t::date function",
    before: 'rejected',
  },
  A18: {
    input: "an extension with pg_extension_config_dump('jobs', '') and one row",
    before: 'row lost, verified',
  },
  A19: { input: 'three large objects', before: 'refused, with advice that does not exist' },
  A20: {
    input: 'a virtual generated column that raises for one row',
    before: 'backup fails: division by zero, no table named',
  },
  A21: {
    input: 'a table that inherits later, with its columns in another order',
    before: 'rejected for column order',
  },
  A22: {
    input: 'an index that is invalid in the source (CREATE INDEX ON ONLY a partitioned table)',
    before: 'rejected',
  },
  A23: {
    input: 'a CHECK function or STORED column that reads a smaller table',
    before: 'rejected: rows are loaded by size',
  },
  A24: { input: 'hash partitions on an enum', before: 'rejected: violates partition constraint' },
  A25: {
    input: 'an index on a BEGIN ATOMIC function that groups by a primary key',
    before: 'rejected: function does not exist',
  },
  A26: { input: '6,000 tables, default settings', before: 'out of shared memory after 43 s' },
  A27: { input: 'CREATE STATISTICS on (10/a) with a = 0', before: 'not proven: ANALYZE failed' },
  A28: {
    input: 'POLICY … TO auditor, a role that the scratch server lacks',
    before: 'not proven: role does not exist, no advice',
  },
  A29: { input: 'a foreign key that fails on load', before: 'no key named' },
  A30: {
    input: 'security labels, publications, event triggers, owners and grants',
    before: 'some left out, some undocumented',
  },
  B1: { input: 'two queues with one dead-letter queue, replayed', before: 'all six delivered to one target' },
  B2: {
    input: 'dead letters of an asynchronous Lambda, wrapped and bare; the target is the function',
    before: 'called with {"Records": […]}, counted as delivered',
  },
  B3: {
    input: 'one message for which the function throws, then twelve good ones; replay twice',
    before: 'stopped twice, 0 delivered',
  },
  B4: { input: 'a plan with start and no schedule', before: 'no mistakes' },
  B5: {
    input: 'a rehydration of three rows, DEL of the list, the rehydration again',
    before: '0 pushed, ends as rehydrated',
  },
  B6: { input: 'a lost SNS subscription', before: 'repaired only by a replay that a person starts' },
  B7: {
    input: 'the restore command of state-machines/README for a real loss',
    before: 'the machine drops the copy',
  },
  B8: {
    input: 'a heartbeat that stopped while the application went on',
    before: 'a good backup is rejected',
  },
  B9: {
    input: 'the backup machine started with {"plan": "mailblast"}',
    before: 'RunNotRecorded around a JSONata error',
  },
  R1: { input: 'the source of same-Region replicas is deleted', before: 'replicas are terminated' },
  R2: { input: 'retention 0 on a source with replicas', before: 'accepted' },
  R3: {
    input: 'snapshots that another account shares: SnapshotType, ARN as identifier, filter on manual',
    before: 'shown as manual',
  },
  R4: { input: 'a pending class change, then the current class again', before: 'stays pending' },
  R5: { input: 'retention from 7 to 14', before: 'waits for the window' },
  R6: { input: 'storage-full, then more AllocatedStorage', before: 'stays storage-full' },
  R7: { input: 'three creations of one explicit port at once', before: 'accepted, two fail later' },
  R8: {
    input: 'values that RDS refuses: windows, storage, monitoring, Iops, licence, CA, NetworkType, DBName',
    before: 'accepted',
  },
  R9: { input: 'a master password on a replica', before: 'accepted, fails later' },
  R10: { input: 'SnapshotType together with an identifier', before: 'ignored' },
  R11: {
    input: 'fields that tools read: DbInstancePort, CertificateDetails, AssociatedRoles and more',
    before: 'missing',
  },
  R12: { input: 'MonitoringRoleArn, as tools send it', before: 'refused' },
  R13: { input: 'DescribeDBClusters and CopyDBParameterGroup', before: 'unknown actions' },
  R14: { input: 'an idle instance, for an hour', before: '1.4 GB of archive' },
  R15: { input: 'a full host disk while state is written', before: 'the program ended' },
  R16: { input: 'events older than 14 days', before: 'kept' },
  P1: { input: "MailBlast's quarterly restore of full + WAL", before: 'tests a pg_dump' },
  P2: { input: 'times of day that the document does not name', before: 'written as if it did' },
  P3: { input: 'a backup on-change', before: 'triggers nothing, said nowhere' },
  P4: { input: 'schema_migrations = 42 as a check', before: 'rejects every other database' },
  P5: {
    input: 'a restore test at 04:00 of a backup at 02:00, objective 15 m',
    before: 'misses its RPO every night',
  },
  P6: {
    input: "Marimo's RTOs of Redis, RabbitMQ and Consul, and its RPO of accidental deletion",
    before: 'missing or wrong',
  },
  P7: { input: "Marimo's tertiary off-site copy and its queues", before: 'missing' },
  P8: { input: '"pg_dump + WAL"', before: 'repeated as if WAL rolled a dump forward' },
} as const satisfies Record<string, FieldCase>;
