import { type CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { LifeboatError } from '../../shared/errors/lifeboat-error.ts';
import { type Kind, machineOutputOf } from '../../shared/run/kind.ts';
import { KINDS } from '../../shared/run/kinds.ts';
import type { Topic } from '../../shared/status/channels.ts';
import { typed } from '../typed.ts';

/** The resources of a deployment that the commands work with. */
export interface Deployment {
  readonly stackName: string;
  /** The ARN of each kind's state machine, by kind. */
  readonly machines: Readonly<Record<string, string>>;
  readonly vaultBucket: string;
  readonly journalTable: string;
  readonly ledgerTable: string;
  /** The ARNs of the topics that people are subscribed to. */
  readonly topics: Readonly<Record<Topic, string>>;
  /** The function that starts a replay once, however often it is called. */
  readonly startReplay: string;
  /** The Region that the vault is replicated to; null where it is not. */
  readonly replicatedTo: string | null;
  /** The function of the standby Region that measures how far read replicas are. */
  readonly measureReplica: string;
  /** What was seen of the primary Region; null where nothing watches it from here. */
  readonly failoverTable: string | null;
  /** The function that compares a restored database with its live source. */
  readonly compareCopy: string;
  /** The function that shows and changes the fence of a database. */
  readonly changeFence: string;
}

/** Identifies a deployment. `planPath` is used only in the message that says how to deploy it. */
export interface DeploymentName {
  readonly workload: string;
  readonly stage: string;
  readonly region: string;
  readonly planPath: string;
}

/** No stack is deployed under the name. */
export class StackNotFound extends LifeboatError {
  override readonly name = 'StackNotFound';
  override readonly kind = 'usage';

  constructor(stackName: string, { stage, region, planPath }: DeploymentName, options?: ErrorOptions) {
    super(`there is no stack ${stackName} in ${region} of this account`, {
      ...options,
      hint:
        `Deploy it: ${typed('deploy', planPath, '--stage', stage)}\n` +
        'Or name the stage it was deployed to, by --stage or LIFEBOAT_STAGE, or its Region by AWS_REGION.',
    });
  }
}

/** The stack exists, but another version of Lifeboat made it, or its deployment did not finish. */
export class StackIncomplete extends LifeboatError {
  override readonly name = 'StackIncomplete';
  override readonly kind = 'usage';

  constructor(stackName: string, missing: readonly string[], { stage, planPath }: DeploymentName) {
    super(
      `stack ${stackName} has no output ${missing.join(', ')}: it was deployed by another version, or not to the end`,
      { hint: `Deploy again: ${typed('deploy', planPath, '--stage', stage)}` },
    );
  }
}

/**
 * Finds the resources of a workload's deployment from its stack outputs.
 *
 * @throws StackNotFound, StackIncomplete
 */
export async function findDeployment(
  cloudformation: CloudFormationClient,
  name: DeploymentName,
  kinds: readonly Kind[] = KINDS,
): Promise<Deployment> {
  const stackName = `lifeboat-${name.workload}-${name.stage}`;
  const outputs = await outputsOf(cloudformation, stackName, name);
  const missing: string[] = [];
  const output = (key: string): string => {
    const value = outputs.get(key);
    if (!value) missing.push(key);
    return value ?? '';
  };
  const deployment: Deployment = {
    stackName,
    machines: Object.fromEntries(kinds.map((kind) => [kind.name, output(machineOutputOf(kind))])),
    vaultBucket: output('VaultBucket'),
    journalTable: output('JournalTable'),
    ledgerTable: output('LedgerTable'),
    topics: { outcomes: output('AlertsTopicArn'), alarms: output('AlarmsTopicArn') },
    startReplay: `${stackName}-start-replay`,
    replicatedTo: outputs.get('StandbyRegion') ?? null,
    measureReplica: `${stackName}-measure-replica`,
    failoverTable: outputs.get('FailoverTable') ?? null,
    compareCopy: `${stackName}-compare-copy`,
    changeFence: `${stackName}-change-fence`,
  };
  if (missing.length > 0) throw new StackIncomplete(stackName, missing, name);
  return deployment;
}

async function outputsOf(
  cloudformation: CloudFormationClient,
  stackName: string,
  name: DeploymentName,
): Promise<Map<string, string>> {
  try {
    const { Stacks = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName: stackName }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  } catch (cause) {
    // CloudFormation has no error of its own for this.
    if (cause instanceof Error && cause.name === 'ValidationError' && /does not exist/.test(cause.message))
      throw new StackNotFound(stackName, name, { cause });
    throw cause;
  }
}
