import { beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../shared/backup/logical/manifest.ts';
import type { Restores } from '../../../shared/database/engine.ts';
import { createLoadRecoveryPoint } from '../../../shared/restore/load-recovery-point.ts';
import { logicalUnderTest } from '../../contract/logical-under-test.ts';
import { contactsDatabase } from '../database/memory-database.ts';
import { type MemoryServer, memoryServer } from '../database/memory-engine.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const signal = new AbortController().signal;
const progress = { report: () => {}, settled: async () => {} };

class NotYet extends Error {}

let server: MemoryServer;
let vault: ReturnType<typeof memoryVault>;
let manifest: Manifest;
/** Names of tables, in the order in which a part of them was loaded or refused. */
let tried: string[];

beforeEach(async () => {
  server = memoryServer();
  vault = memoryVault();
  tried = [];
  const source = server.add('mailblast', contactsDatabase());
  await server.engine.heartbeats.beat(source, 'mailblast', new Date());
  const { method } = logicalUnderTest(vault, server.engine.snapshots, source, 'main');
  const request = { database: 'main', backup: 'full', runId: 'nightly', runStartedAt: new Date(), signal };
  ({ manifest } = await method.take(request));
});

/** Loads the recovery point into a database that refuses parts of a table until the condition holds. */
function loadWhere(accepts: (table: string, done: readonly string[]) => boolean) {
  const done: string[] = [];
  const restores: Restores = {
    blame: (error) =>
      error instanceof NotYet
        ? { suspect: 'backup', because: 'it reads another table', next: 'look', said: error.message }
        : server.engine.restores.blame(error),
    partOf: server.engine.restores.partOf,
    load: (access, options, work) =>
      server.engine.restores.load(access, options, (loader) =>
        work({
          ...loader,
          share: (tasks, perform) =>
            loader.share(tasks, (connection, task) =>
              perform(
                {
                  async copyIn(table, format, rows) {
                    tried.push(table.name);
                    if (!accepts(table.name, done)) throw new NotYet(`${table.name} is too early`);
                    const loaded = await connection.copyIn(table, format, rows);
                    done.push(table.name);
                    return loaded;
                  },
                },
                task,
              ),
            ),
        }),
      ),
  };
  const into = server.add('copy');
  return createLoadRecoveryPoint({ vault, restores, progress })({ manifest, into, connections: 2, signal });
}

const rowsOf = (name: string) =>
  server.databases.get('copy')?.tables.find((table) => table.name === name)?.rows.length;

describe('rows that the database refuses', () => {
  test('are loaded once the other tables are there, and said so', async () => {
    const { notices } = await loadWhere((table, done) => table !== 'contacts' || done.includes('heartbeat'));
    expect(rowsOf('contacts')).toBe(3);
    expect(notices).toEqual([
      'public.contacts was loaded after the other tables, because before them it was refused: contacts is too early',
    ]);
  });

  test('are tried again as long as another part of any table was loaded', async () => {
    // Each part needs one part more than was there in its round.
    let round = 0;
    await loadWhere((table, done) => {
      if (table === 'heartbeat') return true;
      round += 1;
      return round > 2 || done.filter((each) => each === 'contacts').length > 0;
    });
    expect(rowsOf('contacts')).toBe(3);
  });

  test('with everything else in place are blamed on the backup', async () => {
    await expect(loadWhere((table) => table !== 'contacts')).rejects.toMatchObject({
      name: 'RecoveryPointDamaged',
      message: 'public.contacts: contacts is too early: it reads another table',
    });
    // Two parts, tried once beside the others and once after them.
    expect(tried.filter((name) => name === 'contacts')).toHaveLength(4);
  });

  test('are not tried again where the vault changed them', async () => {
    const key = manifest.tables.find(({ name }) => name === 'contacts')?.parts[0]?.key ?? '';
    const body = vault.objects.get(key)?.body;
    body?.writeUInt8(body.readUInt8(60) ^ 1, 60);
    await expect(loadWhere(() => true)).rejects.toMatchObject({ name: 'RecoveryPointDamaged' });
    expect(tried.filter((name) => name === 'contacts').length).toBeLessThan(3);
  });
});

test('a table that calls functions is loaded after the others, whatever its size', async () => {
  manifest = {
    ...manifest,
    tables: manifest.tables.map((table) =>
      table.name === 'contacts' ? { ...table, loaded: 'last' } : table,
    ),
  };
  const { notices } = await loadWhere(() => true);
  expect(tried).toEqual(['heartbeat', 'contacts', 'contacts']);
  expect(notices).toEqual([]);
});
