import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type LocalRds, startLocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { advanceInstanceHandOver } from '../../shared/handover/hand-instance-over.ts';
import { instanceToStay } from '../../shared/handover/instance-to-stay.ts';
import type { ConnectionKeeper } from '../../shared/handover/restored-database.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import { advanceInstance } from '../../shared/restore/instance/advance-instance.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import { snapshotOrigin } from '../../shared/restore/instance/snapshot-origin.ts';
import {
  isScratchOfRun,
  scratchInstanceName,
} from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import { deployment, keptSecrets, region, rehearseOn, snapshotOf, workload } from './rds-instances.ts';

vi.setConfig({ testTimeout: 60_000 });

/*
 * An instance that stays on a local RDS with real PostgreSQL behind it, without AWS around it: everything but the functions.
 */

const { secrets, stored } = keptSecrets();
let local: LocalRds;
let point: Awaited<ReturnType<typeof snapshotOf>>;

beforeAll(async () => {
  local = await startLocalRds({
    secrets,
  });
  await local.create({ DBInstanceIdentifier: 'shop', DBName: 'app', StorageEncrypted: true });
  await local.connect('shop', (client) => client.query('CREATE TABLE orders AS SELECT 1 AS id'));
  point = await snapshotOf(local, 'shop');
}, 120_000);
afterAll(() => local?.stop());

const instances = () => rdsInstances(local.client(), region);
const rehearse = (name: string, input: object) => rehearseOn(local, name, input);
const restoring = () => ({ deployment, workload, runId: randomUUID() });
type Run = ReturnType<typeof restoring>;

/** As the machine does it: calls again until it is complete. */
async function again<T extends { kind: string }>(
  step: () => Promise<T>,
): Promise<Extract<T, { kind: 'complete' }>> {
  for (;;) {
    const advanced = await step();
    if (advanced.kind === 'complete') return advanced as never;
    await systemClock.sleep(50);
  }
}

function restore(run: Run) {
  const into = instanceToStay(
    deployment,
    { ...run, expiresAt: new Date(Date.now() + DAY) },
    { securityGroups: ['sg-1'] },
    point.settings,
  );
  const origin = snapshotOrigin(local.client(), region, { ...point, takesGroups: true });
  return again(() =>
    advanceInstance(
      { instances: instances(), origin, clock: systemClock, longestMs: 30_000 },
      { into, isOurs: (found) => isScratchOfRun(found, deployment, run.runId), runStartedAt: new Date() },
    ),
  );
}

function handOver(run: Run, name: string, kept: Parameters<ConnectionKeeper['keep']>[0][]) {
  const now = new Date().toISOString();
  const validated = {
    verdict: 'verified',
    reason: 'all',
    checks: 9,
    recoveredTo: null,
    startedAt: now,
    finishedAt: now,
  } as const;
  return again(() =>
    advanceInstanceHandOver(
      {
        instances: instances(),
        keeper: { isKept: async () => kept.length > 0, keep: async (access) => void kept.push(access) },
        clock: systemClock,
        longestMs: 30_000,
      },
      { run, name, mark: { recoveryPoint: point.id, validated }, since: new Date() },
    ),
  );
}

test('has its name, its protection and a password of its own, and nothing of a scratch', async () => {
  const run = restoring();
  const kept: Parameters<ConnectionKeeper['keep']>[0][] = [];
  await restore(run);
  await handOver(run, 'shop-again', kept);
  expect(await local.describe('shop-again')).toMatchObject({
    DeletionProtection: true,
    BackupRetentionPeriod: 7,
  });
  const [{ username: user, dbname: database, ...access } = {} as never] = kept;
  const client = new pg.Client({ ...access, user, database, ssl: { ca: local.rds.ca } });
  await client.connect();
  expect((await client.query('SELECT id FROM orders')).rows).toEqual([{ id: 1 }]);
  await client.end();
  const found = await instances().find('shop-again');
  expect(Object.keys(found?.tags ?? {})).not.toContain('lifeboat:scratch');
  expect(stored.size).toBe(0);
});

test('keeps its name of a scratch, and no protection, where another instance got the name meanwhile', async () => {
  const run = restoring();
  await restore(run);
  await expect(handOver(run, 'shop', [])).rejects.toMatchObject({ name: 'NameTaken' });
  // RDS itself refuses the name where the look came too early.
  const scratch = scratchInstanceName(deployment, run.runId);
  await instances().renameAndProtect(scratch, 'shop');
  expect(await instances().find(scratch)).toMatchObject({ isProtected: false });
  await instances().delete(scratch);
});

test('is given up where RDS cannot restore the snapshot', async () => {
  await rehearse('damage-snapshot', { snapshot: point.snapshot });
  await expect(restore(restoring())).rejects.toMatchObject({ name: 'InstanceNotRestorable' });
});
