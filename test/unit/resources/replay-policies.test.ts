import { describe, expect, test } from 'vitest';
import { deriveReplayPolicies } from '../../../resources/replay-policies.ts';
import { DATABASE, planOf } from './plan-fixture.ts';

interface Policy {
  Type: string;
  Properties: {
    Roles: unknown[];
    PolicyDocument: {
      Statement: { Action: string | string[]; Resource: (object | '*')[]; Condition?: object }[];
    };
  };
}
const policiesOf = (difference: object) => deriveReplayPolicies(planOf(difference)) as Record<string, Policy>;

/** What a policy allows: `action on resource`, without what every ARN begins with. */
function allowed(policy: Policy | undefined): string[] {
  return (policy?.Properties.PolicyDocument.Statement ?? []).flatMap(({ Action, Resource }) =>
    Resource.flatMap((resource) =>
      [Action].flat().map((action) => {
        if (resource === '*') return `${action} on *`;
        const [arn] = Object.values(resource) as [string];
        const start = `arn:\${AWS::Partition}:`;
        expect(arn.startsWith(start)).toBe(true);
        return `${action} on ${arn.slice(start.length).replace(`\${AWS::Region}:\${AWS::AccountId}:`, '')}`;
      }),
    ),
  );
}

const WEBHOOK = { webhook: { secret: 'shop/webhook' } };
const queue = (difference: object) => ({
  deadLetters: 'orders-dlq',
  target: WEBHOOK,
  scenario: 'crash',
  ...difference,
});
const queues = (...all: object[]) => ({
  queues: Object.fromEntries(all.map((each, index) => [`q${index}`, each])),
});

describe('what the functions of a replay may do', () => {
  test('is nothing, and no policy at all, where the plan has no queue and no rehydration', () => {
    expect(policiesOf({})).toEqual({});
  });

  test('is to read the dead letters, to read the secret of the webhook, and nothing else', () => {
    const policies = policiesOf(queues(queue({})));
    expect(Object.keys(policies)).toEqual([
      'InspectQueuePlanPolicy',
      'DrainQueuePlanPolicy',
      'SettleAccountPlanPolicy',
      'StartReplayPlanPolicy',
    ]);
    expect(policies.InspectQueuePlanPolicy?.Properties.Roles).toEqual([{ Ref: 'InspectQueueRole' }]);
    expect(allowed(policies.InspectQueuePlanPolicy)).toEqual([
      'sqs:GetQueueUrl on sqs:orders-dlq',
      'sqs:GetQueueAttributes on sqs:orders-dlq',
      'sqs:ReceiveMessage on sqs:orders-dlq',
      'sqs:ChangeMessageVisibility on sqs:orders-dlq',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
    ]);
    expect(allowed(policies.DrainQueuePlanPolicy)).toEqual([
      'sqs:GetQueueUrl on sqs:orders-dlq',
      'sqs:ReceiveMessage on sqs:orders-dlq',
      'sqs:ChangeMessageVisibility on sqs:orders-dlq',
      'sqs:DeleteMessage on sqs:orders-dlq',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
    ]);
  });

  test('is to use the keys that the plan names, and those alone', () => {
    const withKeys = queues(
      queue({ keys: ['alias/mail', 'alias/more'] }),
      queue({ deadLetters: 'bills-dlq', keys: ['alias/mail'] }),
    );
    const policies = policiesOf(withKeys);
    const conditions = (policy: string) =>
      policies[policy]?.Properties.PolicyDocument.Statement.flatMap(({ Condition }) => Condition ?? []);
    for (const policy of ['InspectQueuePlanPolicy', 'DrainQueuePlanPolicy'])
      expect(conditions(policy)).toEqual([
        { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': ['alias/mail', 'alias/more'] } },
      ]);
    const ofKeys = (policy: string) => allowed(policies[policy]).filter((line) => line.startsWith('kms:'));
    expect(ofKeys('InspectQueuePlanPolicy')).toEqual(['kms:Decrypt on kms:key/*']);
    expect(ofKeys('DrainQueuePlanPolicy')).toEqual([
      'kms:Decrypt on kms:key/*',
      'kms:GenerateDataKey on kms:key/*',
    ]);
    for (const policy of Object.values(policiesOf(queues(queue({})))))
      expect(allowed(policy).filter((line) => line.startsWith('kms:'))).toEqual([]);
  });

  test.each([
    [{ queue: 'orders' }, ['sqs:GetQueueUrl on sqs:orders'], ['sqs:SendMessage on sqs:orders']],
    [
      { topic: 'orders' },
      ['sns:GetTopicAttributes on sns:orders'],
      ['sns:Publish on sns:orders', 'sqs:GetQueueAttributes on sqs:orders-dlq'],
    ],
    [
      { function: { name: 'take-order' } },
      ['lambda:InvokeFunction on lambda:function:take-order'],
      ['sqs:GetQueueAttributes on sqs:orders-dlq'],
    ],
  ])('is to look for the target %o, and to deliver to it', (target, look, deliver) => {
    const without = policiesOf(queues(queue({})));
    const policies = policiesOf(queues(queue({ target })));
    const more = (policy: string) => {
      const before = allowed(without[policy]);
      return allowed(policies[policy]).filter((line) => !before.includes(line));
    };
    expect(more('InspectQueuePlanPolicy')).toEqual(look);
    expect(more('DrainQueuePlanPolicy').sort()).toEqual([...look, ...deliver].sort());
  });

  test('is to ask the database of the probe, and to trust a private authority of the webhook', () => {
    const target = { webhook: { secret: 'shop/webhook', certificateAuthority: 'shop/webhook-ca' } };
    const probe = { database: 'main', sql: 'SELECT 1 FROM orders WHERE id = $1' };
    const { DrainQueuePlanPolicy } = policiesOf({
      ...queues(queue({ target, probe })),
      databases: { main: DATABASE, other: { ...DATABASE, secret: 'shop/other' } },
    });
    expect(allowed(DrainQueuePlanPolicy).filter((line) => line.startsWith('secretsmanager'))).toEqual(
      ['shop/webhook', 'shop/webhook-ca', 'shop/database', 'shop/ca'].map(
        (name) => `secretsmanager:GetSecretValue on secretsmanager:secret:${name}-??????`,
      ),
    );
  });

  test('is to look after the subscription where there is one', () => {
    const other = queue({ deadLetters: 'other-dlq', target: { webhook: { secret: 'shop/other' } } });
    const { EnsureSubscriptionPlanPolicy } = policiesOf(
      queues(queue({ subscription: { topic: 'orders' } }), other),
    );
    expect(allowed(EnsureSubscriptionPlanPolicy)).toEqual([
      'sqs:GetQueueUrl on sqs:orders-dlq',
      'sqs:GetQueueAttributes on sqs:orders-dlq',
      'sns:ListSubscriptionsByTopic on sns:orders',
      'sns:Subscribe on sns:orders',
      'sns:ConfirmSubscription on sns:orders',
      'sns:GetSubscriptionAttributes on *',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
    ]);
  });

  test('is to read the database and fill the queue or list of a rehydration', () => {
    const rows = { database: 'main', sql: 'SELECT key, body FROM jobs' };
    const { RehydrateQueuePlanPolicy } = policiesOf({
      rehydrations: {
        jobs: { ...rows, into: { queue: 'jobs.fifo' } },
        mails: { ...rows, into: { redisList: { secret: 'shop/redis', list: 'mails' } } },
      },
    });
    expect(allowed(RehydrateQueuePlanPolicy)).toEqual([
      'sqs:GetQueueUrl on sqs:jobs.fifo',
      'sqs:SendMessage on sqs:jobs.fifo',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/database-??????',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/ca-??????',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/redis-??????',
    ]);
  });

  test('names a queue that several entries name once', () => {
    const target = { queue: 'orders' };
    const policies = policiesOf(queues(queue({ target }), queue({ target, deadLetters: 'other-dlq' })));
    const sends = allowed(policies.DrainQueuePlanPolicy).filter((line) => line.includes('SendMessage'));
    expect(sends).toEqual(['sqs:SendMessage on sqs:orders']);
  });
});
