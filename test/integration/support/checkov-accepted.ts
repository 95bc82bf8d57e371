import { readLambdas } from '../../../resources/capabilities.ts';
import { functionsIn, hasMachine } from '../../../resources/in-standby.ts';
import { logicalId } from '../../../resources/named-resources.ts';
import type { StackRole } from '../../../shared/plan/stack-role.ts';
import { KINDS } from '../../../shared/run/kinds.ts';

/** Findings of checkov that stay as they are, and why. A test compares this list with what checkov finds, both ways. */
interface Accepted {
  readonly check: string;
  readonly reason: string;
  /** Logical ids of the resources. */
  readonly on: readonly string[];
}

const logicalIds = (of: readonly { readonly name: string }[]) => of.map(({ name }) => logicalId(name));
const named = (suffix: string, names: readonly string[]) => names.map((name) => `${name}${suffix}`);

/**
 * What is accepted in the stack of a role.
 *
 * @param has whether the stack has a resource of this logical id. The primary stack has all of them
 */
export function acceptedIn(role: StackRole, has: (id: string) => boolean): Accepted[] {
  const accepted = acceptedOf(role);
  return role === 'primary' ? accepted : accepted.map((each) => ({ ...each, on: each.on.filter(has) }));
}

function acceptedOf(role: StackRole): Accepted[] {
  const lambdas = functionsIn(role, readLambdas(), { failover: true });
  const WITH_RESOURCE_STAR_FOR_NETWORK = logicalIds(
    lambdas.filter(({ settings }) => settings.vpc === 'plan'),
  );
  const WITHOUT_NETWORK = logicalIds(lambdas.filter(({ settings }) => settings.vpc === undefined));
  const FUNCTIONS = logicalIds(lambdas);
  const MACHINES = logicalIds(KINDS.filter(({ name }) => hasMachine(role, name)));
  // Every function in a network is told its subnets.
  const WITH_ENVIRONMENT = FUNCTIONS.filter(
    (name) => !['AssessRound', 'KeepPointInTime', 'CheckSecrets'].includes(name),
  );

  return [
    {
      check: 'CKV_AWS_18',
      reason:
        'a trail records the vault where the plan wants one (docs/design.md); the others hold that trail, and code',
      on: ['Vault', 'TrailBucket', 'ServerlessDeploymentBucket'],
    },
    {
      check: 'CKV_AWS_21',
      reason:
        'it holds the code of this checkout, which git has; osls keeps the last deployments under names of their own',
      on: ['ServerlessDeploymentBucket'],
    },
    {
      check: 'CKV_AWS_26',
      reason:
        'CloudWatch cannot publish to a topic under the AWS-managed key, and verdicts and alarms are no secrets',
      on: ['AlertsTopic', 'AlarmsTopic', 'RecoveryTopic'],
    },
    {
      check: 'CKV_AWS_27',
      reason:
        'SQS encrypts it with a key of its own; the events name a database or a queue and hold no message',
      on: ['LostEvents'],
    },
    {
      check: 'CKV_AWS_35',
      reason:
        'S3 encrypts it with a key of its own: events name keys of objects and callers, and hold no content',
      on: ['Trail'],
    },
    {
      check: 'CKV_AWS_67',
      reason:
        'it records one bucket, which is in one Region; the vault of the standby Region has a trail of its own',
      on: ['Trail'],
    },
    {
      check: 'CKV_AWS_111',
      reason:
        'Lambda makes network interfaces by these roles, which EC2 does not scope; the code is denied the same actions',
      on: named('Role', WITH_RESOURCE_STAR_FOR_NETWORK),
    },
    {
      check: 'CKV_AWS_115',
      reason:
        'a reservation takes concurrency from the application in the same account; machines and pace bound how many run',
      on: named('LambdaFunction', FUNCTIONS),
    },
    {
      check: 'CKV_AWS_116',
      reason:
        'machines wait for these functions; those that events start have a destination, which also keeps the error',
      on: named('LambdaFunction', FUNCTIONS),
    },
    {
      check: 'CKV_AWS_117',
      reason: 'they call AWS alone, and a network without a NAT would keep them from it',
      on: named('LambdaFunction', WITHOUT_NETWORK),
    },
    {
      check: 'CKV_AWS_158',
      reason: 'CloudWatch Logs encrypts them by itself; no log holds a row, a message or a secret',
      on: [...named('LogGroup', FUNCTIONS), ...named('MachineLog', MACHINES)],
    },
    {
      check: 'CKV_AWS_173',
      reason: 'Lambda encrypts them by itself; they are names of resources, and no secret',
      on: named('LambdaFunction', WITH_ENVIRONMENT),
    },
  ];
}
