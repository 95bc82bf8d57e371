import type pg from 'pg';
import type { Manifest } from '../backup/logical/manifest.ts';
import type { DatabaseAccess } from '../database/access.ts';
import { listTables, readSequences, type SourceTable } from '../database/postgres/catalog.ts';
import { shareOut, withConnections } from '../database/postgres/connections.ts';
import {
  addFingerprints,
  fingerprintTable,
  type TableFingerprint,
} from '../database/postgres/fingerprint.ts';
import { newestHeartbeat } from '../database/postgres/heartbeat.ts';
import { readable } from '../database/postgres/identifier.ts';
import { dumpSchema, schemaFingerprint } from '../database/postgres/schema-dump/dump-schema.ts';
import { entriesByTitle } from '../database/postgres/schema-dump/post-data.ts';
import { divideIntoRanges } from '../database/postgres/table-range.ts';
import type { RestoreTest } from '../plan/sections/restore-tests.ts';
import { formatDuration } from '../plan/values/duration.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import { readVerified } from '../restore/load-recovery-point.ts';
import type { Vault } from '../vault/vault.ts';
import { runPlanCheck } from './plan-check.ts';
import type { CheckResult } from './verdict.ts';

export interface ValidationRequest {
  readonly manifest: Manifest;
  readonly scratch: DatabaseAccess;
  readonly plan: Pick<RestoreTest, 'afterRestore' | 'checks' | 'freshness'>;
  readonly connections: number;
  readonly signal: AbortSignal;
}

/** What a validation found. */
export interface Validation {
  readonly checks: CheckResult[];
  /** The newest heartbeat in the restored copy: the moment up to which data came back. */
  readonly recoveredTo: Date | null;
}

/**
 * Compares a restored copy with what its manifest says the source held, and asks it the plan's questions. The order is
 * fixed: the copy is compared before the plan's `afterRestore` statements may change it.
 *
 * @throws DatabaseUnreachable and other errors of the harness; a difference is no error but a failed check
 */
export function createValidateRestore({ vault, progress }: { vault: Vault; progress: ProgressReporter }) {
  return async function validateRestore(request: ValidationRequest): Promise<Validation> {
    const { manifest, scratch, plan, signal } = request;
    const group = { purpose: 'validation', count: request.connections, signal };
    return withConnections(scratch, group, async (clients) => {
      const [first] = clients;
      const schema = compareSchema(vault, scratch, manifest, signal);
      // Without a listener a failure that comes while content is still compared would end the process.
      schema.catch(() => {});
      const tables = await compareTables(first, manifest);
      const content = await compareContent(clients, manifest, tables.tables, progress, signal);
      const sequences = await compareSequences(first, manifest);
      const indexes = await findInvalidIndexes(first);
      const recoveredTo = await newestHeartbeat(first, manifest.workload);
      const checks = [
        await schema,
        tables.check,
        ...content,
        sequences,
        indexes,
        checkFreshness(manifest, recoveredTo, plan.freshness),
      ];
      for (const sql of plan.afterRestore) await first.query(sql);
      for (const check of plan.checks) checks.push(await runPlanCheck(first, check));
      return { checks, recoveredTo };
    });
  };
}

async function compareSchema(
  vault: Vault,
  scratch: DatabaseAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<CheckResult> {
  const restored = await dumpSchema(scratch, { signal });
  const fingerprint = schemaFingerprint(restored);
  const check = {
    kind: 'schema',
    name: 'the schema is the one of the source',
    expected: manifest.schema.fingerprint,
  } as const;
  if (fingerprint === manifest.schema.fingerprint) return { ...check, outcome: 'passed', found: fingerprint };
  const stored = await Promise.all(
    [manifest.schema.preData, manifest.schema.postData].map((section) => readVerified(vault, section)),
  );
  const differing = differingEntries(stored.join(''), restored.preData + restored.postData);
  return { ...check, outcome: 'failed', found: `${fingerprint}, differing in ${differing.join(', ')}` };
}

/** Titles of what differs between two dumps, at most ten of them. */
function differingEntries(stored: string, restored: string): string[] {
  const before = entriesByTitle(stored);
  const after = entriesByTitle(restored);
  const titles = [...new Set([...before.keys(), ...after.keys()])].filter(
    (title) => before.get(title) !== after.get(title),
  );
  if (titles.length === 0) return ['the order of its entries'];
  return titles.length > 10 ? [...titles.slice(0, 10), `${titles.length - 10} more`] : titles;
}

async function compareTables(client: pg.Client, manifest: Manifest) {
  const tables = await listTables(client);
  const restored = new Set(tables.map(readable));
  const expected = new Set(manifest.tables.map(readable));
  const missing = [...expected].filter((table) => !restored.has(table));
  const extra = [...restored].filter((table) => !expected.has(table));
  const found = [
    `${restored.size} tables`,
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`not in the backup: ${extra.join(', ')}`] : []),
  ].join('; ');
  const check: CheckResult = {
    kind: 'tables',
    name: 'every table came back',
    outcome: missing.length + extra.length === 0 ? 'passed' : 'failed',
    expected: `${expected.size} tables`,
    found,
  };
  return { check, tables };
}

async function compareContent(
  clients: readonly pg.Client[],
  manifest: Manifest,
  restored: readonly SourceTable[],
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  const expected = new Map(manifest.tables.map((table) => [readable(table), table]));
  const ranges = divideIntoRanges(
    restored.filter((table) => expected.has(readable(table))),
    manifest.source.serverVersion,
  );
  const fingerprints = new Map<SourceTable, TableFingerprint[]>(ranges.map(({ table }) => [table, []]));
  let bytes = 0;
  let tasksDone = 0;
  await shareOut(clients, ranges, signal, async (client, range) => {
    fingerprints.get(range.table)?.push(await fingerprintTable(client, range.table, range));
    bytes += range.bytes;
    tasksDone += 1;
    progress.report({ doing: 'comparing content', bytes, tasksDone, tasksTotal: ranges.length });
  });
  const checks = [...fingerprints].map(([table, found]): CheckResult => {
    const name = readable(table);
    const wanted = expected.get(name);
    const { rows, content } = addFingerprints(found);
    return {
      kind: 'content',
      name,
      outcome: rows === wanted?.rows && content === wanted.content ? 'passed' : 'failed',
      expected: `${wanted?.rows} rows, fingerprint ${wanted?.content}`,
      found: `${rows} rows, fingerprint ${content}`,
    };
  });
  return checks.sort((a, b) => a.name.localeCompare(b.name));
}

async function compareSequences(client: pg.Client, manifest: Manifest): Promise<CheckResult> {
  const position = (each: { lastValue: string; isCalled: boolean }) =>
    `${each.lastValue}${each.isCalled ? '' : ' (not yet drawn)'}`;
  const restored = new Map((await readSequences(client)).map((each) => [readable(each), position(each)]));
  const differing = manifest.sequences.filter((each) => restored.get(readable(each)) !== position(each));
  return {
    kind: 'sequences',
    name: 'every sequence stands where it stood',
    outcome: differing.length === 0 && restored.size === manifest.sequences.length ? 'passed' : 'failed',
    expected: `${manifest.sequences.length} sequences${differing.map((each) => `, ${readable(each)} at ${position(each)}`).join('')}`,
    found: `${restored.size} sequences${differing.map((each) => `, ${readable(each)} at ${restored.get(readable(each)) ?? 'no position'}`).join('')}`,
  };
}

async function findInvalidIndexes(client: pg.Client): Promise<CheckResult> {
  const { rows } = await client.query<{ name: string }>(
    'SELECT indexrelid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_index WHERE NOT indisvalid ORDER BY 1',
  );
  return {
    kind: 'indexes',
    name: 'every index is valid',
    outcome: rows.length === 0 ? 'passed' : 'failed',
    expected: 'no invalid index',
    found: rows.length === 0 ? 'no invalid index' : rows.map((row) => row.name).join(', '),
  };
}

/**
 * The newest write in the copy must be hardly older than the snapshot: else the source had gone quiet, or was not the source.
 * Nor may it be from later, more than clocks differ: a heartbeat of the future would hide every loss before it.
 */
function checkFreshness(manifest: Manifest, recoveredTo: Date | null, freshness: number): CheckResult {
  const snapshotAt = new Date(manifest.snapshotAt);
  const age = recoveredTo ? snapshotAt.getTime() - recoveredTo.getTime() : null;
  return {
    kind: 'freshness',
    name: 'the newest heartbeat is close to the snapshot',
    outcome: age !== null && Math.abs(age) <= freshness ? 'passed' : 'failed',
    expected: `within ${formatDuration(freshness)} of ${manifest.snapshotAt}`,
    found: recoveredTo ? `${recoveredTo.toISOString()}` : 'no heartbeat',
  };
}
