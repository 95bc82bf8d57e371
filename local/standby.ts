import type { PostgresAccess } from 'local-postgres/access';
import type { Plan } from '../shared/plan/schema.ts';
import { secretsIn } from '../shared/standby/check-secrets.ts';
import { type Account, type Clients, clientsFor } from './account.ts';
import { type Deployment, deploy } from './deploy/deploy.ts';
import type { Run } from './runs.ts';
import { replicateSecrets, writeScratchSecrets } from './secrets/standby-secrets.ts';

/** The standby Region of a local AWS, with what stands there. */
export interface LocalStandby {
  readonly region: string;
  readonly stack: Deployment['stack'];
  /** Its own scratch server: that of the primary Region would be lost with it. */
  readonly scratch: PostgresAccess;
}

/**
 * Deploys the standby's stack, with its secrets: a replica of each secret of the plan, but a scratch server of its own. It comes
 * before the primary's stack, whose vault is replicated to it.
 */
export async function deployStandby(
  run: Run,
  primary: { readonly account: Account; readonly clients: Clients },
  { plan, scratch, ...service }: { plan: Plan; planPath: string; view: string; scratch: PostgresAccess },
): Promise<LocalStandby & Deployment> {
  const region = plan.regions.standby;
  const account = { ...primary.account, region };
  const clients = clientsFor(account);
  try {
    const own = await writeScratchSecrets(clients.secrets, plan, scratch);
    const replicated = secretsIn(plan).filter((name) => !own.includes(name));
    await replicateSecrets(primary.clients.secrets, clients.secrets, replicated);
    const deployment = await deploy(run, clients, account, { ...service, role: 'standby' });
    return { ...deployment, region, scratch };
  } finally {
    clients.destroy();
  }
}
