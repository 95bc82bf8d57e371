import { paginateListSubscriptionsByTopic, UnsubscribeCommand } from '@aws-sdk/client-sns';
import { webhookEvent } from '../../../local/sample/webhook-events.ts';
import { byHand, deadLetter, sns, stack, TOPIC } from './stack-with-all-targets.ts';

export interface Case {
  readonly role: string;
  readonly action: string;
  /** The setup required before; a new event in the queue by default. */
  readonly given?: () => Promise<unknown>;
  readonly call: () => Promise<unknown>;
  /** The failure's name: the error's name, or the worker's reason for stopping. */
  readonly fails: string;
}

let starts = 0;
export const run = () => ({ runId: 'denied', runStartedAt: '2026-10-05T02:00:00.000Z' });
const inspectQueue =
  (queue = 'webhook-events') =>
  () =>
    stack.invoke('inspect-queue', { ...run(), queue, options: {} });
const drainQueue =
  (difference: { queue?: string; canary?: boolean; options?: object } = {}) =>
  () =>
    stack.invoke('drain-queue', {
      ...run(),
      queue: 'webhook-events',
      round: 1,
      worker: '0',
      share: { rate: 100, inFlight: 5 },
      canary: false,
      options: {},
      deadline: '',
      ...difference,
    });
const call = (name: string, input: object) => () => stack.invoke(name, { ...run(), ...input });
const settleAccount = call('settle-account', {
  queue: 'webhook-events',
  outcome: 'replayed',
  reason: 'a test',
  hiddenBefore: 0,
});
export const ensureSubscription = call('ensure-subscription', { queue: 'webhook-events' });
const rehydrateQueue = (dryRun = false) => call('rehydrate-queue', { rehydration: 'jobs', dryRun });
const startReplay = (difference: object) => () =>
  stack.invoke('start-replay', byHand(`denied-${starts++}`, difference));

const poison = () => deadLetter('no envelope');
const delivered = () => deadLetter(webhookEvent(0, { topicArn: TOPIC, at: new Date(0) }));
/** So many that the canary stops: it goes on after one or two messages that fail. */
const three = (queue: string) => async () => {
  for (const body of ['one job', 'another job', 'a third job']) await deadLetter(body, `${queue}-dlq`);
};
const newJob = () =>
  stack.onSource((client) =>
    client.query(
      "INSERT INTO failed_jobs (queue, payload, error, attempts, created_at) VALUES ('email', '{}', 'denied', 1, now())",
    ),
  );

export async function unsubscribed(): Promise<void> {
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
    { client: sns },
    { TopicArn: TOPIC },
  ))
    for (const { SubscriptionArn } of Subscriptions)
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
}

export const CASES: readonly Case[] = [
  ...[
    'sqs:GetQueueUrl',
    'sqs:GetQueueAttributes',
    'sqs:ListDeadLetterSourceQueues',
    'sqs:ReceiveMessage',
  ].map((action) => ({
    role: 'InspectQueueRole',
    action,
    call: inspectQueue(),
    fails: 'QueueForbidden',
  })),
  {
    role: 'InspectQueueRole',
    action: 'dynamodb:BatchGetItem',
    call: inspectQueue(),
    fails: 'LedgerUnavailable',
  },
  {
    role: 'InspectQueueRole',
    action: 'secretsmanager:GetSecretValue',
    call: inspectQueue(),
    fails: 'SecretUnusable',
  },
  {
    role: 'InspectQueueRole',
    action: 'sqs:ChangeMessageVisibility',
    call: inspectQueue(),
    fails: 'QueueForbidden',
  },
  {
    role: 'InspectQueueRole',
    action: 'sns:GetTopicAttributes',
    call: inspectQueue('to-topic'),
    fails: 'TargetMisconfigured',
  },
  {
    role: 'InspectQueueRole',
    action: 'lambda:InvokeFunction',
    call: inspectQueue('to-function'),
    fails: 'TargetMisconfigured',
  },

  { role: 'DrainQueueRole', action: 'sqs:GetQueueUrl', call: drainQueue(), fails: 'QueueForbidden' },
  { role: 'DrainQueueRole', action: 'sqs:ReceiveMessage', call: drainQueue(), fails: 'QueueForbidden' },
  { role: 'DrainQueueRole', action: 'sqs:DeleteMessage', call: drainQueue(), fails: 'QueueForbidden' },
  {
    role: 'DrainQueueRole',
    action: 'sqs:ChangeMessageVisibility',
    call: drainQueue({ options: { filter: "messageId == 'another'" } }),
    fails: 'QueueForbidden',
  },
  { role: 'DrainQueueRole', action: 'dynamodb:GetItem', call: drainQueue(), fails: 'AccessDeniedException' },
  {
    role: 'DrainQueueRole',
    action: 'dynamodb:UpdateItem',
    call: drainQueue(),
    fails: 'AccessDeniedException',
  },
  {
    role: 'DrainQueueRole',
    action: 'dynamodb:PartiQLInsert',
    call: drainQueue(),
    fails: 'the ledger is unavailable',
  },
  {
    role: 'DrainQueueRole',
    action: 'dynamodb:PartiQLUpdate',
    call: drainQueue(),
    fails: 'the ledger is unavailable',
  },
  {
    role: 'DrainQueueRole',
    action: 'dynamodb:BatchGetItem',
    given: delivered,
    call: drainQueue(),
    fails: 'the ledger is unavailable',
  },
  {
    role: 'DrainQueueRole',
    action: 's3:PutObject',
    given: poison,
    call: drainQueue(),
    fails: 'AccessDenied',
  },
  {
    role: 'DrainQueueRole',
    action: 'secretsmanager:GetSecretValue',
    call: drainQueue(),
    fails: 'SecretUnusable',
  },
  {
    role: 'DrainQueueRole',
    action: 'sqs:SendMessage',
    given: three('to-queue'),
    call: drainQueue({ queue: 'to-queue', canary: true }),
    fails: 'the canary failed',
  },
  {
    role: 'DrainQueueRole',
    action: 'sns:Publish',
    given: three('to-topic'),
    call: drainQueue({ queue: 'to-topic', canary: true }),
    fails: 'the canary failed',
  },
  ...['sqs:GetQueueAttributes', 'sns:GetTopicAttributes'].map((action) => ({
    role: 'DrainQueueRole',
    action,
    call: drainQueue({ queue: 'to-topic' }),
    fails: 'TargetMisconfigured',
  })),
  {
    role: 'DrainQueueRole',
    action: 'lambda:InvokeFunction',
    call: drainQueue({ queue: 'to-function' }),
    fails: 'TargetMisconfigured',
  },

  ...['sqs:GetQueueUrl', 'sqs:GetQueueAttributes'].flatMap((action) => [
    { role: 'SettleAccountRole', action, call: settleAccount, fails: 'QueueForbidden' },
    { role: 'StartReplayRole', action, call: startReplay({ ifNeeded: true }), fails: 'QueueForbidden' },
    { role: 'EnsureSubscriptionRole', action, call: ensureSubscription, fails: 'TargetMisconfigured' },
  ]),
  {
    role: 'StartReplayRole',
    action: 'dynamodb:GetItem',
    call: startReplay({ ifNeeded: true }),
    fails: 'AccessDeniedException',
  },
  ...['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'].map((action) => ({
    role: 'SettleAccountRole',
    action,
    call: settleAccount,
    fails: 'QueueForbidden',
  })),
  {
    role: 'SettleAccountRole',
    action: 'dynamodb:Query',
    call: settleAccount,
    fails: 'AccessDeniedException',
  },

  {
    role: 'EnsureSubscriptionRole',
    action: 'secretsmanager:GetSecretValue',
    call: ensureSubscription,
    fails: 'SecretUnusable',
  },
  {
    role: 'EnsureSubscriptionRole',
    action: 'sns:ListSubscriptionsByTopic',
    call: ensureSubscription,
    fails: 'TopicForbidden',
  },
  {
    role: 'EnsureSubscriptionRole',
    action: 'sns:Subscribe',
    given: unsubscribed,
    call: ensureSubscription,
    fails: 'TopicForbidden',
  },

  {
    role: 'RehydrateQueueRole',
    action: 'dynamodb:PartiQLInsert',
    given: newJob,
    call: rehydrateQueue(),
    fails: 'LedgerUnavailable',
  },
  {
    role: 'RehydrateQueueRole',
    action: 'dynamodb:BatchGetItem',
    call: rehydrateQueue(true),
    fails: 'LedgerUnavailable',
  },
  {
    role: 'RehydrateQueueRole',
    action: 'secretsmanager:GetSecretValue',
    call: rehydrateQueue(),
    fails: 'SecretUnusable',
  },
  {
    role: 'RehydrateQueueRole',
    action: 'sqs:GetQueueUrl',
    call: rehydrateQueue(),
    fails: 'TargetMisconfigured',
  },
  {
    role: 'RehydrateQueueRole',
    action: 'sqs:SendMessage',
    given: newJob,
    call: rehydrateQueue(),
    fails: 'RehydrationIncomplete',
  },
  // Must be last: its rows are sent but not settled, and the next attempt waits until their claims expire.
  {
    role: 'RehydrateQueueRole',
    action: 'dynamodb:PartiQLUpdate',
    given: newJob,
    call: rehydrateQueue(),
    fails: 'LedgerUnavailable',
  },

  {
    role: 'StartReplayRole',
    action: 'states:StartExecution',
    call: startReplay({}),
    fails: 'AccessDeniedException',
  },
  ...['dynamodb:PutItem', 'dynamodb:UpdateItem'].map((action) => ({
    role: 'StartReplayRole',
    action,
    call: startReplay({ options: { dryRun: true } }),
    fails: 'LedgerUnavailable',
  })),
];

/** Permissions whose absence causes no failure, each with its reason. */
export const NOTHING_FAILS: Readonly<Record<string, string>> = {
  'DrainQueueRole s3:PutObjectRetention': 'S3 asks for it where an object is locked; the local S3 does not',
  'EnsureSubscriptionRole sns:GetSubscriptionAttributes': 'it says that it could not compare them',
  'EnsureSubscriptionRole sns:Publish': 'the policy that SNS gives a new topic allows its account to publish',
  'RehydrateQueueRole sqs:GetQueueAttributes':
    'a queue that may not be asked whether it is empty counts as holding what was sent before',
  'RehydrateQueueRole dynamodb:UpdateItem':
    'nobody sees its progress, which is no reason to lose a rehydration',
  'StartReplayRole dynamodb:DeleteItem': 'a start that failed is tried again when its claim has run out',
};
