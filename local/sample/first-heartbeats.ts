import { beat, prepareHeartbeat } from '../../shared/database/postgres/heartbeat.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import type { LocalAws } from '../start.ts';
import { connectAsOwner } from './sample.ts';

/**
 * Writes the first heartbeat of every database of the plan. The deployed schedule writes the following ones, starting
 * within a minute. A backup taken before that would be rejected for lack of a heartbeat.
 */
export async function writeFirstHeartbeats(aws: LocalAws, plan: Plan): Promise<void> {
  for (const database of Object.keys(plan.databases)) {
    const client = await connectAsOwner(aws, database);
    try {
      await prepareHeartbeat(client);
      await beat(client, plan.workload, new Date());
    } finally {
      await client.end();
    }
  }
}
