import pg from 'pg';
import { runGraph } from '../../../concurrency/run-graph.ts';
import type { Entry } from '../archive/entry.ts';
import { readArchive } from '../archive/read-archive.ts';
import type { Connections } from '../connections.ts';
import { definitionOf } from './definition.ts';
import { rememberEntry } from './failed-entry.ts';
import { inWordsOf } from './for-older-servers.ts';
import { type PostDataTask, postDataTasks } from './post-data-tasks.ts';
import { type Part, whatCounts } from './what-counts.ts';

/** Definitions sent at once. One by one, thousands of tables would cost a round trip each. */
const TOGETHER = 50;
/** Times that a server's deadlock detector may pick one task. It ends one of those that wait, and the other goes on. */
const DEADLOCKS = 5;
const DEADLOCK_DETECTED = '40P01';
/** insufficient_privilege, feature_not_supported, and invalid_parameter_value: a label's provider is not loaded. */
const NOT_ALLOWED_HERE = new Set(['42501', '0A000', '22023']);

/**
 * Makes what must exist before the rows, in the order of the archive. Settings are the session's own: those that pg_dump
 * wrote are of its version, and an older server does not know them.
 *
 * @param createAsServer creates an extension that this login may not create; false if this login may
 */
export async function loadPreData(
  client: pg.Client,
  archive: Buffer,
  createAsServer: (extension: string, sql: string) => Promise<boolean>,
): Promise<void> {
  const { entries, partOf, isPostData } = opened(archive);
  let batch: Entry[] = [];
  const makeBatch = async (): Promise<void> => {
    await makeTogether(client, batch);
    batch = [];
  };
  const makeIfAllowed = makerOfOptional();
  for (const entry of entries) {
    const part = partOf(entry);
    if (part === 'surrounding' || isPostData(entry)) continue;
    if (part === 'optional') {
      await makeBatch();
      await makeIfAllowed(client, entry, definitionOf(entry));
    } else if (entry.desc === 'EXTENSION') {
      await makeBatch();
      const sql = definitionOf(entry);
      if (!(await naming(entry, createAsServer(entry.tag, sql)))) await make(client, entry, sql);
    } else {
      batch.push(entry);
      if (batch.length === TOGETHER) await makeBatch();
    }
  }
  await makeBatch();
}

/**
 * Makes what comes after the rows: indexes, keys and everything else, then the contents of materialized views. Row-level
 * security comes after those, because it would hide rows from them, and event triggers last, because they would act on all of it.
 *
 * @param options.onStep called after each task
 * @param options.beforeRefreshing called before the first materialized view is filled
 * @param options.onRefused called with the error that a definition ended with, before it is thrown
 */
export async function loadPostData(
  connections: Connections,
  archive: Buffer,
  {
    signal,
    onStep,
    beforeRefreshing,
    onRefused,
  }: {
    signal: AbortSignal;
    onStep: (done: number, total: number) => void;
    beforeRefreshing: () => Promise<void>;
    onRefused: (client: pg.Client, error: unknown) => Promise<void>;
  },
): Promise<void> {
  const { entries, partOf, isPostData } = opened(archive);
  const wanted = entries.filter((entry) => partOf(entry) !== 'surrounding' && isPostData(entry));
  const phases = [0, 1, 2, 3].map((phase) =>
    postDataTasks(
      wanted.filter((entry) => phaseOf(entry) === phase),
      entries,
    ),
  );
  const total = phases.flat().length;
  let done = 0;
  const makeIfAllowed = makerOfOptional();
  const perform = async (client: pg.Client, { entry, sql }: PostDataTask): Promise<void> => {
    try {
      if (partOf(entry) === 'optional') await makeIfAllowed(client, entry, sql);
      else await make(client, entry, sql);
    } catch (error) {
      await onRefused(client, error);
      throw error;
    }
    done += 1;
    onStep(done, total);
  };
  for (const [phase, tasks] of phases.entries()) {
    if (phase === REFRESHING && tasks.length > 0) await beforeRefreshing();
    await runGraph(connections, tasks, signal, perform);
  }
}

const REFRESHING = 1;

/**
 * The order of pg_restore's passes, with row-level security between the last two. A comment is made with what it is about,
 * because it comes after it.
 */
function phaseOf({ desc, tag }: Entry): number {
  if (desc === 'EVENT TRIGGER' || tag.startsWith('EVENT TRIGGER ')) return 3;
  if (desc === 'ROW SECURITY') return 2;
  return desc === 'MATERIALIZED VIEW DATA' ? REFRESHING : 0;
}

interface Opened {
  readonly entries: readonly Entry[];
  partOf(entry: Entry): Part;
  isPostData(entry: Entry): boolean;
}

function opened(bytes: Buffer): Opened {
  const { serverVersion, entries: dumped } = readArchive(bytes);
  const entries = dumped.map((entry) => inWordsOf(serverVersion, entry));
  const parts = whatCounts(entries);
  const postData = new Set<number>();
  for (const { id, section, dependencies } of entries) {
    // Comments are in no section of their own.
    const follows = section === 'none' && dependencies.some((dependency) => postData.has(dependency));
    if (section === 'post-data' || follows) postData.add(id);
  }
  return {
    entries,
    partOf: (entry) => parts.get(entry) ?? 'required',
    isPostData: ({ id }) => postData.has(id),
  };
}

/** Remembers the entry of which a piece of work failed. */
async function naming<T>(entry: Entry, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    rememberEntry(error, entry);
    throw error;
  }
}

/** Runs a definition, again if the server chose it to end a deadlock. */
async function make(client: pg.Client, entry: Entry, sql: string): Promise<void> {
  for (let deadlocks = 0; ; deadlocks += 1) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      if (codeOf(error) === DEADLOCK_DETECTED && deadlocks < DEADLOCKS) continue;
      rememberEntry(error, entry);
      throw error;
    }
  }
}

async function makeTogether(client: pg.Client, entries: readonly Entry[]): Promise<void> {
  if (entries.length === 0) return;
  try {
    await client.query(entries.map(definitionOf).join('\n'));
  } catch {
    // All of them were undone. One by one they show which definition the server refuses.
    for (const entry of entries) await make(client, entry, definitionOf(entry));
  }
}

/** Makes what a server may not allow, and leaves out what goes with something that was left out. */
function makerOfOptional(): (client: pg.Client, entry: Entry, sql: string) => Promise<void> {
  const leftOut = new Set<number>();
  return async (client, entry, sql) => {
    try {
      if (entry.dependencies.some((id) => leftOut.has(id))) leftOut.add(entry.id);
      else await make(client, entry, sql);
    } catch (error) {
      if (!NOT_ALLOWED_HERE.has(codeOf(error) ?? '')) throw error;
      leftOut.add(entry.id);
    }
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}
