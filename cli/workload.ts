import { dynamoJournal } from '../shared/journal/dynamo-journal.ts';
import type { Journal } from '../shared/journal/journal.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { s3Vault } from '../shared/vault/s3-vault.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { type AwsSettings, type Clients, createClients } from './aws/clients.ts';
import { type Deployment, findDeployment } from './aws/deployment.ts';
import { regionOf } from './aws/region.ts';
import type { FoundPlan } from './find-plan.ts';

/** A plan with its deployment: all that a command needs to start runs and inspect them. */
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
 * Opens a plan's deployment in a stage.
 *
 * @param settings which AWS to use; defaults to the environment and the plan's primary Region
 * @throws StackNotFound, StackIncomplete
 */
export async function openWorkload(
  { plan, path: planPath }: FoundPlan,
  stage: string,
  settings: AwsSettings = { region: regionOf(process.env, plan.regions.primary) },
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
