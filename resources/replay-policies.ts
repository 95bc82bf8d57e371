import { databaseOf } from '../shared/plan/lookup.ts';
import type { Queue } from '../shared/plan/queue-schema.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { arns, keyArns, secretArns } from './arns.ts';

/** A statement of IAM that allows something. */
interface Statement {
  readonly Effect: 'Allow';
  readonly Action: string | string[];
  readonly Resource: (object | '*')[];
  readonly Condition?: object;
}

/**
 * What the functions of a replay may do with the queues, targets and secrets of the plan, as a policy for each role. What
 * they may do whatever the plan says stands with the roles. IAM takes no statement without a resource, nor a policy
 * without a statement: where the plan names none, there is none.
 */
export function deriveReplayPolicies(plan: Plan): Record<string, object> {
  const queues = Object.values(plan.queues);
  const rehydrations = Object.values(plan.rehydrations);
  const deadLetters = queueArns(queues.map((queue) => queue.deadLetters));
  const cared = queues.filter(({ subscription }) => subscription !== undefined);
  const statements = {
    InspectQueue: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'],
        deadLetters,
      ),
      ...openTargets(queues),
      readSecrets(queues.flatMap(webhookSecrets)),
      useKeys('kms:Decrypt', queues),
    ],
    DrainQueue: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
        deadLetters,
      ),
      // The ARN of the queue tells the account and Region of its topic or function.
      allow('sqs:GetQueueAttributes', queueArns(deadLettersFor(queues, ['topic', 'function']))),
      ...openTargets(queues),
      allow('sqs:SendMessage', queueArns(targetsOf(queues, 'queue'))),
      allow('sns:Publish', arns('sns', targetsOf(queues, 'topic'))),
      readSecrets([
        ...queues.flatMap(webhookSecrets),
        ...queues.flatMap(({ probe }) => (probe ? databaseSecrets(plan, probe.database) : [])),
      ]),
      useKeys(READ_AND_SEND, queues),
    ],
    SettleAccount: [allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], deadLetters)],
    StartReplay: [allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'], deadLetters)],
    EnsureSubscription: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
        queueArns(cared.map(({ deadLetters }) => deadLetters)),
      ),
      allow(
        ['sns:ListSubscriptionsByTopic', 'sns:Subscribe', 'sns:ConfirmSubscription'],
        arns(
          'sns',
          cared.flatMap(({ subscription }) => (subscription ? [subscription.topic] : [])),
        ),
      ),
      // IAM knows no resource for it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
      allow('sns:GetSubscriptionAttributes', cared.length > 0 ? ['*'] : []),
      readSecrets(cared.flatMap(webhookSecrets)),
    ],
    RehydrateQueue: [
      allow(
        ['sqs:GetQueueUrl', 'sqs:SendMessage'],
        queueArns(rehydrations.flatMap(({ into }) => ('queue' in into ? [into.queue] : []))),
      ),
      readSecrets([
        ...rehydrations.flatMap(({ database }) => databaseSecrets(plan, database)),
        ...rehydrations.flatMap(({ into }) => ('redisList' in into ? [into.redisList.secret] : [])),
      ]),
      useKeys(READ_AND_SEND, rehydrations),
    ],
  };
  return Object.fromEntries(
    Object.entries(statements)
      .map(([name, all]) => [name, all.filter(({ Resource }) => Resource.length > 0)] as const)
      .filter(([, all]) => all.length > 0)
      .map(([name, all]) => [`${name}PlanPolicy`, policyOf(`${name}Role`, all)]),
  );
}

/** To see before anything is sent that a target is there and may be used. A function is only called, if as a dry run. */
function openTargets(queues: readonly Queue[]): Statement[] {
  return [
    allow('sqs:GetQueueUrl', queueArns(targetsOf(queues, 'queue'))),
    allow('sns:GetTopicAttributes', arns('sns', targetsOf(queues, 'topic'))),
    allow('lambda:InvokeFunction', arns('lambda', targetsOf(queues, 'function'))),
  ];
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
const READ_AND_SEND = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * The keys that have one of the aliases, and no other of the account.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-resource-aliases
 */
function useKeys(
  actions: string | string[],
  entries: readonly { readonly keys: readonly string[] }[],
): Statement {
  const aliases = [...new Set(entries.flatMap(({ keys }) => keys))];
  return {
    ...allow(actions, aliases.length > 0 ? keyArns() : []),
    Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': aliases } },
  };
}

type Kind = 'queue' | 'topic' | 'function';

function targetsOf(queues: readonly Queue[], kind: Kind): string[] {
  return queues.flatMap(({ target }) =>
    Object.entries(target).flatMap(([key, to]) =>
      key === kind ? [typeof to === 'string' ? to : to.name] : [],
    ),
  );
}

function deadLettersFor(queues: readonly Queue[], kinds: readonly Kind[]): string[] {
  return queues
    .filter(({ target }) => kinds.some((kind) => kind in target))
    .map((queue) => queue.deadLetters);
}

function queueArns(names: readonly string[]): object[] {
  return arns('sqs', names);
}

function policyOf(role: string, statements: readonly Statement[]): object {
  return {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyName: 'plan',
      Roles: [{ Ref: role }],
      PolicyDocument: { Version: '2012-10-17', Statement: statements },
    },
  };
}

function allow(Action: string | string[], Resource: Statement['Resource']): Statement {
  return { Effect: 'Allow', Action, Resource };
}

function readSecrets(names: readonly string[]): Statement {
  return allow('secretsmanager:GetSecretValue', secretArns(names));
}

function webhookSecrets({ target }: Queue): string[] {
  if (!('webhook' in target)) return [];
  const { secret, certificateAuthority } = target.webhook;
  return certificateAuthority === undefined ? [secret] : [secret, certificateAuthority];
}

function databaseSecrets(plan: Plan, name: string): string[] {
  const { secret, certificateAuthority } = databaseOf(plan, name);
  return [secret, certificateAuthority];
}
