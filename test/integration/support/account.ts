import { randomInt } from 'node:crypto';
import { accessAs, type Connection, type PostgresAccess } from 'local-postgres/access';
import { inject } from 'vitest';
import { clientsFor, environmentOf } from '../../../local/account.ts';
import { unixUpstream } from '../../../local/gateway/forward.ts';
import { startGateway } from '../../../local/gateway/start-gateway.ts';
import { createPlanQueues } from '../../../local/messaging/plan-queues.ts';
import { socketIn } from '../../../local/ministack/start-ministack.ts';
import { writePlanSecrets } from '../../../local/secrets/plan-secrets.ts';
import type { LocalAws } from '../../../local/start.ts';
import { loadPlan } from '../../../shared/plan/load.ts';

/** The parts of the shared local AWS that a test may use: all but its processes and a stack. */
export interface TestAccount
  extends Pick<
    LocalAws,
    'endpoint' | 'region' | 'accountId' | 'environment' | 'runFolder' | 'gateway' | 'databases' | 'addresses'
  > {
  readonly source: PostgresAccess;
  readonly scratch: PostgresAccess;
  stop(): Promise<void>;
}

/**
 * Opens an AWS account in the local AWS of the projects `shared-aws` and `cases-on-aws`, with a plan's secrets, queues and topics. Other test
 * files cannot see its content, so names may repeat. It has its own gateway: a fault in it affects no other file's calls.
 */
export async function openAccount({ plan: file } = { plan: 'plans/mailblast.yml' }): Promise<TestAccount> {
  const { runFolder, region, ...servers } = inject('sharedAws');
  const plan = await loadPlan(file);
  const gateway = await startGateway(unixUpstream(socketIn(runFolder)));
  const account = { endpoint: gateway.endpoint, region, accountId: String(randomInt(1e11, 1e12 / 4)) };
  const source = ofAccount(servers.source, account.accountId);
  const scratch = ofAccount(servers.scratch, account.accountId);
  const clients = clientsFor(account);
  try {
    const [secrets] = await Promise.all([
      writePlanSecrets(clients.secrets, plan, { source, scratch }),
      createPlanQueues(clients, plan),
    ]);
    return {
      ...account,
      environment: environmentOf(account),
      runFolder,
      gateway,
      source,
      scratch,
      ...secrets,
      stop: gateway.stop,
    };
  } catch (error) {
    await gateway.stop();
    throw error;
  } finally {
    clients.destroy();
  }
}

/** All accounts see the databases and roles of a server: their names include the account. */
function ofAccount(superuser: Connection, accountId: string): PostgresAccess {
  const server = accessAs(superuser);
  const own = (name: string) => `${name}_${accountId}`;
  return {
    ...server,
    createRole: ({ name, ...wanted }) => server.createRole({ ...wanted, name: own(name) }),
    createDatabase: ({ name, owner, ...wanted }) =>
      server.createDatabase({ ...wanted, name: own(name), owner: own(owner) }),
  };
}
