import * as z from 'zod';
import { dynamoClient } from '../../shared/aws/clients/dynamodb.ts';
import { secretsClient } from '../../shared/aws/clients/secrets.ts';
import { systemClock } from '../../shared/clock/clock.ts';
import { readDatabaseAccess } from '../../shared/database/access.ts';
import { engineOf } from '../../shared/database/open/engine-name.ts';
import { openLeaseFences } from '../../shared/database/open/lease-fences.ts';
import { deployedPlan } from '../../shared/lambda/deployed-plan.ts';
import { LocksSettings } from '../../shared/lambda/environment.ts';
import { task } from '../../shared/lambda/task.ts';
import { keepRenewing } from '../../shared/lease/keep-renewing.ts';
import { publishRenewals } from '../../shared/lease/lease-metrics.ts';
import { LeaseNotRenewed } from '../../shared/lease/lease-not-renewed.ts';
import { leaseName } from '../../shared/lease/lease-note.ts';
import { createRenewLease } from '../../shared/lease/renew-lease.ts';
import { dynamoLocks } from '../../shared/locks/dynamo-locks.ts';
import { databaseOf, fencedTables, leaseOf } from '../../shared/plan/lookup.ts';

/** The schedule starts the next call after a minute. Two at once are harmless. */
const RENEWS_FOR_MS = 60_000;

/**
 * Renews the lease of a database for a minute. Started by a schedule, each minute.
 *
 * A lease that a failover took is not an error of this function: it ends, and its metric tells people.
 */
export const handler = task(
  {
    name: 'renew-lease',
    input: z.object({ database: z.string() }),
    output: z.object({
      renewed: z.number(),
      failed: z.number(),
      takenBy: z.string().nullable(),
      gaps: z.array(z.string()).readonly().nullable(),
    }),
    environment: LocksSettings,
  },
  ({ LOCKS_TABLE }) => {
    const { plan } = deployedPlan();
    const locks = dynamoLocks(dynamoClient({ region: plan.regions.standby }), LOCKS_TABLE, systemClock);
    const secrets = secretsClient();
    return async ({ database }, { signal, until: deadline }) => {
      const source = databaseOf(plan, database);
      const lease = leaseOf(plan, database);
      const { valid: validMs, renewEvery } = lease;
      const tables = fencedTables(lease);
      const fences = openLeaseFences(engineOf(source));
      const end = new Date(Math.min(systemClock.now().getTime() + RENEWS_FOR_MS, deadline.getTime()));
      /** Null while the fence could not be read: then nobody knows whether it is complete. */
      let gaps: readonly string[] | null = null;
      // A connection of its own for each renewal: a lost one, or a new password, then costs one renewal and not a minute.
      const renew = async () => {
        const access = await readDatabaseAccess(secrets, source.postgres);
        return fences.use(access, signal, async (fence) => {
          const found = (await fence.read(tables)).gaps;
          gaps = found;
          const name = leaseName(plan.workload, database);
          const note = { validMs, gaps: found };
          return createRenewLease(locks, fence)({ name, owner: plan.regions.primary, note });
        });
      };
      const renewals = await keepRenewing(renew, {
        everyMs: renewEvery,
        until: end,
        clock: systemClock,
        signal,
      });
      publishRenewals({ workload: plan.workload, database }, renewals, gaps);
      const { renewed, failed, ended, lastError } = renewals;
      if (ended?.outcome === 'no fence') throw new LeaseNotRenewed(database, gaps ?? [], lastError);
      if (lastError && renewed === 0 && ended === null) throw lastError;
      return { renewed, failed, takenBy: ended?.by ?? null, gaps };
    };
  },
);
