import net, { type AddressInfo } from 'node:net';
import { createAuthority } from 'certificate-authority';
import type { Connection } from 'local-postgres/access';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { postgresEngine } from '../../shared/database/postgres/postgres-engine.ts';
import {
  connectionFinding,
  type DatabaseSeen,
  heartbeatFinding,
  LookTimedOut,
} from '../../shared/failover/looks/database.ts';
import { HOUR } from '../../shared/plan/values/duration.ts';
import { accessOf, runEach, useServers } from './databases/servers.ts';

/* What the watcher of the standby Region finds on a real server in each state. */

const servers = useServers();
let database: Connection;
let access: DatabaseAccess;
const closing: (() => void)[] = [];

beforeAll(async () => {
  database = await servers.newDatabase();
  access = accessOf(database);
  await postgresEngine.heartbeats.beat(access, 'field', new Date());
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function look(where = access, limitMs = 3_000): Promise<DatabaseSeen> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new LookTimedOut('no answer')), limitMs);
  try {
    return { look: await postgresEngine.heartbeats.look(where, 'field', limit.signal) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** A door in front of the server that a test can stop. */
async function door(): Promise<{ port: number; stall: () => void }> {
  const sockets: net.Socket[] = [];
  const server = net.createServer((socket) => {
    const inner = net.connect(access.port, access.host);
    sockets.push(socket, inner);
    for (const each of [socket, inner]) each.on('error', () => {});
    socket.pipe(inner).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    for (const each of sockets) each.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    stall: () => {
      for (const each of sockets) {
        each.unpipe();
        each.pause();
      }
    },
  };
}

describe('a database that is watched', () => {
  test('is healthy, with the age of its heartbeat', async () => {
    const seen = await look();
    expect(connectionFinding(seen)).toMatchObject({ seen: 'healthy' });
    expect(heartbeatFinding(seen, HOUR, new Date())).toMatchObject({ seen: 'healthy' });
    expect(heartbeatFinding(seen, HOUR, new Date(Date.now() + 2 * HOUR))).toMatchObject({ seen: 'failing' });
  });

  test('with a heartbeat that may not be read is healthy, and the heartbeat unknown', async () => {
    const login = await servers.source.createRole({ name: 'watcher', createDatabases: false });
    const seen = await look(accessOf({ ...login, database: database.database }));
    expect(connectionFinding(seen)).toMatchObject({ seen: 'healthy' });
    expect(heartbeatFinding(seen, HOUR, new Date())).toMatchObject({ seen: 'unknown' });
  });

  test.each([
    ['another password', () => ({ ...access, password: 'wrong' }), '28P01'],
    ['a database that is not there', () => ({ ...access, dbname: 'missing' }), '3D000'],
  ])('and refuses the watcher for %s is unknown', async (_, where, code) => {
    const seen = connectionFinding(await look(where()));
    expect(seen).toMatchObject({ seen: 'unknown', detail: expect.stringContaining(code) });
  });

  test('with a certificate of another authority is unknown', async () => {
    const { certificate } = await createAuthority('the old one of RDS');
    expect(connectionFinding(await look({ ...access, certificateAuthority: certificate }))).toMatchObject({
      seen: 'unknown',
      detail: expect.stringContaining('certificate'),
    });
  });

  test('without a free connection is unknown', async () => {
    const name = `"${database.database}"`;
    await runEach(servers.source.superuser(), [`ALTER DATABASE ${name} CONNECTION LIMIT 0`]);
    const seen = await look();
    await runEach(servers.source.superuser(), [`ALTER DATABASE ${name} CONNECTION LIMIT -1`]);
    expect(connectionFinding(seen)).toMatchObject({
      seen: 'unknown',
      detail: expect.stringContaining('53300'),
    });
  });

  test('whose port accepts and says nothing is silent after its time', async () => {
    const server = net.createServer(() => {});
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const port = (server.address() as AddressInfo).port;
    const began = Date.now();
    expect(connectionFinding(await look({ ...access, port }, 500))).toMatchObject({
      seen: 'failing',
      silent: true,
    });
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('that hangs behind an open connection is silent after its time', async () => {
    const { port, stall } = await door();
    const locking = servers.source.superuser(database.database);
    const looking = look({ ...access, port }, 1_000);
    setTimeout(stall, 20);
    expect(connectionFinding(await looking).seen).toBe('failing');
    expect((await runEach(locking, ['SELECT 1 AS one']))[0]).toMatchObject({ one: 1 });
  });

  test('that was killed fails, and is healthy once it is back', async () => {
    await servers.source.kill();
    expect(connectionFinding(await look())).toMatchObject({
      seen: 'failing',
      detail: expect.stringContaining('ECONNREFUSED'),
    });
    await servers.source.start();
    expect(connectionFinding(await look())).toMatchObject({ seen: 'healthy' });
  });
});
