import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readManagedAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openStorageChecks } from '../../shared/database/open/storage-checks.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { ConnectionSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { databaseOf } from '../../shared/plan/lookup.ts';
import { RunReference } from '../../shared/progress/run-reference.ts';
import { MadeFor, plannedInstance } from '../../shared/restore/made-for.ts';
import { InstanceRead, RestoredInstance } from '../../shared/restore/step-answers.ts';

/** Left at the end of a call for the blocks that are being read. RDS fetches some of them slowly. */
const MARGIN_MS = 120_000;
/** A rotten disk has thousands; a state machine passes on at most 256 KiB. */
const NAMED = 50;

/**
 * Reads every block of a restored instance, as far as the time of one call goes. The machine calls it again with its own answer
 * until all are read. Only then is the instance as fast as its source: until then RDS fetches blocks when they are asked for.
 */
export const handler = task(
  {
    name: 'read-instance',
    input: RunReference.extend({
      ...MadeFor.shape,
      instance: RestoredInstance,
      /** What the call before answered; null at the first. */
      before: InstanceRead.nullable(),
    }),
    output: InstanceRead,
    environment: ConnectionSettings,
  },
  ({ CONNECTIONS }) => {
    const { plan } = deployedPlan();
    const secrets = secretsClient();
    return async ({ restoreTest, restore, instance, before }, { signal, until }) => {
      const startedAt = systemClock.now();
      const { from, instance: planned } = plannedInstance(plan, { restoreTest, restore });
      const database = databaseOf(plan, from.database);
      const access = await readManagedAccess(secrets, {
        ...instance,
        certificateAuthority: planned.certificateAuthority ?? database.postgres.certificateAuthority,
      });
      const end = until.getTime() - MARGIN_MS;
      const read = await openStorageChecks(engineOf(database)).inspect(
        access,
        { connections: CONNECTIONS, signal },
        (copy) => copy.readBlocks(before?.next ?? null, () => systemClock.now().getTime() < end),
      );
      return {
        complete: read.next === null,
        next: read.next,
        bytes: (before?.bytes ?? 0) + read.bytes,
        damaged: [...(before?.damaged ?? []), ...read.damaged].slice(0, NAMED),
        unread: [...new Set([...(before?.unread ?? []), ...read.unread])].slice(0, NAMED),
        startedAt: before?.startedAt ?? startedAt.toISOString(),
        finishedAt: systemClock.now().toISOString(),
      };
    };
  },
);
