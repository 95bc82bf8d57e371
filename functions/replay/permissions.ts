import {
  allow,
  functions,
  JOURNAL,
  LEDGER,
  objectsOf,
  queues,
  readSecrets,
  type Statement,
  topics,
  useKeys,
  VAULT_KEY,
} from '../../resources/iam.ts';
import { databaseSecrets, redisSecrets, webhookSecrets } from '../../resources/plan-secrets.ts';
import { targetsOf } from '../../shared/plan/lookup.ts';
import type { Plan } from '../../shared/plan/schema.ts';

export function inspectQueue(plan: Plan): Statement[] {
  return [
    allow(
      [
        'sqs:GetQueueUrl',
        'sqs:GetQueueAttributes',
        'sqs:ListDeadLetterSourceQueues',
        'sqs:ReceiveMessage',
        'sqs:ChangeMessageVisibility',
      ],
      deadLetters(plan.replays),
    ),
    useKeys(['kms:Decrypt'], keys(plan.replays)),
    ...openTargets(plan),
    allow(['dynamodb:BatchGetItem'], [LEDGER]),
  ];
}

export function drainQueue(plan: Plan): Statement[] {
  return [
    allow(
      ['sqs:GetQueueUrl', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
      deadLetters(plan.replays),
    ),
    // The queue's ARN gives the account and Region of its topic or function.
    allow(['sqs:GetQueueAttributes'], deadLetters(replaysTo(plan, ['topic', 'function']))),
    useKeys(['kms:Decrypt'], keys(plan.replays)),
    // Only what is put on a queue or a topic is encrypted again.
    useKeys(['kms:GenerateDataKey'], keys(replaysTo(plan, ['queue', 'topic']))),
    ...openTargets(plan),
    allow(['sqs:SendMessage'], queues(targets(plan, 'queue'))),
    allow(['sns:Publish'], topics(targets(plan, 'topic'))),
    // The database that shows whether the application has already handled a message.
    ...readSecrets(
      Object.values(plan.replays).flatMap(({ alreadyApplied }) =>
        alreadyApplied ? [databaseSecrets(plan, alreadyApplied.database)] : [],
      ),
    ),
    allow(
      ['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem', 'dynamodb:GetItem'],
      [LEDGER],
    ),
    allow(['dynamodb:UpdateItem', 'dynamodb:GetItem'], [JOURNAL]),
    allow(['s3:PutObject', 's3:PutObjectRetention'], [objectsOf('quarantine')]),
    // A retry finds the message that it stored before.
    allow(['s3:GetObject'], [objectsOf('quarantine')]),
    allow(['kms:GenerateDataKey', 'kms:Decrypt'], [VAULT_KEY]),
  ];
}

/** This function calls no service. */
export function assessRound(): Statement[] {
  return [];
}

export function settleAccount(plan: Plan): Statement[] {
  return [
    allow(
      ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'],
      deadLetters(plan.replays),
    ),
    useKeys(['kms:Decrypt'], keys(plan.replays)),
    allow(['dynamodb:Query'], [JOURNAL]),
  ];
}

export function ensureSubscription(plan: Plan): Statement[] {
  const subscribed = Object.values(plan.replays).filter(({ subscription }) => subscription !== undefined);
  const topicsOfThem = subscribed.flatMap(({ subscription }) => (subscription ? [subscription.topic] : []));
  return [
    allow(
      ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'],
      queues(subscribed.map((queue) => queue.deadLetters)),
    ),
    allow(['sns:ListSubscriptionsByTopic', 'sns:Subscribe', 'sns:ConfirmSubscription'], topics(topicsOfThem)),
    // IAM has no resource type for it: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
    allow(['sns:GetSubscriptionAttributes'], subscribed.length > 0 ? ['*'] : []),
    ...readSecrets(subscribed.flatMap(webhookSecrets)),
    allow(['sns:Publish'], subscribed.length > 0 ? [{ Ref: 'AlertsTopic' }] : []),
  ];
}

export function rehydrateQueue(plan: Plan): Statement[] {
  const rehydrations = Object.values(plan.rehydrations);
  return [
    ...readSecrets([
      ...rehydrations.map(({ database }) => databaseSecrets(plan, database)),
      ...rehydrations.flatMap(redisSecrets),
    ]),
    allow(
      ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
      queues(rehydrations.flatMap(({ into }) => ('queue' in into ? [into.queue] : []))),
    ),
    useKeys(READ_AND_SEND, keys(plan.rehydrations)),
    allow(['dynamodb:PartiQLInsert', 'dynamodb:PartiQLUpdate', 'dynamodb:BatchGetItem'], [LEDGER]),
    // Its progress.
    allow(['dynamodb:UpdateItem'], [JOURNAL]),
  ];
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
const READ_AND_SEND = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;

/**
 * Checks before sending that every target exists and may be used. A function can be checked only by calling
 * it as a dry run.
 */
function openTargets(plan: Plan): Statement[] {
  return [
    allow(['sqs:GetQueueUrl'], queues(targets(plan, 'queue'))),
    allow(['sns:GetTopicAttributes'], topics(targets(plan, 'topic'))),
    allow(['lambda:InvokeFunction'], functions(targets(plan, 'function'))),
    ...readSecrets(Object.values(plan.replays).flatMap(webhookSecrets)),
  ];
}

type TargetKind = 'queue' | 'topic' | 'function';

function targets(plan: Plan, kind: TargetKind): string[] {
  return Object.values(plan.replays)
    .flatMap(targetsOf)
    .flatMap((target) =>
      Object.entries(target).flatMap(([key, to]) =>
        key === kind ? [typeof to === 'string' ? to : to.name] : [],
      ),
    );
}

function deadLetters(replays: Plan['replays']) {
  return queues(Object.values(replays).map((queue) => queue.deadLetters));
}

/** The replays that deliver to a target of one of these kinds. */
function replaysTo({ replays }: Plan, kinds: readonly TargetKind[]): Plan['replays'] {
  return Object.fromEntries(
    Object.entries(replays).filter(([, replay]) =>
      targetsOf(replay).some((target) => kinds.some((kind) => kind in target)),
    ),
  );
}

function keys(entries: Readonly<Record<string, { readonly keys: readonly string[] }>>): string[] {
  return Object.values(entries).flatMap((entry) => entry.keys);
}
