import { hasMachine } from '../resources/in-standby.ts';
import { ServiceUnreachable } from '../shared/aws/service-unreachable.ts';
import { LifeboatError } from '../shared/errors/lifeboat-error.ts';
import { dynamoJournal } from '../shared/journal/dynamo-journal.ts';
import type { Journal } from '../shared/journal/journal.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { KINDS } from '../shared/run/kinds.ts';
import { s3Vault } from '../shared/vault/s3-vault.ts';
import type { Vault } from '../shared/vault/vault.ts';
import { type AwsSettings, type Clients, createClients } from './aws/clients.ts';
import { type Deployment, findDeployment } from './aws/deployment.ts';
import { regionOf } from './aws/region.ts';
import type { FoundPlan } from './find-plan.ts';
import { typed } from './typed.ts';

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
  const role = region === plan.regions.standby ? 'standby' : 'primary';
  const kinds = KINDS.filter(({ name }) => hasMachine(role, name));
  try {
    const deployment = await findDeployment(
      clients.cloudformation,
      { workload: plan.workload, stage, region, planPath },
      kinds,
    );
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
    if (error instanceof ServiceUnreachable && role === 'primary')
      throw new RegionUnreachable(error, { planPath, stage, workload: plan.workload, ...plan.regions });
    throw error;
  }
}

/**
 * The primary Region does not answer. No command goes on in the other Region by itself: what it shows and restores there is a copy,
 * and a person has to choose that.
 */
export class RegionUnreachable extends LifeboatError {
  override readonly name = 'RegionUnreachable';
  override readonly kind = 'unavailable';
  override readonly retryable = true;

  constructor(
    cause: Error,
    {
      planPath,
      stage,
      standby,
      workload,
    }: {
      planPath: string;
      stage: string;
      standby: string;
      workload: string;
    },
  ) {
    const into = `${workload.replaceAll('-', '_')}_restored`;
    super(cause.message, {
      cause,
      hint:
        `If the Region is lost, look from ${standby}: ${typed('status', planPath, '--stage', stage, '--region', 'standby')}\n` +
        `Try a restore there: ${typed('restore-test', planPath, '--stage', stage, '--region', 'standby')}\n` +
        `Restore there: ${typed('restore', planPath, '--at', 'newest', '--into', into, '--stage', stage, '--region', 'standby')}`,
    });
  }
}
