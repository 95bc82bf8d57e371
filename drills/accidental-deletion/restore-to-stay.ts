import pg from 'pg';
import { restoredInstance } from '../../local/rds/restored-instance.ts';
import type { LocalAws } from '../../local/start.ts';
import { InstanceHandedOver } from '../../shared/handover/step-answers.ts';
import { type Finding, finding } from '../finding.ts';
import type { KeptRun } from '../keep-evidence.ts';
import type { Deletion } from './application.ts';

/** The instance that a restore handed over, by what it answered; null where it handed none over. */
export function handedOverBy({ evidence }: KeptRun) {
  const { data } = InstanceHandedOver.safeParse(evidence?.steps.handOver);
  return data?.complete ? data : null;
}

/** What the restored instance holds, read by the login in the secret and nothing else. */
export async function lookInto(
  aws: LocalAws,
  handedOver: { instance: string; secret: string },
  { pipelines }: Deletion,
): Promise<Finding> {
  const client = new pg.Client(await restoredInstance(aws, handedOver).connection());
  await client.connect();
  try {
    const { rows } = await client.query<{ found: number }>('SELECT count(*)::int AS found FROM pipelines');
    return finding(
      'pipelines in the restored instance, by the login in its secret',
      pipelines,
      rows[0]?.found ?? 0,
    );
  } finally {
    await client.end();
  }
}
