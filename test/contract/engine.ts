import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { DatabaseUnreachable, type Engine, type Snapshot } from '../../shared/database/engine.ts';
import { addFingerprints } from '../../shared/database/fingerprint.ts';
import { readable } from '../../shared/database/table.ts';

/** An engine, and what its tests need of a server. */
export interface EngineUnderTest {
  readonly engine: Engine;
  /** A new database with the table public.contacts (id, email) of three rows, and a sequence that was drawn from. */
  newSource(): Promise<DatabaseAccess>;
  /** Adds a row to public.contacts. */
  addContact(access: DatabaseAccess): Promise<void>;
  /** A server that scratch databases may be created on. */
  readonly scratchServer: DatabaseAccess;
  /** A login of that server that may create roles too. */
  newRoleCreator(): Promise<DatabaseAccess>;
  /** A database that cannot be connected to. */
  readonly unreachable: DatabaseAccess;
  /** Queries: one whose only row is the number of contacts, and one that the engine refuses. */
  readonly queries: { readonly countsContacts: string; readonly refused: string };
}

const clock = { now: () => new Date() };
const never = new AbortController().signal;
const options = { connections: 2, signal: never };
const at = (second: number) => new Date(Date.UTC(2026, 9, 5, 4, 0, second));

let copies = 0;

/** What every database engine must do. */
export function describeEngine(name: string, open: () => EngineUnderTest | Promise<EngineUnderTest>): void {
  describe(`${name}, as a database engine`, () => {
    let under: EngineUnderTest;
    let engine: Engine;
    beforeAll(async () => {
      under = await open();
      ({ engine } = under);
    });

    const withSnapshot = async <T>(
      access: DatabaseAccess,
      look: (snapshot: Snapshot) => Promise<T>,
    ): Promise<T> => {
      const snapshot = await engine.snapshots.open(access, { clock, signal: never });
      try {
        return await look(snapshot);
      } finally {
        await snapshot.release();
      }
    };
    const heartbeatIn = (access: DatabaseAccess, workload: string) =>
      withSnapshot(access, (snapshot) => snapshot.newestHeartbeat(workload));

    /** A new, empty database like the source, for as long as `work` takes. */
    async function withEmptyCopy<T>(
      source: DatabaseAccess,
      work: (copy: DatabaseAccess) => Promise<T>,
    ): Promise<T> {
      const { traits } = await withSnapshot(source, async (snapshot) => snapshot);
      const dbname = `lifeboat_contract_${process.pid}_${copies++}`;
      const { scratchServers } = engine;
      await scratchServers.use(under.scratchServer, 'test', (server) => server.create(dbname, traits));
      try {
        return await work({ ...under.scratchServer, dbname });
      } finally {
        await scratchServers.use(under.scratchServer, 'test', (server) => server.drop(dbname));
      }
    }

    /** Loads everything that a snapshot of the source shows. */
    async function copyAll(source: DatabaseAccess, into: DatabaseAccess): Promise<void> {
      await withSnapshot(source, async (snapshot) => {
        const schema = await snapshot.dumpSchema();
        const reader = await snapshot.openReader();
        await engine.restores.load(into, { connections: 1, signal: never }, async (loader) => {
          await loader.checkSuitable(snapshot.traits);
          await loader.createRoles(schema.roles);
          await loader.loadPreData(schema.archive);
          await loader.share(snapshot.ranges, async (connection, range) => {
            const copied = reader.copyOut(range, 'text');
            const rows = await connection.copyIn(range.table, 'text', copied.chunks);
            expect(rows).toBe(copied.rowCount());
          });
          await loader.setSequences(await snapshot.sequences());
          const steps: number[] = [];
          await loader.loadPostData(schema.archive, (done, total) => steps.push(done / total));
          expect(steps.at(-1)).toBe(1);
          await loader.analyze();
        });
      });
    }

    describe('heartbeats', () => {
      test('are of one workload, and never move backwards', async () => {
        const source = await under.newSource();
        expect(await heartbeatIn(source, 'mailblast')).toBeNull();
        await engine.heartbeats.beat(source, 'mailblast', at(10));
        await engine.heartbeats.beat(source, 'mailblast', at(5));
        expect(await heartbeatIn(source, 'mailblast')).toEqual(at(10));
        await engine.heartbeats.beat(source, 'mailblast', at(11));
        expect(await heartbeatIn(source, 'mailblast')).toEqual(at(11));
        expect(await heartbeatIn(source, 'marimo-erp')).toBeNull();
      });

      test('are looked at without writing, whatever there is', async () => {
        const source = await under.newSource();
        const nothing = { readsOnly: false, beatAt: null, refused: null };
        expect(await engine.heartbeats.look(source, 'mailblast', never)).toEqual(nothing);
        expect(await engine.heartbeats.look(source, 'mailblast', never)).toEqual(nothing);
        await engine.heartbeats.beat(source, 'mailblast', at(10));
        expect(await engine.heartbeats.look(source, 'mailblast', never)).toEqual({
          ...nothing,
          beatAt: at(10),
        });
        expect(await engine.heartbeats.look(source, 'marimo-erp', never)).toEqual(nothing);
      });

      test('are not looked at where the database cannot be connected to, or the time is over', async () => {
        const { look } = engine.heartbeats;
        await expect(look(under.unreachable, 'mailblast', never)).rejects.toBeInstanceOf(DatabaseUnreachable);
        const over = new Error('over');
        const source = await under.newSource();
        await expect(look(source, 'mailblast', AbortSignal.abort(over))).rejects.toBe(over);
      });
    });

    describe('snapshots', () => {
      test('show every reader one moment, whatever is written later', async () => {
        const source = await under.newSource();
        await withSnapshot(source, async (snapshot) => {
          await under.addContact(source);
          expect(snapshot.tables.map(readable)).toEqual(['public.contacts']);
          for (const reader of [await snapshot.openReader(), await snapshot.openReader()]) {
            const found = [];
            for (const range of snapshot.ranges) found.push(await reader.fingerprint(range));
            expect(addFingerprints(found).rows).toBe('3');
            expect(await reader.countRows({ schema: 'public', name: 'contacts' })).toBe('3');
          }
        });
        const { takenAt } = await withSnapshot(source, async (snapshot) => snapshot);
        expect(Math.abs(takenAt.getTime() - Date.now())).toBeLessThan(60_000);
      });

      test('hash rows alike in two databases, and another row otherwise', async () => {
        const contacts = { schema: 'public', name: 'contacts' };
        const hashed = (access: DatabaseAccess) =>
          withSnapshot(access, async (snapshot) => {
            const reader = await snapshot.openReader();
            const { columns, key } = await reader.identity(contacts);
            expect(columns).toEqual(['email', 'id']);
            const rows = { table: contacts, partitioned: false, key: key ?? columns, columns };
            const groups = await reader.hashGroups(rows);
            const hashes = [];
            for await (const some of reader.hashes(rows, [...groups.keys()])) hashes.push(...some);
            for (const [at, { key: hash }] of hashes.entries())
              expect(hash >= (hashes[at - 1]?.key ?? hash)).toBe(true);
            return { total: addFingerprints([...groups.values()]), hashes: hashes.map(({ row }) => row) };
          });
        const [one, other] = [await under.newSource(), await under.newSource()];
        const [before, same] = [await hashed(one), await hashed(other)];
        expect(same).toEqual(before);
        expect(before.total).toEqual({
          rows: '3',
          content: String(before.hashes.reduce((sum, hash) => sum + hash, 0n)),
        });
        await under.addContact(other);
        const after = await hashed(other);
        expect(after.hashes.filter((hash) => !before.hashes.includes(hash))).toHaveLength(1);
        expect(after.hashes).toHaveLength(4);
      });

      test('read nothing once they were abandoned', async () => {
        const snapshot = await engine.snapshots.open(await under.newSource(), { clock, signal: never });
        const reader = await snapshot.openReader();
        snapshot.abandon();
        await expect(reader.countRows({ schema: 'public', name: 'contacts' })).rejects.toThrow(
          DatabaseUnreachable,
        );
      });

      test('are not opened once the signal fired', async () => {
        const reason = new RangeError('out of time');
        await expect(
          engine.snapshots.open(await under.newSource(), { clock, signal: AbortSignal.abort(reason) }),
        ).rejects.toBe(reason);
      });
    });

    describe('a loaded copy', () => {
      let source: DatabaseAccess;
      beforeAll(async () => {
        source = await under.newSource();
        await engine.heartbeats.beat(source, 'mailblast', at(0));
      });

      test('is equal to its source in all that is compared', async () => {
        await withEmptyCopy(source, async (into) => {
          await copyAll(source, into);
          const expected = await withSnapshot(source, async (snapshot) => {
            const reader = await snapshot.openReader();
            const contents: Record<string, unknown> = {};
            for (const table of snapshot.tables) {
              const ranges = snapshot.ranges.filter((range) => range.table === table);
              const found = [];
              for (const range of ranges) found.push(await reader.fingerprint(range));
              contents[readable(table)] = addFingerprints(found);
            }
            return { schema: await snapshot.dumpSchema(), contents, sequences: await snapshot.sequences() };
          });
          await engine.comparisons.inspect(into, options, async (copy) => {
            const restored = await copy.dumpSchema();
            expect(restored.fingerprint).toBe(expected.schema.fingerprint);
            expect(engine.comparisons.compareSchemas(expected.schema.archive, restored.archive)).toEqual({
              differences: [],
              leftOut: [],
            });
            const steps: number[] = [];
            const found = await copy.fingerprints(await copy.tables(), ({ done, total }) =>
              steps.push(done / total),
            );
            expect(Object.fromEntries([...found].map(([table, each]) => [readable(table), each]))).toEqual(
              expected.contents,
            );
            expect(steps.at(-1)).toBe(1);
            expect(await copy.sequences()).toEqual(expected.sequences);
            expect(await copy.invalidIndexes()).toEqual(expected.schema.invalidIndexes);
            expect(await copy.placeholderRoles(expected.schema.roles)).toEqual([]);
            expect(await copy.newestHeartbeat('mailblast')).toEqual(at(0));
          });
        });
      });

      test('shows a row more, and a schema that lacks its tables', async () => {
        await withEmptyCopy(source, async (into) => {
          const stored = await withSnapshot(source, (snapshot) => snapshot.dumpSchema());
          await engine.comparisons.inspect(into, options, async (copy) => {
            const empty = await copy.dumpSchema();
            expect(empty.fingerprint).not.toBe(stored.fingerprint);
            const { differences } = engine.comparisons.compareSchemas(stored.archive, empty.archive);
            expect(differences).not.toEqual([]);
          });
          await copyAll(source, into);
          await under.addContact(into);
          await engine.comparisons.inspect(into, options, async (copy) => {
            const contacts = (await copy.tables()).filter(({ name }) => name === 'contacts');
            const [found] = (await copy.fingerprints(contacts, () => {})).values();
            expect(found?.rows).toBe('4');
          });
        });
      });

      test('answers queries, refuses a wrong one, and answers the next', async () => {
        await withEmptyCopy(source, async (into) => {
          await copyAll(source, into);
          await engine.comparisons.inspect(into, options, async (copy) => {
            expect(await copy.ask(under.queries.refused)).toEqual({
              refused: expect.any(String),
              absent: false,
            });
            const answer = await copy.ask(under.queries.countsContacts);
            expect('rows' in answer && answer.rows.map(([count]) => Number(count))).toEqual([3]);
          });
        });
      });
    });

    describe('what a replica says of itself', () => {
      test('is that it is none, where it takes writes, with the newest heartbeat', async () => {
        const access = await under.newSource();
        await engine.heartbeats.beat(access, 'mailblast', at(7));
        expect(await engine.replicaReads.read(access, 'mailblast')).toMatchObject({
          standby: false,
          heartbeatAt: at(7),
          streaming: false,
          unappliedBytes: 0,
        });
        expect(await engine.replicaReads.read(access, 'another')).toMatchObject({ heartbeatAt: null });
      });

      test('cannot be heard where it cannot be reached', async () => {
        const asked = engine.replicaReads.read(under.unreachable, 'mailblast');
        await expect(asked).rejects.toThrow(DatabaseUnreachable);
      });
    });

    describe('a load', () => {
      let source: DatabaseAccess;
      beforeAll(async () => {
        source = await under.newSource();
      });

      test('of rows that do not fit is blamed on them, and leaves none', async () => {
        const { archive } = await withSnapshot(source, (snapshot) => snapshot.dumpSchema());
        await withEmptyCopy(source, async (into) => {
          const loaded = engine.restores.load(into, options, async (loader) => {
            await loader.loadPreData(archive);
            await loader.share(['7\tgood@row\nmisshapen\n'], async (connection, rows) => {
              const table = {
                schema: 'public',
                name: 'contacts',
                columns: ['id', 'email'],
                through: null,
                extension: null,
              };
              await connection.copyIn(table, 'text', chunksOf(rows));
            });
          });
          const error = await loaded.catch((reason: unknown) => reason);
          expect(engine.restores.blame(error)).toMatchObject({
            suspect: 'backup',
            said: expect.not.stringContaining('misshapen'),
          });
          await engine.comparisons.inspect(into, options, async (copy) => {
            const [found] = (await copy.fingerprints(await copy.tables(), () => {})).values();
            expect(found?.rows).toBe('0');
          });
        });
      });

      test('takes the next rows after it refused some', async () => {
        const { archive } = await withSnapshot(source, (snapshot) => snapshot.dumpSchema());
        await withEmptyCopy(source, async (into) => {
          const table = {
            schema: 'public',
            name: 'contacts',
            columns: ['id', 'email'],
            through: null,
            extension: null,
          };
          const refused: unknown[] = [];
          await engine.restores.load(into, { ...options, connections: 1 }, async (loader) => {
            await loader.loadPreData(archive);
            const rows = ['7\tgood@row\n', 'misshapen\n', '8\tnext@row\n'];
            await loader.share(rows, (connection, each) =>
              connection.copyIn(table, 'text', chunksOf(each)).then(
                () => {},
                (error: unknown) => void refused.push(error),
              ),
            );
          });
          expect(refused.map((error) => engine.restores.blame(error)?.suspect)).toEqual(['backup']);
          await engine.comparisons.inspect(into, options, async (copy) => {
            const [found] = (await copy.fingerprints(await copy.tables(), () => {})).values();
            expect(found?.rows).toBe('2');
          });
        });
      });

      test('of a schema that cannot be read is not blamed on the backup: it may have been sent in a wrong way', async () => {
        await withEmptyCopy(source, async (into) => {
          const error = await engine.restores
            .load(into, options, (loader) => loader.loadPreData(Buffer.from('not a schema')))
            .catch((reason: unknown) => reason);
          expect(engine.restores.blame(error)).toMatchObject({ suspect: 'Lifeboat' });
        });
      });

      test('is not blamed on the content where the server or the program failed', () => {
        for (const error of [new DatabaseUnreachable('gone'), new TypeError('a mistake'), undefined])
          expect(engine.restores.blame(error)).toBeNull();
      });

      test('refuses a source of another version', async () => {
        await withEmptyCopy(source, (into) =>
          engine.restores.load(into, options, (loader) =>
            expect(loader.checkSuitable({ serverVersion: 90624, extensions: [] })).rejects.toMatchObject({
              name: 'ScratchUnsuitable',
            }),
          ),
        );
      });

      test('makes the roles that the server lacks, once, and tells them from those that it had', async () => {
        const creator = await under.newRoleCreator();
        const names = [`placeholder "${process.pid}"; ${copies++}`, creator.username];
        for (let time = 0; time < 2; time += 1)
          await engine.restores.load(creator, options, (loader) => loader.createRoles(names));
        await engine.comparisons.inspect(creator, options, async (copy) => {
          expect(await copy.placeholderRoles(names)).toEqual(names.slice(0, 1));
          expect(await copy.placeholderRoles([])).toEqual([]);
        });
      });

      test('throws what its work threw, and the reason of its signal', async () => {
        await withEmptyCopy(source, async (into) => {
          const mistake = new TypeError('a mistake');
          await expect(engine.restores.load(into, options, () => Promise.reject(mistake))).rejects.toBe(
            mistake,
          );
          const deadline = new AbortController();
          const reason = new RangeError('out of time');
          const loaded = engine.restores.load(into, { ...options, signal: deadline.signal }, (loader) =>
            loader.share([1, 2], async () => deadline.abort(reason)),
          );
          await expect(loaded).rejects.toBe(reason);
        });
      });
    });

    describe('a scratch server', () => {
      const name = `lifeboat_contract_${process.pid}_listed`;
      const use: Engine['scratchServers']['use'] = (...args) => engine.scratchServers.use(...args);
      afterAll(() => use(under.scratchServer, 'test', (server) => server.drop(name)));

      test('lists databases by prefix with their comments, and drops one, once or again', async () => {
        const { traits } = await withSnapshot(await under.newSource(), async (snapshot) => snapshot);
        await use(under.scratchServer, 'test', async (server) => {
          await server.create(name, traits);
          expect(await server.list(name)).toEqual([{ name, comment: null }]);
          await server.comment(name, `it's "marked"`);
          expect(await server.list(name.slice(0, -3))).toEqual([{ name, comment: `it's "marked"` }]);
          await server.drop(name);
          await server.drop(name);
          expect(await server.list(name)).toEqual([]);
        });
      });

      test('refuses an encoding that it does not have', async () => {
        const { traits } = await withSnapshot(await under.newSource(), async (snapshot) => snapshot);
        await expect(
          use(under.scratchServer, 'test', (server) =>
            server.create(name, { ...traits, encoding: 'EUC_MOON' }),
          ),
        ).rejects.toMatchObject({ name: 'ScratchUnsuitable' });
      });
    });

    test('names a database that cannot be connected to by one error', async () => {
      const { unreachable } = under;
      for (const attempt of [
        () => engine.heartbeats.beat(unreachable, 'mailblast', at(0)),
        () => engine.snapshots.open(unreachable, { clock, signal: never }),
        () => engine.scratchServers.use(unreachable, 'test', async () => {}),
        () => engine.restores.load(unreachable, options, async () => {}),
        () => engine.comparisons.inspect(unreachable, options, async () => {}),
      ])
        await expect(attempt()).rejects.toThrow(DatabaseUnreachable);
    });
  });
}

async function* chunksOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
