import { dynamoJournal } from '../shared/journal/dynamo-journal.ts';
import type { Journal } from '../shared/journal/journal.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { s3Vault } from '../shared/vault/s3-vault.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { type AwsSettings, type Clients, createClients } from './aws/clients.ts';
import { type Deployment, findDeployment } from './aws/deployment.ts';
import type { FoundPlan } from './find-plan.ts';

/** A plan together with what is deployed of it: all that a command needs to start runs and to look at them. */
export interface Workload {
  readonly plan: Plan;
  readonly planPath: string;
  readonly stage: string;
  readonly region: string;
  readonly deployment: Deployment;
  readonly clients: Clients;
  readonly journal: Journal;
  readonly vault: Vault;
  close(): void;
}

/**
 * Opens what is deployed of a plan in a stage.
 *
 * @param settings which AWS; what the environment says, in the plan's primary Region, unless told otherwise
 * @throws StackNotFound, StackIncomplete
 */
export async function openWorkload(
  { plan, path: planPath }: FoundPlan,
  stage: string,
  settings: AwsSettings = { region: process.env.AWS_REGION ?? plan.regions.primary },
): Promise<Workload> {
  const { region } = settings;
  const clients = createClients(settings);
  try {
    const deployment = await findDeployment(clients.cloudformation, {
      workload: plan.workload,
      stage,
      region,
      planPath,
    });
    return {
      plan,
      planPath,
      stage,
      region,
      deployment,
      clients,
      journal: dynamoJournal(clients.dynamodb, deployment.journalTable, plan.workload),
      vault: s3Vault(clients.s3, deployment.vaultBucket, plan.vault.lock),
      close: () => clients.destroy(),
    };
  } catch (error) {
    clients.destroy();
    throw error;
  }
}
