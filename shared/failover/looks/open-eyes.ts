import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { readDatabaseAccess } from '../../database/access.ts';
import { engineOf } from '../../database/open/engine-name.ts';
import { openHeartbeats } from '../../database/open/heartbeats.ts';
import { databaseOf } from '../../plan/lookup.ts';
import type { Plan } from '../../plan/schema.ts';
import type { Eyes } from '../watch.ts';
import { LookTimedOut } from './database.ts';
import { lookAtEndpoint } from './endpoint.ts';
import { lookAtAlarm, lookAtInstance, ownNetworkFault } from './services.ts';

/** Longer than a connection takes that is given up by itself. */
const DATABASE_MS = 12_000;

export interface EyesClients {
  readonly secrets: SecretsManagerClient;
  readonly rdsOfPrimary: RDSClient;
  readonly rdsOfStandby: RDSClient;
  readonly cloudwatch: CloudWatchClient;
}

/** Opens what the watcher of a plan looks with. Only the looks themselves call the primary Region. */
export function openEyes(plan: Plan, { secrets, rdsOfPrimary, rdsOfStandby, cloudwatch }: EyesClients): Eyes {
  return {
    endpoint: (health) => lookAtEndpoint(health),
    async database(name) {
      const source = databaseOf(plan, name);
      const access = await readDatabaseAccess(secrets, source.postgres);
      const limit = new AbortController();
      const over = new LookTimedOut(`the database "${name}" did not answer within ${DATABASE_MS / 1000} s`);
      const timer = setTimeout(() => limit.abort(over), DATABASE_MS);
      try {
        return { look: await openHeartbeats(engineOf(source)).look(access, plan.workload, limit.signal) };
      } catch (error) {
        return { error };
      } finally {
        clearTimeout(timer);
      }
    },
    instance: (database) => lookAtInstance(rdsOfPrimary, databaseOf(plan, database).rds ?? {}),
    alarm: (name) => lookAtAlarm(cloudwatch, name),
    ownNetworkFault: () => ownNetworkFault(rdsOfStandby),
  };
}
