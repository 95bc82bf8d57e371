import { beforeEach, describe, expect, test } from 'vitest';
import type { LogicalRecoveryPoint } from '../../../shared/backup/logical/logical-recovery-point.ts';
import type { BackupMethod } from '../../../shared/backup/method.ts';
import { findRecoveryPoint } from '../../../shared/backup/recovery-points.ts';
import type { DatabaseAccess } from '../../../shared/database/access.ts';
import { DAY, parseDuration } from '../../../shared/plan/values/duration.ts';
import { createLoadRecoveryPoint } from '../../../shared/restore/load-recovery-point.ts';
import { scratchName } from '../../../shared/restore/scratch.ts';
import { scratchDatabases } from '../../../shared/restore/scratch-database.ts';
import { createValidateCopy } from '../../../shared/validation/validate-copy.ts';
import { decideVerdict } from '../../../shared/validation/verdict.ts';
import type { Vault } from '../../../shared/vault/vault.ts';
import { logicalUnderTest } from '../../contract/logical-under-test.ts';
import { contactsDatabase } from '../database/memory-database.ts';
import { type MemoryServer, memoryServer } from '../database/memory-engine.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const signal = new AbortController().signal;
const progress = { report: () => {}, settled: async () => {} };
const of = { database: 'main', backup: 'full' };
const run = { runId: 'restore', workload: 'mailblast', expiresAt: new Date('2036-01-01T00:00:00Z') };
const take = { ...of, runId: 'nightly', runStartedAt: new Date(), signal };

let server: MemoryServer;
let vault: Vault;
/** Keys of manifests, in the order in which they were read. */
let manifestsRead: string[];
let method: BackupMethod<LogicalRecoveryPoint>;

beforeEach(async () => {
  server = memoryServer();
  const source = server.add('mailblast', contactsDatabase());
  const memory = memoryVault();
  manifestsRead = [];
  vault = {
    ...memory,
    async read(key) {
      if (key.startsWith('manifests/')) manifestsRead.push(key);
      return memory.read(key);
    },
  };
  await server.engine.heartbeats.beat(source, 'mailblast', new Date());
  ({ method } = logicalUnderTest(vault, server.engine.snapshots, source, 'main'));
});

const scratch = () => scratchDatabases(server.engine.scratchServers, server.access('postgres'));
const load = ({ manifest }: LogicalRecoveryPoint, into: DatabaseAccess) =>
  createLoadRecoveryPoint({ vault, restores: server.engine.restores, progress })({
    manifest,
    into,
    connections: 2,
    signal,
  });
const validate = ({ manifest }: LogicalRecoveryPoint, copy: DatabaseAccess) =>
  createValidateCopy({ vault, comparisons: server.engine.comparisons, progress })({
    manifest,
    copy,
    plan: {
      afterRestore: ['jobs off'],
      checks: [{ name: 'contacts', sql: 'count', expect: { atLeast: 3 } }],
      freshness: parseDuration('5m'),
    },
    connections: 2,
    signal,
  });

describe('a restore', () => {
  beforeEach(() => {
    server.answers.set('count', ({ tables }) => [[tables[0]?.rows.length]]);
  });

  test('of everything is verified, and the plan is asked after its statements were run', async () => {
    const point = await method.take(take);
    const copy = await scratch().claim(run, point.manifest.source);
    await load(point, copy);
    const { checks, recoveredTo } = await validate(point, copy);
    expect(decideVerdict(checks)).toEqual({ verdict: 'verified', reason: '8 checks passed' });
    expect(recoveredTo?.toISOString()).toBe(point.manifest.heartbeatAt);
    expect(server.databases.get(copy.dbname)?.statements).toEqual(['jobs off']);
  });

  test('names what it says nothing of: what was not carried, and roles that were made for it', async () => {
    server.roles.set('auditor', 'login');
    Object.assign(server.databases.get('mailblast') ?? {}, {
      policyRoles: ['auditor', 'reviewer'],
      notCarried: ['grants on 2 objects'],
      indexes: ['contacts_pkey', 'invalid_here_too'],
    });
    const point = await method.take(take);
    const copy = await scratch().claim(run, point.manifest.source);
    await load(point, copy);
    const { checks } = await validate(point, copy);
    expect(decideVerdict(checks)).toEqual({
      verdict: 'verified',
      reason: '8 checks passed; not proven: grants on 2 objects, role reviewer',
    });
  });

  test('that is repeated after half a load starts from an empty database', async () => {
    const point = await method.take(take);
    await scratch().create(run, point.manifest.source);
    const [table] = point.manifest.tables;
    const [part] = table?.parts ?? [];
    if (!table || !part) throw new Error('the table has a part');
    // Its rows are loaded, and then some more that are nowhere.
    const half = { ...table, parts: [...table.parts, { ...part, versionId: 'never-written' }] };
    const broken: LogicalRecoveryPoint = {
      ...point,
      manifest: { ...point.manifest, tables: [half], sequences: [] },
    };
    await expect(load(broken, await scratch().claim(run, point.manifest.source))).rejects.toThrow();
    const copy = await scratch().claim(run, point.manifest.source);
    await load(point, copy);
    expect(decideVerdict((await validate(point, copy)).checks).verdict).toBe('verified');
  });

  test.each<[string, (rows: string[]) => void, string]>([
    ['a changed row', (rows) => rows.splice(0, 1, '1\tx@y'), 'content'],
    ['a lost row', (rows) => rows.splice(0, 1), 'content'],
  ])('with %s is rejected', async (_, change, kind) => {
    const point = await method.take(take);
    const copy = await scratch().claim(run, point.manifest.source);
    await load(point, copy);
    change(server.databases.get(copy.dbname)?.tables[0]?.rows ?? []);
    const { checks } = await validate(point, copy);
    expect(decideVerdict(checks).verdict).toBe('rejected');
    expect(checks.find(({ outcome }) => outcome === 'failed')?.kind).toBe(kind);
  });

  test('of an object that is missing is blamed on the backup', async () => {
    const point = await method.take(take);
    const copy = await scratch().claim(run, point.manifest.source);
    const [table] = point.manifest.tables;
    const [part] = table?.parts ?? [];
    if (!table || !part) throw new Error('the table has a part');
    const elsewhere = { ...part, versionId: 'never-written' };
    const tables = [{ ...table, parts: [elsewhere] }];
    await expect(load({ ...point, manifest: { ...point.manifest, tables } }, copy)).rejects.toMatchObject({
      name: 'RecoveryPointDamaged',
      message: expect.stringContaining('is missing'),
    });
  });
});

describe('the manifest', () => {
  const reads = async (step: () => Promise<unknown>): Promise<number> => {
    manifestsRead = [];
    await step();
    return manifestsRead.length;
  };

  test('is read once in each step of a backup and of a restore test', async () => {
    expect(await reads(() => method.take(take))).toBe(0);
    const later = new Date(Date.now() + 1000);
    const choice = { choice: 'newest', runId: 'restore', before: later, now: later, retention: DAY } as const;
    const { point } = await findRecoveryPoint(method, of, choice);
    expect(await reads(() => method.take(take))).toBe(1);
    expect(await reads(() => method.prove(point))).toBe(1);
    expect(await reads(() => findRecoveryPoint(method, of, choice))).toBe(1);
    const create = async () => scratch().create(run, (await method.find(point)).manifest.source);
    expect(await reads(create)).toBe(1);
    const loading = async () => {
      const found = await method.find(point);
      await load(found, await scratch().claim(run, found.manifest.source));
    };
    expect(await reads(loading)).toBe(1);
    const validation = async () => {
      await validate(await method.find(point), server.access(scratchName(run.runId)));
    };
    expect(await reads(validation)).toBe(1);
  });
});
