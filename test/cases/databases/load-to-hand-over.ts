import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { readStoredSchema } from '../../../shared/backup/logical/read-stored.ts';
import type { DatabaseAccess } from '../../../shared/database/access.ts';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { type RestoredAs, restoredDatabases } from '../../../shared/handover/restored-database.ts';
import type { RestoredMark } from '../../../shared/handover/restored-mark.ts';
import { createLoadRecoveryPoint } from '../../../shared/restore/load-recovery-point.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { runEach, type Servers } from './servers.ts';

const progress = { report: () => {}, settled: async () => {} };
const times = { startedAt: '2026-11-29T08:00:00.000Z', finishedAt: '2026-11-29T08:00:01.000Z' };

/** Loads a source of these statements and returns what hands the copy over. */
export async function loadToHandOver(
  servers: Servers,
  server: DatabaseAccess,
  statements: readonly string[],
) {
  const source = await servers.newDatabase();
  const asOwner = statements.map((sql) => sql.replaceAll('{source}', source.database));
  await runEach({ ...servers.source.superuser(source.database) }, [`SET ROLE "${source.user}"`, ...asOwner]);
  const manifest = await servers.takeBackup(source);
  const runId = `restore-${randomBytes(4).toString('hex')}`;
  const { scratchServers, restores } = postgresEngine;
  const scratch = scratchDatabases(scratchServers, server);
  const owner = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000) };
  const into = await scratch.claim(owner, manifest.source);
  await createLoadRecoveryPoint({ vault: servers.vault, restores, progress })({
    manifest,
    into,
    connections: 2,
    signal: new AbortController().signal,
  });
  const kept: { username: string; password: string; dbname: string }[] = [];
  const keeper = {
    isKept: async () => kept.length > 0,
    keep: async (each: (typeof kept)[0]) => void kept.push(each),
  };
  const mark: RestoredMark = {
    lifeboat: 'restored',
    runId,
    workload: 'field',
    recoveryPoint: manifest.recoveryPoint,
    validated: { ...times, verdict: 'verified', reason: 'it came back', checks: 1, recoveredTo: null },
  };
  const restored = restoredDatabases(scratchServers, server);
  const name = `restored_${randomBytes(4).toString('hex')}`;
  return {
    runId,
    into,
    name,
    scratch,
    restored,
    handOver: (to: Partial<RestoredAs> = {}) =>
      restored.handOver(
        { runId, name, owner: null, grants: [], settings: {}, definition: null, mark, ...to },
        keeper,
      ),
    /** The definition of the source, from which its rights are read. */
    definition: await readStoredSchema(servers.vault, manifest),
    /** A connection by what was kept, as an application has it. */
    login: async () => {
      const [{ username, password, dbname } = { username: '', password: '', dbname: '' }] = kept;
      const client = new pg.Client({ ...servers.scratch.superuser(dbname), user: username, password });
      await client.connect();
      return client;
    },
  };
}
