import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Cluster } from '../../../engine/engine.ts';
import { openEngine } from '../../../engine/open-engine.ts';
import {
  column,
  connect,
  engineForTest,
  MASTER,
  on,
  type TestEngine,
  value,
} from '../../support/engine/open-engine.ts';

// Servers start and stop in them; a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let made: TestEngine;
let cluster: Cluster;

beforeAll(async () => {
  made = await engineForTest();
  cluster = await made.cluster('first');
});
afterAll(() => made.close());

describe('a new cluster', () => {
  test('is PostgreSQL 18 with data checksums, and has a system identifier of its own', async () => {
    const other = await made.cluster('other');
    const identity = 'SELECT system_identifier::text FROM pg_control_system()';

    expect(await value(cluster, 'SHOW server_version')).toMatch(/^18\./);
    expect(await value(cluster, 'SHOW data_checksums')).toBe('on');
    expect(await value(other, identity)).not.toBe(await value(cluster, identity));
    await other.delete();
  });

  test('gives its master user a database and what rds_superuser has, but not the superuser', async () => {
    await on(cluster, async (client) => {
      const { rows } = await client.query(
        `SELECT rolsuper, rolcreatedb, rolcreaterole, pg_has_role(current_user, 'rds_superuser', 'member') AS member,
                pg_has_role(current_user, 'pg_monitor', 'usage') AS monitor,
                pg_has_role(current_user, 'pg_signal_backend', 'usage') AS signals FROM pg_roles WHERE rolname = current_user`,
      );
      expect(rows[0]).toEqual({
        rolsuper: false,
        rolcreatedb: true,
        rolcreaterole: true,
        member: true,
        monitor: true,
        signals: true,
      });
      await client.query('CREATE ROLE reader; GRANT pg_monitor TO reader; DROP ROLE reader');
      await client.query('CREATE DATABASE another');
      await client.query('DROP DATABASE another');
    });
    expect(
      await column(cluster, 'SELECT datname FROM pg_database WHERE datdba = current_user::regrole'),
    ).toEqual(expect.arrayContaining(['app', 'postgres']));
  });

  test('lets its master user create the extensions that RDS lets its own create, and no others', async () => {
    await on(cluster, async (client) => {
      await client.query('BEGIN');
      const extensions = ['pg_stat_statements', 'postgres_fdw', 'dblink', 'amcheck', 'earthdistance'];
      for (const name of [
        ...extensions,
        'pgcrypto',
        'uuid-ossp',
        'hstore',
        'citext',
        'pg_trgm',
        'btree_gist',
      ])
        await client.query(`CREATE EXTENSION "${name}" CASCADE`);
      const { rows } = await client.query(
        "SELECT count(*) > 0 AS counts, gen_random_uuid() <> uuid_generate_v4() AS differs, crypt('a', gen_salt('bf')) LIKE '$2a$%' AS crypts FROM pg_stat_statements",
      );
      expect(rows).toEqual([{ counts: true, differs: true, crypts: true }]);
      await client.query('ROLLBACK');
      for (const name of ['file_fdw', 'plpython3u', 'pg_surgery'])
        await expect(client.query(`CREATE EXTENSION ${name}`)).rejects.toMatchObject({ code: '42501' });
    });
  });

  test('keeps its clients from becoming the internal superuser, or touching it', async () => {
    for (const user of ['rdsadmin', 'rdsrepladmin']) {
      await expect(connect(cluster, { user, password: 'anything' })).rejects.toThrow(/certificate/);
    }
    await expect(connect(cluster, { database: 'rdsadmin' })).rejects.toMatchObject({ code: '42501' });
    await on(cluster, async (client) => {
      for (const attempt of [
        "ALTER ROLE rdsadmin PASSWORD 'x'",
        'SET ROLE rdsadmin',
        'GRANT rdsadmin TO CURRENT_USER',
        "SELECT pg_read_file('postgresql.conf')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
      ]) {
        await expect(client.query(attempt), attempt).rejects.toMatchObject({ code: '42501' });
      }
      await expect(client.query("ALTER SYSTEM SET archive_mode = 'off'")).rejects.toThrow(/not allowed/);
    });
  });

  test('answers by TLS alone, with a certificate that its authority and no other vouches for', async () => {
    const { host, port } = cluster;
    const plain = new pg.Client({ host, port, ...MASTER, database: 'app', ssl: false });
    await expect(plain.connect()).rejects.toThrow(/no encryption/);

    const stranger = await engineForTest();
    await expect(connect(cluster, { ssl: { ca: stranger.engine.ca } })).rejects.toThrow(/certificate/);
    await stranger.close();
  });

  test('takes a new password for the master user, which no log holds', async () => {
    const password = 'a "new" one; \\ and a half';
    await cluster.setMasterPassword(password);

    await expect(connect(cluster)).rejects.toMatchObject({ code: '28P01' });
    await (await connect(cluster, { password })).end();
    await cluster.setMasterPassword(MASTER.password);
    await expect(
      made.engine.createCluster({ id: 'refused', master: { user: 'pg_reserved', password: 'a secret' } }),
    ).rejects.toMatchObject({ name: 'NameRefused' });
    expect(await readFile(cluster.logFile, 'utf8')).not.toMatch(/new" one|master's/);
    expect(await made.engine.list()).toEqual(['first']);
  });

  test('refuses an id, a port or a name that is taken or cannot be', async () => {
    const wanted = { master: MASTER };
    await expect(made.cluster('first')).rejects.toMatchObject({ name: 'ClusterExists' });
    await expect(made.cluster('../first')).rejects.toMatchObject({ name: 'IdRefused' });
    await expect(made.engine.open('nothing')).rejects.toMatchObject({ name: 'ClusterNotFound' });
    await expect(
      made.engine.createCluster({ id: 'same-port', port: cluster.port, ...wanted }),
    ).rejects.toMatchObject({ name: 'PortTaken' });
    await expect(
      made.engine.createCluster({ id: 'its-name', database: 'rdsadmin', ...wanted }),
    ).rejects.toMatchObject({ name: 'NameRefused' });
    const [one, two] = await Promise.allSettled([made.cluster('twice'), made.cluster('twice')]);
    expect([one.status, two.status].sort()).toEqual(['fulfilled', 'rejected']);
    await (await made.engine.open('twice')).delete();
  });

  test('gives up, and leaves nothing, when it is aborted', async () => {
    const controller = new AbortController();
    const making = made.engine.createCluster({ id: 'unwanted', master: MASTER, signal: controller.signal });
    controller.abort(new Error('deleted meanwhile'));

    await expect(making).rejects.toThrow('deleted meanwhile');
    expect(await made.engine.list()).toEqual(['first']);
  });
});

describe('parameters', () => {
  test('take effect at once, or are named as waiting for a restart', async () => {
    const { pendingReboot } = await cluster.setParameters({ work_mem: '7MB', max_connections: '55' });

    expect(pendingReboot).toEqual(['max_connections']);
    expect(await value(cluster, 'SHOW work_mem')).toBe('7MB');
    expect(await value(cluster, 'SHOW max_connections')).toBe('100');
    await cluster.stop();
    await cluster.start();
    expect(await value(cluster, 'SHOW max_connections')).toBe('55');
    expect(await cluster.setParameters({ max_connections: '55' })).toEqual({ pendingReboot: [] });
    expect(await value(cluster, 'SHOW work_mem')).toBe('4MB');
  });

  test.each([
    ['a number out of range', { max_connections: '0' }, /outside the valid range/],
    ['a word for a number', { work_mem: 'much' }, /invalid value/],
    ['an unknown value', { wal_level: 'some' }, /invalid value/],
    ['an unknown name', { shared_bufers: '1GB' }, /unrecognized configuration parameter/],
    ['two lines for one', { "work_mem = '1MB'\nport": '1' }, /not the name of a parameter/],
    ['one that the engine sets', { archive_mode: 'off' }, /set by the service/],
  ])('are refused as a whole when there is %s', async (_, wrong, reason) => {
    const before = await value(cluster, 'SHOW maintenance_work_mem');
    const refused = cluster.setParameters({ maintenance_work_mem: '99MB', ...wrong });

    await expect(refused).rejects.toMatchObject({ name: 'ParameterRefused', message: reason });
    expect(await value(cluster, 'SHOW maintenance_work_mem')).toBe(before);
  });

  test('take quotes and backslashes as they are', async () => {
    const prefix = "it's \\ %m ";
    await cluster.setParameters({ log_line_prefix: prefix });
    expect(await value(cluster, 'SHOW log_line_prefix')).toBe(prefix);
  });

  test('are all known by name, context, type and range', async () => {
    const known = new Map((await made.engine.parameters()).map((parameter) => [parameter.name, parameter]));

    expect(known.get('max_connections')).toMatchObject({
      context: 'postmaster',
      type: 'integer',
      default: '100',
      min: '1',
    });
    expect(known.get('wal_level')).toMatchObject({
      type: 'enum',
      values: ['minimal', 'replica', 'logical'],
      reserved: false,
    });
    expect(known.get('archive_mode')).toMatchObject({ reserved: true });
    expect(known.size).toBeGreaterThan(350);
  });
});

describe('a folder of clusters', () => {
  test('belongs to one program at a time', async () => {
    await expect(openEngine({ folder: made.engine.folder })).rejects.toMatchObject({ name: 'EngineInUse' });
  });

  test('is found again as it was left', async () => {
    const left = await engineForTest();
    const before = await left.cluster('kept');
    await on(before, (client) => client.query('CREATE TABLE kept AS SELECT 1 AS one'));
    await before.setParameters({ work_mem: '9MB' });
    await left.engine.close();
    expect(before.running()).toBe(false);

    const again = await openEngine({ folder: left.engine.folder });
    expect(again.swept).toEqual({ clusters: [], processes: 0 });
    const after = await again.open('kept');
    await after.start();
    expect([after.port, after.ca]).toEqual([before.port, before.ca]);
    expect(await value(after, 'SELECT one FROM kept')).toBe(1);
    expect(await value(after, 'SHOW work_mem')).toBe('9MB');
    await again.close();
    await left.close();
  });
});
