import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { postgresEngine } from '../../../shared/database/postgres/postgres-engine.ts';
import { restoredDatabases } from '../../../shared/handover/restored-database.ts';
import { parseDuration } from '../../../shared/plan/values/duration.ts';
import { createLoadRecoveryPoint } from '../../../shared/restore/load-recovery-point.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { createValidateCopy } from '../../../shared/validation/validate-copy.ts';
import { provideExtensions, type SqlExtension } from './extensions.ts';
import { accessOf, runEach, useServers } from './servers.ts';

/** As PostGIS: only a superuser creates it, one of its tables has rows of the application, and it stands in a schema of its own. */
const spatial: SqlExtension = {
  name: 'spatial',
  version: '3.5.0',
  creator: 'superuser',
  script: `
    CREATE TYPE spot AS (x int, y int);
    CREATE FUNCTION far(one spot) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT one.x + one.y';
    CREATE TABLE spatial_ref_sys (srid serial PRIMARY KEY, text text);
    INSERT INTO spatial_ref_sys VALUES (1, 'shipped');
    GRANT SELECT ON spatial_ref_sys TO PUBLIC;
    SELECT pg_extension_config_dump('spatial_ref_sys', 'WHERE srid > 900000');
    SELECT pg_extension_config_dump('spatial_ref_sys_srid_seq', '');`,
};

const progress = { report: () => {}, settled: async () => {} };
const options = { connections: 2, signal: new AbortController().signal };

describe('a restore that stays of an extension that only a superuser creates', () => {
  const servers = useServers();
  beforeAll(async () => {
    for (const server of [servers.source, servers.scratch]) await provideExtensions(server, [spatial]);
  });

  async function restored(server: ReturnType<typeof accessOf>) {
    const source = await servers.newDatabase();
    await runEach(servers.source.superuser(source.database), [
      `CREATE SCHEMA gis AUTHORIZATION "${source.user}"`,
      'CREATE EXTENSION spatial SCHEMA gis',
      `GRANT ALL ON gis.spatial_ref_sys TO "${source.user}"`,
      `GRANT ALL ON gis.spatial_ref_sys_srid_seq TO "${source.user}"`,
    ]);
    await runEach(source, [
      "INSERT INTO gis.spatial_ref_sys VALUES (900001, 'of the application')",
      'CREATE TABLE places (at gis.spot, far int GENERATED ALWAYS AS (gis.far(at)) STORED)',
      'INSERT INTO places VALUES (ROW(1, 2)::gis.spot)',
      'CREATE INDEX ON places (gis.far(at))',
    ]);
    const manifest = await servers.takeBackup(source);
    const [runId, name] = [randomUUID(), `restored_${randomUUID().slice(0, 8)}`];
    const { scratchServers, restores, comparisons } = postgresEngine;
    const databases = restoredDatabases(scratchServers, server);
    expect(await databases.find(name, runId, manifest.source)).toBeNull();
    const scratch = scratchDatabases(scratchServers, server, { stays: true });
    const owner = { runId, workload: 'field', expiresAt: new Date(Date.now() + 3_600_000) };
    try {
      const into = await scratch.claim(owner, manifest.source);
      await createLoadRecoveryPoint({ vault: servers.vault, restores, progress })({
        manifest,
        into,
        ...options,
      });
      const { checks } = await createValidateCopy({ vault: servers.vault, comparisons, progress })({
        manifest,
        copy: await scratch.open(runId, manifest.source),
        plan: { afterRestore: [], checks: [], freshness: parseDuration('5m') },
        ...options,
      });
      const times = { startedAt: new Date().toISOString(), finishedAt: new Date().toISOString() };
      const validated = { ...times, verdict: 'verified' as const, reason: '', checks: 1, recoveredTo: null };
      const mark = {
        lifeboat: 'restored' as const,
        runId,
        workload: 'field',
        recoveryPoint: 'id',
        validated,
      };
      const kept: { username: string; password: string; dbname: string }[] = [];
      const keeper = {
        isKept: async () => false,
        keep: async (each: (typeof kept)[0]) => void kept.push(each),
      };
      await databases.handOver(
        { runId, name, owner: null, grants: [], settings: {}, definition: null, mark },
        keeper,
      );
      const [{ username: user, password, dbname: database } = { username: '', password: '', dbname: '' }] =
        kept;
      const failed = checks.filter(({ outcome, kind }) => outcome === 'failed' && kind !== 'freshness');
      return { failed, login: { ...servers.scratch.superuser(), user, password, database } };
    } finally {
      await scratch.drop(runId);
    }
  }

  test('is created by the login of the server where that one is a superuser, and everything else belongs to the new login', async () => {
    const { failed, login } = await restored(accessOf(servers.scratch.superuser()));
    expect(failed).toEqual([]);
    expect(await runEach(login, ['SELECT far FROM places'])).toEqual([{ far: 3 }]);
    expect(await runEach(login, ['SELECT srid FROM gis.spatial_ref_sys ORDER BY 1'])).toEqual([
      { srid: 1 },
      { srid: 900001 },
    ]);
    expect(
      await runEach(login, [
        "SELECT rolsuper, rolbypassrls, rolcreaterole, pg_get_userbyid(relowner) = current_user AS owns FROM pg_roles, pg_class WHERE rolname = current_user AND relname = 'places'",
      ]),
    ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, owns: true }]);
  });

  test('is refused to the login of the server where that one is none, by its name', async () => {
    const place = { name: 'no_superuser', createDatabases: true, createRoles: true };
    const refused = restored(accessOf(await servers.scratch.createRole(place)));
    await expect(refused).rejects.toMatchObject({
      name: 'DatabaseRefused',
      message: expect.stringContaining('spatial'),
    });
  });
});
