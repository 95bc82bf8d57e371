import { randomUUID } from 'node:crypto';
import { DeleteDBInstanceCommand } from '@aws-sdk/client-rds';
import type { Secrets } from '../../packages/local-rds/api/secrets.ts';
import { controls } from '../../packages/local-rds/rehearsal/controls.ts';
import type { LocalRds } from '../../packages/local-rds/test/support/local-rds.ts';
import { instanceSnapshots } from '../../shared/backup/rds-snapshot/instance-snapshots.ts';
import { rdsSnapshotBackup } from '../../shared/backup/rds-snapshot/rds-snapshot-backup.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import type { DatabaseAccess } from '../../shared/database/access.ts';
import { DAY } from '../../shared/plan/values/duration.ts';
import type { ReadyInstance } from '../../shared/restore/instance/advance-instance.ts';
import { rdsInstances } from '../../shared/restore/instance/rds-instances.ts';
import {
  scratchInstanceName,
  scratchInstanceTags,
} from '../../shared/restore/scratch-instance/scratch-instance-mark.ts';
import {
  type ScratchInstances,
  scratchInstances,
} from '../../shared/restore/scratch-instance/scratch-instances.ts';
import type { DisposalUnderTest } from '../contract/disposal.ts';

/* What the tests of RDS instances share: who restores them, where RDS keeps their passwords, and the scratch ones among them. */

export const region = 'eu-west-1';
export const deployment = 'lifeboat-shop-test';
export const workload = 'shop';

/** Where a local RDS without Secrets Manager keeps the master passwords that it manages. */
export function keptSecrets(): { secrets: Secrets; stored: ReadonlyMap<string, string> } {
  const stored = new Map<string, string>();
  const newArn = () => `arn:aws:secretsmanager:${region}:123456789012:secret:rds!db-${randomUUID()}`;
  return {
    stored,
    secrets: {
      async put(_, { arn = newArn(), value }) {
        stored.set(arn, value);
        return arn;
      },
      async delete(_, arn) {
        stored.delete(arn);
      },
    },
  };
}

/** As the functions do it: the login is in the secret that RDS made for the instance. */
export function accessTo(
  { address, masterSecret }: ReadyInstance,
  dbname: string,
  { local, stored }: { local: LocalRds; stored: ReadonlyMap<string, string> },
): DatabaseAccess {
  const { username, password } = JSON.parse(stored.get(masterSecret) ?? '{}');
  return { ...address, username, password, dbname, certificateAuthority: local.rds.ca };
}

export const newRun = (difference: object = {}) => ({
  runId: randomUUID() as string,
  workload,
  expiresAt: new Date(Date.now() + DAY),
  startedAt: new Date(),
  ...difference,
});

/** The instances of a local RDS, and the scratch ones of this deployment among them. */
export function openScratch(local: LocalRds, longestMs = 60_000) {
  const instances = rdsInstances(local.client(), region);
  return {
    instances,
    scratch: scratchInstances({ instances, deployment, clock: systemClock, pollMs: 50, longestMs }),
  };
}

/** Makes RDS fail as its users know it to, for a while. */
export const rehearseOn = (local: LocalRds, name: string, input: object) =>
  controls.find((each) => each.name === name)?.perform(local.rds.stage, input);

/** A snapshot of an instance now. */
export async function snapshotOf(local: LocalRds, instance: string) {
  const backup = rdsSnapshotBackup({
    regions: { primary: instanceSnapshots(local.client(), region, instance), standby: null },
    clock: systemClock,
    deployment,
    source: { kind: 'instance', name: instance },
    retentionMs: DAY,
    longestMs: 60_000,
    pollMs: 50,
  });
  return backup.take({
    database: instance,
    backup: 'hourly',
    runId: randomUUID(),
    runStartedAt: new Date(),
    signal: new AbortController().signal,
  });
}

/** Scratch instances, for the contract of what can be dropped. @param make creates one for a run, of the origin under test */
export function disposalOf(
  local: LocalRds,
  make: (scratch: ScratchInstances, run: ReturnType<typeof newRun>) => Promise<unknown>,
): DisposalUnderTest {
  const { scratch, instances } = openScratch(local);
  const ours = (runId: string) => scratchInstanceTags(deployment, newRun({ runId }));
  return {
    disposal: scratch,
    workload,
    nameOf: (runId) => scratchInstanceName(deployment, runId),
    async make(run) {
      await make(scratch, { ...run, startedAt: new Date() });
    },
    async exists(name) {
      const found = await instances.find(name);
      return found !== null && found.status !== 'deleting';
    },
    async forge(DBInstanceIdentifier, mark, runId) {
      const tags: Record<string, string> = {
        'no mark': {},
        'half a mark': { 'lifeboat:scratch': deployment },
        'the mark of another run': ours(`${runId}-other`),
        'the mark of another deployment': { ...ours(runId), 'lifeboat:scratch': 'lifeboat-shop-prod' },
      }[mark];
      await local.create({
        DBInstanceIdentifier,
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      });
    },
    async remove(DBInstanceIdentifier) {
      await local
        .client()
        .send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
    },
  };
}
