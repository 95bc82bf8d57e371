import { createHash } from 'node:crypto';
import { shareOut } from '../../../shared/concurrency/share-out.ts';
import type { DatabaseAccess } from '../../../shared/database/access.ts';
import {
  type Blame,
  DatabaseUnreachable,
  type Engine,
  HandOverRefused,
  NameTaken,
  type QueryAnswer,
  type RestoredCopy,
  ScratchUnsuitable,
  type Snapshot,
} from '../../../shared/database/engine.ts';
import { addFingerprints, type TableFingerprint } from '../../../shared/database/fingerprint.ts';
import type { SourceSchema } from '../../../shared/database/schema-dump.ts';
import { type PartName, partUnknown, type SchemaPart } from '../../../shared/database/schema-part.ts';
import type { SequencePosition, SourceTable, TableName, TableRange } from '../../../shared/database/table.ts';
import { isHeartbeat, ORDINARY_ROWS, readable } from '../../../shared/database/table.ts';
import { emptyDatabase, type MemoryDatabase, traits } from './memory-database.ts';

/** The engine refused what was loaded. */
class Refused extends Error {
  readonly suspect: Blame['suspect'];

  constructor(message: string, suspect: Blame['suspect'] = 'backup') {
    super(message);
    this.suspect = suspect;
  }
}

export interface MemoryServer {
  readonly engine: Engine;
  readonly databases: Map<string, MemoryDatabase>;
  /** The roles of the server, and whether a load made them. */
  readonly roles: Map<string, 'placeholder' | 'login'>;
  /** What queries answer, by their SQL. Every other query is refused. */
  readonly answers: Map<string, (database: MemoryDatabase) => unknown[][]>;
  /** Adds a database. */
  add(name: string, database?: Partial<MemoryDatabase>): DatabaseAccess;
  /** Access to a database that may not exist. */
  access(name: string): DatabaseAccess;
}

/**
 * A database engine whose server is in memory, by the contract of test/contract/engine.ts. Rows are lines of text with tabs
 * between the columns, and a schema is JSON.
 */
export function memoryServer({ logins = false } = {}): MemoryServer {
  const databases = new Map<string, MemoryDatabase>([['postgres', emptyDatabase()]]);
  const answers: MemoryServer['answers'] = new Map();
  const roles: MemoryServer['roles'] = new Map([['lifeboat', 'login']]);
  const reach = ({ dbname }: DatabaseAccess): MemoryDatabase => {
    const database = databases.get(dbname);
    if (!database) throw new DatabaseUnreachable(`there is no database "${dbname}"`);
    return database;
  };
  const access = (dbname: string): DatabaseAccess => ({
    host: 'memory',
    port: 0,
    username: 'lifeboat',
    password: 'memory',
    dbname,
    certificateAuthority: '',
  });

  /** By name, what resolves when the last connection that locked it has ended. */
  const locks = new Map<string, Promise<void>>();

  const engine: Engine = {
    heartbeats: {
      async beat(where, workload, at) {
        const database = reach(where);
        let table = database.tables.find(isHeartbeat);
        if (!table) {
          table = { schema: 'lifeboat', name: 'heartbeat', columns: ['workload', 'beat_at'], rows: [] };
          database.tables.push(table);
        }
        const before = heartbeatOf(database, workload);
        if (before && before > at) return;
        table.rows = table.rows.filter((row) => !row.startsWith(`${workload}\t`));
        table.rows.push(`${workload}\t${at.toISOString()}`);
      },
      async look(where, workload, signal) {
        signal.throwIfAborted();
        return { readsOnly: false, beatAt: heartbeatOf(reach(where), workload) ?? null, refused: null };
      },
    },

    replicaReads: {
      // The memory has no replicas: every database takes writes.
      async read(where, workload) {
        const heartbeatAt = heartbeatOf(reach(where), workload) ?? null;
        const nothing = { appliedTo: null, receivedTo: null, unappliedBytes: 0, streaming: false };
        return { standby: false, now: new Date(), heartbeatAt, ...nothing };
      },
    },

    snapshots: {
      async open(where, { clock, signal }) {
        signal.throwIfAborted();
        const source = reach(where);
        return snapshotOf(structuredClone(source), () => source.sequences, clock.now(), signal);
      },
    },

    scratchServers: {
      async use(where, _purpose, work) {
        reach(where);
        const released = Promise.withResolvers<void>();
        const held = new Set<string>();
        const done = work({
          async lock(name) {
            if (held.has(name)) return;
            held.add(name);
            const before = locks.get(name);
            locks.set(name, released.promise);
            await before;
          },
          list: async (prefix) =>
            [...databases]
              .filter(([name]) => name.startsWith(prefix))
              .map(([name, { comment }]) => ({ name, comment }))
              .sort((a, b) => (a.name < b.name ? -1 : 1)),
          async create(name, like) {
            if (like.encoding !== 'UTF8') throw new ScratchUnsuitable(`no encoding "${like.encoding}"`);
            databases.set(name, { ...emptyDatabase(), traits: like });
          },
          whyNoLogin: async () => (logins ? null : 'the memory has no logins'),
          login: async (name) => (logins ? { username: name, password: `of ${name}` } : null),
          async handOver(name, to) {
            const database = reach(access(name));
            if (databases.has(to.name)) throw new NameTaken(`the name "${to.name}" is taken`);
            if (to.grants.includes('REFUSED')) throw new HandOverRefused('grants[0] was refused');
            databases.delete(name);
            const report = { owner: to.owner ?? to.name, grantsLeftOut: ['a grant'], fromSource: null };
            databases.set(to.name, { ...database, comment: to.comment(report) });
            return { username: to.name, password: `of ${to.name}` };
          },
          async comment(name, text) {
            reach(access(name)).comment = text;
          },
          async drop(name) {
            databases.delete(name);
          },
        });
        return done.finally(() => released.resolve());
      },
    },

    restores: {
      blame: (error) =>
        error instanceof Refused
          ? { suspect: error.suspect, because: 'it was refused', next: 'try another', said: error.message }
          : null,
      partOf: partOfMemory,
      async load(where, { connections, signal }, work) {
        signal.throwIfAborted();
        const into = reach(where);
        return work({
          async checkSuitable({ serverVersion }) {
            if (serverVersion !== traits.serverVersion) throw new ScratchUnsuitable('another version');
          },
          async createRoles(names) {
            for (const name of names) if (!roles.has(name)) roles.set(name, 'placeholder');
          },
          async loadPreData(schema) {
            const { tables, sequences } = parsed(schema);
            into.tables.push(...tables.map((table) => ({ ...table, rows: [] })));
            into.sequences.push(...sequences);
          },
          share: (tasks, perform) =>
            shareOut(Array.from({ length: connections }), tasks, signal, (_, task) =>
              perform({ copyIn: (table, _format, rows) => copyIn(into, readable(table), rows) }, task),
            ),
          async setSequences(positions) {
            into.sequences = structuredClone([...positions]);
          },
          async loadPostData(schema, onStep) {
            const { indexes } = parsed(schema);
            for (const [done, index] of indexes.entries()) {
              into.indexes.push(index);
              onStep(done + 1, indexes.length);
            }
          },
          analyze: async () => [],
        });
      },
    },

    comparisons: {
      async inspect(where, { signal }, work) {
        signal.throwIfAborted();
        return work(copyOf(reach(where), answers, roles));
      },
      compareSchemas(stored, restored) {
        const [before, after] = [parsed(stored), parsed(restored)];
        const sections = ['tables', 'sequences', 'indexes'] as const;
        const differ = (section: (typeof sections)[number]) =>
          JSON.stringify(before[section]) !== JSON.stringify(after[section]);
        return { differences: sections.filter(differ), leftOut: [] };
      },
      partOf: partOfMemory,
      blame: (error) => engine.restores.blame(error),
    },
  };

  return {
    engine,
    databases,
    roles,
    answers,
    access,
    add(name, database = {}) {
      databases.set(name, { ...emptyDatabase(), ...database });
      return access(name);
    },
  };
}

/** Two rows a range, so that tests meet tables of several parts. */
const ROWS_PER_RANGE = 2;

function snapshotOf(
  moment: MemoryDatabase,
  sequences: () => SequencePosition[],
  takenAt: Date,
  signal: AbortSignal,
): Snapshot {
  let ended = false;
  const end = () => {
    ended = true;
  };
  const requireOpen = () => {
    signal.throwIfAborted();
    if (ended) throw new DatabaseUnreachable('the snapshot has ended');
  };
  const tables = tablesOf(moment);
  const rowsOf = ({ table, where }: Pick<TableRange, 'table' | 'where'>) => {
    requireOpen();
    const rows = moment.tables.find((each) => readable(each) === readable(table))?.rows ?? [];
    const from = Number(where || 0);
    return where ? rows.slice(from, from + ROWS_PER_RANGE) : rows;
  };
  const ranges = tables.flatMap((table) => {
    const { length } = rowsOf({ table, where: '' });
    const parts = Math.max(1, Math.ceil(length / ROWS_PER_RANGE));
    return Array.from({ length: parts }, (_, part) => ({
      table,
      part,
      where: parts === 1 ? '' : String(part * ROWS_PER_RANGE),
      bytes: ROWS_PER_RANGE,
    }));
  });
  return {
    takenAt,
    traits: moment.traits,
    tables,
    ranges,
    newestHeartbeat: async (workload) => heartbeatOf(moment, workload),
    async dumpSchema() {
      requireOpen();
      return schemaOf(moment);
    },
    sequences: async () => structuredClone(sequences()),
    async openReader() {
      requireOpen();
      return {
        copyOut(range) {
          const rows = rowsOf(range);
          return { chunks: asChunks(rows), rowCount: () => rows.length };
        },
        fingerprint: async (range) => fingerprintOf(rowsOf(range)),
        countRows: async (table) => String(rowsOf({ table: table as SourceTable, where: '' }).length),
        async identity(table) {
          const { columns = [] } = moment.tables.find((each) => readable(each) === readable(table)) ?? {};
          return { columns: columns.toSorted(), key: columns.slice(0, 1) };
        },
        hashGroups: async ({ table }) =>
          new Map([[0, fingerprintOf(rowsOf({ table: table as SourceTable, where: '' }))]]),
        async *hashes({ table }) {
          yield rowsOf({ table: table as SourceTable, where: '' })
            .map((row) => ({ key: hashOf(row.split('\t')[0] ?? ''), row: hashOf(row) }))
            .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
        },
      };
    },
    release: async () => end(),
    abandon: end,
  };
}

function copyOf(
  database: MemoryDatabase,
  answers: MemoryServer['answers'],
  roles: MemoryServer['roles'],
): RestoredCopy {
  return {
    dumpSchema: async () => schemaOf(database),
    tables: async () => tablesOf(database),
    async fingerprints(tables, onRange) {
      const found = new Map<SourceTable, TableFingerprint>();
      for (const table of tables) {
        const rows = database.tables.find((each) => readable(each) === readable(table))?.rows ?? [];
        found.set(table, addFingerprints([fingerprintOf(rows)]));
        onRange({ bytes: found.size, done: found.size, total: tables.length });
      }
      return found;
    },
    sequences: async () => structuredClone(database.sequences),
    invalidIndexes: async () => invalidAmong(database.indexes),
    placeholderRoles: async (names) => names.filter((name) => roles.get(name) === 'placeholder'),
    newestHeartbeat: async (workload) => heartbeatOf(database, workload),
    async run(sql) {
      database.statements.push(sql);
      return true;
    },
    async ask(sql): Promise<QueryAnswer> {
      const answer = answers.get(sql);
      return answer
        ? { rows: answer(database) }
        : { refused: `the memory has no answer to "${sql}"`, absent: false };
    },
  };
}

async function copyIn(into: MemoryDatabase, name: string, chunks: AsyncIterable<Buffer>): Promise<number> {
  const received: Buffer[] = [];
  for await (const chunk of chunks) received.push(chunk);
  const table = into.tables.find((each) => readable(each) === name);
  const rows = Buffer.concat(received).toString().split('\n').slice(0, -1);
  if (!table) throw new Refused(`there is no table ${name}`);
  if (rows.some((row) => row.split('\t').length !== table.columns.length))
    throw new Refused(`${name}: a row has too few columns`);
  table.rows.push(...rows);
  return rows.length;
}

async function* asChunks(rows: readonly string[]): AsyncGenerator<Buffer> {
  for (const row of rows) yield Buffer.from(`${row}\n`);
}

type MemorySchema = Pick<MemoryDatabase, 'tables' | 'sequences' | 'indexes'>;

function parsed(schema: Buffer): MemorySchema {
  try {
    return JSON.parse(schema.toString());
  } catch {
    throw new Refused('syntax error', 'Lifeboat');
  }
}

function partOfMemory(archive: Buffer, wanted: readonly PartName[]): SchemaPart {
  const all = parsed(archive);
  const isWanted = (each: TableName) =>
    wanted.some(({ schema, name }) => schema === each.schema && (name === null || name === each.name));
  for (const part of wanted)
    if (!all.tables.some((table) => part.schema === table.schema && (part.name ?? table.name) === table.name))
      throw partUnknown(part, { schemas: all.tables.map(({ schema }) => schema), tables: all.tables });
  const [tables, sequences] = [all.tables.filter(isWanted), all.sequences.filter(isWanted)];
  const part = Buffer.from(JSON.stringify({ tables, sequences, indexes: [] }));
  const fingerprint = createHash('sha256').update(part).digest('hex');
  const otherSequences = all.sequences.filter((each) => !isWanted(each));
  return {
    archive: part,
    fingerprint,
    tables,
    sequences,
    otherSequences,
    extensions: [],
    parents: new Map(),
    added: [],
    leftOut: [],
  };
}

function tablesOf({ tables }: MemoryDatabase): SourceTable[] {
  return tables.map(({ schema, name, columns, rows }) => ({
    schema,
    name,
    columns,
    bytes: rows.length,
    binaryCapable: true,
    ...ORDINARY_ROWS,
  }));
}

function schemaOf({ tables, sequences, indexes, policyRoles, notCarried }: MemoryDatabase): SourceSchema {
  const schema = {
    tables: tables.map(({ schema, name, columns }) => ({ schema, name, columns })),
    sequences: sequences.map(({ schema, name }) => ({ schema, name, lastValue: '1', isCalled: false })),
    indexes,
  };
  const archive = Buffer.from(JSON.stringify(schema));
  return {
    archive,
    fingerprint: createHash('sha256').update(archive).digest('hex'),
    roles: policyRoles,
    invalidIndexes: invalidAmong(indexes),
    fragileConstraints: [],
    notCarried,
  };
}

function invalidAmong(indexes: readonly string[]): string[] {
  return indexes.filter((index) => index.startsWith('invalid'));
}

function heartbeatOf({ tables }: MemoryDatabase, workload: string): Date | null {
  const row = tables.find(isHeartbeat)?.rows.find((each) => each.startsWith(`${workload}\t`));
  return row ? new Date(row.slice(workload.length + 1)) : null;
}

function fingerprintOf(rows: readonly string[]): TableFingerprint {
  return { rows: String(rows.length), content: String(rows.reduce((sum, row) => sum + hashOf(row), 0n)) };
}

function hashOf(text: string): bigint {
  return createHash('sha256').update(text).digest().readBigInt64BE();
}
