import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readLambdas, readPermissions } from '../../../resources/capabilities.ts';
import { functionsIn } from '../../../resources/in-standby.ts';
import { DATABASE, planOf, RESTORE_TEST } from './plan-fixture.ts';
import { addedBy, allowed, type Role, rolesOf, shortened, statementsOf } from './roles-of.ts';

const WEBHOOK = { webhook: { secret: 'shop/webhook' } };
const queue = (difference: object) => ({
  deadLetters: 'orders-dlq',
  target: WEBHOOK,
  scenario: 'crash',
  ...difference,
});
const queues = (...all: object[]) => ({
  replays: Object.fromEntries(all.map((each, index) => [`q${index}`, each])),
});

test('every file beside a functions.yml is a Lambda of it or its permissions, and every Lambda has permissions', async () => {
  const lambdas = readLambdas();
  const files = lambdas.map(({ capability, name }) => `functions/${capability}/${name}.ts`);
  const permissions = new Set(lambdas.map(({ capability }) => `functions/${capability}/permissions.ts`));
  expect(globSync('functions/*/*.ts').sort()).toEqual([...files, ...permissions].sort());
  for (const lambda of lambdas) expect(await readPermissions(lambda)).toBeTypeOf('function');
});

describe('a role', () => {
  test('trusts Lambda, writes its own log, and joins the network where its function does', async () => {
    const roles = await rolesOf({});
    for (const { name, role, settings } of functionsIn('alone', readLambdas(), planOf())) {
      expect(roles[role]?.Properties).toMatchObject({
        AssumeRolePolicyDocument: {
          Statement: [{ Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      });
      const log = `logs:log-group:/aws/lambda/\${self:service}-\${sls:stage}-${name}:*`;
      const lines = allowed(roles[role]);
      expect(lines.filter((line) => line.startsWith('logs:'))).toEqual([
        `logs:CreateLogStream on ${log}`,
        `logs:PutLogEvents on ${log}`,
      ]);
      expect(lines.some((line) => line.startsWith('ec2:'))).toBe(settings.vpc === 'plan');
      const [denied, ...others] = statementsOf(roles[role]).filter(({ Effect }) => Effect === 'Deny');
      expect(others).toEqual([]);
      if (settings.vpc !== 'plan') expect(denied).toBeUndefined();
      else {
        // What Lambda may do to the network by this role, the code of the function may not.
        const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:\${self:service}-\${sls:stage}-${name}`;
        expect(denied?.Condition).toEqual({
          ArnEquals: { 'lambda:SourceFunctionArn': [{ 'Fn::Sub': arn }] },
        });
        const network = lines.flatMap((line) => /^(ec2:\w+) /.exec(line)?.[1] ?? []);
        expect(denied?.Action).toEqual(expect.arrayContaining(network));
      }
    }
  });

  test('has no statement without a resource, whatever the plan leaves out', async () => {
    for (const role of Object.values(await rolesOf({})))
      for (const { Resource } of statementsOf(role)) expect(Resource).not.toEqual([]);
  });
});

describe('the secrets', () => {
  const secretsOf = (role: Role | undefined) =>
    allowed(role)
      .filter((line) => line.startsWith('secretsmanager:'))
      .map((line) => line.replace('secretsmanager:GetSecretValue on secretsmanager:secret:', ''));

  test('of source and scratch are apart, and each is named once', async () => {
    const { CopyDatabaseRole, WriteHeartbeatRole, LoadScratchRole } = await rolesOf({
      databases: { main: DATABASE, audit: DATABASE },
    });
    expect(secretsOf(CopyDatabaseRole)).toEqual(['shop/database-??????', 'shop/ca-??????']);
    expect(secretsOf(WriteHeartbeatRole)).toEqual(['shop/database-??????', 'shop/ca-??????']);
    expect(secretsOf(LoadScratchRole)).toEqual(['shop/scratch-??????', 'shop/ca-??????']);
  });

  test.each([
    [
      'databases',
      { databases: { main: { ...DATABASE, postgres: { ...DATABASE.postgres, keys: ['alias/s'] } } } },
      ['CopyDatabaseRole', 'WriteHeartbeatRole'],
    ],
    [
      'scratch servers',
      {
        restoreTests: {
          nightly: {
            ...RESTORE_TEST,
            into: { scratchDatabase: { ...RESTORE_TEST.into.scratchDatabase, keys: ['alias/s'] } },
          },
        },
      },
      ['CreateScratchRole', 'DropScratchRole', 'LoadScratchRole', 'SweepScratchRole', 'ValidateRestoreRole'],
    ],
    [
      'webhooks',
      queues(
        queue({
          target: { webhook: { secret: 'shop/webhook', keys: ['alias/s'] } },
          subscription: { topic: 'orders' },
        }),
      ),
      ['DrainQueueRole', 'EnsureSubscriptionRole', 'InspectQueueRole'],
    ],
    [
      'Redis',
      {
        rehydrations: {
          mails: {
            database: 'main',
            sql: 'SELECT key, body FROM mails',
            into: { redisList: { secret: 'shop/redis', list: 'mails', keys: ['alias/s'] } },
          },
        },
      },
      ['RehydrateQueueRole'],
    ],
  ])(
    'of %s are decrypted with the key that the plan names, through Secrets Manager alone',
    async (_, difference, expected) => {
      const decrypting = Object.entries(await rolesOf(difference)).flatMap(([role, each]) =>
        statementsOf(each)
          .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes('alias/s'))
          .map((statement) => [role, statement] as const),
      );
      expect(decrypting.map(([role]) => role).sort()).toEqual(expected);
      for (const [, statement] of decrypting)
        expect(statement).toMatchObject({
          Effect: 'Allow',
          Action: ['kms:Decrypt'],
          Condition: {
            'ForAnyValue:StringEquals': { 'kms:ResourceAliases': ['alias/s'] },
            StringEquals: {
              'kms:ViaService': { 'Fn::Sub': `secretsmanager.\${AWS::Region}.\${AWS::URLSuffix}` },
            },
          },
        });
    },
  );

  test('never give a restore the right to read the login of the source', async () => {
    const roles = await rolesOf({});
    for (const { capability, role } of readLambdas())
      if (capability === 'restore-test') expect(JSON.stringify(roles[role])).not.toContain('shop/database');
  });
});

describe('what a plan adds to what the functions of a replay may do', () => {
  test('is to read the dead letters, to read the secret of the webhook, and nothing else', async () => {
    expect(await addedBy(queues(queue({})))).toEqual({
      InspectQueueRole: [
        'sqs:GetQueueUrl on sqs:orders-dlq',
        'sqs:GetQueueAttributes on sqs:orders-dlq',
        'sqs:ListDeadLetterSourceQueues on sqs:orders-dlq',
        'sqs:ReceiveMessage on sqs:orders-dlq',
        'sqs:ChangeMessageVisibility on sqs:orders-dlq',
        'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
      ],
      DrainQueueRole: [
        'sqs:GetQueueUrl on sqs:orders-dlq',
        'sqs:ReceiveMessage on sqs:orders-dlq',
        'sqs:ChangeMessageVisibility on sqs:orders-dlq',
        'sqs:DeleteMessage on sqs:orders-dlq',
        'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
      ],
      SettleAccountRole: [
        'sqs:GetQueueUrl on sqs:orders-dlq',
        'sqs:GetQueueAttributes on sqs:orders-dlq',
        'sqs:ReceiveMessage on sqs:orders-dlq',
        'sqs:ChangeMessageVisibility on sqs:orders-dlq',
      ],
      StartReplayRole: ['sqs:GetQueueUrl on sqs:orders-dlq', 'sqs:GetQueueAttributes on sqs:orders-dlq'],
    });
  });

  test('is to use the keys that the plan names, and those alone', async () => {
    const withKeys = queues(
      queue({ keys: ['alias/mail', 'alias/more'] }),
      queue({ deadLetters: 'bills-dlq', keys: ['alias/mail'] }),
    );
    const roles = await rolesOf(withKeys);
    for (const role of ['InspectQueueRole', 'DrainQueueRole', 'SettleAccountRole'])
      expect(
        statementsOf(roles[role]).flatMap(({ Effect, Condition }) =>
          Effect === 'Allow' && Condition ? [Condition] : [],
        ),
      ).toEqual([{ 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': ['alias/mail', 'alias/more'] } }]);
    const ofKeys = (added: Record<string, string[]>, role: string) =>
      (added[role] ?? []).filter((line) => line.startsWith('kms:'));
    const added = await addedBy(withKeys);
    expect(ofKeys(added, 'InspectQueueRole')).toEqual(['kms:Decrypt on kms:key/*']);
    expect(ofKeys(added, 'DrainQueueRole')).toEqual(['kms:Decrypt on kms:key/*']);
    for (const target of [{ queue: 'orders' }, { topic: 'orders' }]) {
      const sending = await addedBy(queues(queue({ keys: ['alias/mail'], target })));
      expect(ofKeys(sending, 'DrainQueueRole')).toEqual([
        'kms:Decrypt on kms:key/*',
        'kms:GenerateDataKey on kms:key/*',
      ]);
      expect(ofKeys(sending, 'InspectQueueRole')).toEqual(['kms:Decrypt on kms:key/*']);
    }
    const withoutKeys = await addedBy(queues(queue({})));
    for (const role of Object.keys(withoutKeys)) expect(ofKeys(withoutKeys, role)).toEqual([]);
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
  ])('is to look for the target %o, and to deliver to it', async (target, look, deliver) => {
    const without = await addedBy(queues(queue({})));
    const added = await addedBy(queues(queue({ target })));
    const more = (role: string) => (added[role] ?? []).filter((line) => !without[role]?.includes(line));
    expect(more('InspectQueueRole')).toEqual(look);
    expect(more('DrainQueueRole').sort()).toEqual([...look, ...deliver].sort());
  });

  test('is to ask the database whether a message was applied, and to trust a private authority of the webhook', async () => {
    const target = { webhook: { secret: 'shop/webhook', certificateAuthority: 'shop/webhook-ca' } };
    const alreadyApplied = { database: 'main', sql: 'SELECT 1 FROM orders WHERE id = $1' };
    const { DrainQueueRole } = await rolesOf({
      ...queues(queue({ target, alreadyApplied })),
      databases: {
        main: DATABASE,
        other: { ...DATABASE, postgres: { ...DATABASE.postgres, secret: 'shop/other' } },
      },
    });
    expect(allowed(DrainQueueRole).filter((line) => line.startsWith('secretsmanager'))).toEqual(
      ['shop/webhook', 'shop/webhook-ca', 'shop/database', 'shop/ca'].map(
        (name) => `secretsmanager:GetSecretValue on secretsmanager:secret:${name}-??????`,
      ),
    );
  });

  test('is to look after the subscription where there is one', async () => {
    const other = queue({ deadLetters: 'other-dlq', target: { webhook: { secret: 'shop/other' } } });
    const added = await addedBy(queues(queue({ subscription: { topic: 'orders' } }), other));
    expect(added.EnsureSubscriptionRole).toEqual([
      'sqs:GetQueueUrl on sqs:orders-dlq',
      'sqs:GetQueueAttributes on sqs:orders-dlq',
      'sns:ListSubscriptionsByTopic on sns:orders',
      'sns:Subscribe on sns:orders',
      'sns:ConfirmSubscription on sns:orders',
      'sns:GetSubscriptionAttributes on *',
      'secretsmanager:GetSecretValue on secretsmanager:secret:shop/webhook-??????',
      'sns:Publish on AlertsTopic',
    ]);
  });

  test('is to read the database and fill the queue or list of a rehydration', async () => {
    const rows = { database: 'main', sql: 'SELECT key, body FROM jobs' };
    const added = await addedBy({
      rehydrations: {
        jobs: { ...rows, into: { queue: 'jobs.fifo' } },
        mails: { ...rows, into: { redisList: { secret: 'shop/redis', list: 'mails' } } },
      },
    });
    expect(added).toEqual({
      RehydrateQueueRole: [
        'secretsmanager:GetSecretValue on secretsmanager:secret:shop/database-??????',
        'secretsmanager:GetSecretValue on secretsmanager:secret:shop/ca-??????',
        'secretsmanager:GetSecretValue on secretsmanager:secret:shop/redis-??????',
        'sqs:GetQueueUrl on sqs:jobs.fifo',
        'sqs:GetQueueAttributes on sqs:jobs.fifo',
        'sqs:SendMessage on sqs:jobs.fifo',
      ],
    });
  });

  test('names a queue that several entries name once', async () => {
    const target = { queue: 'orders' };
    const { DrainQueueRole } = await addedBy(
      queues(queue({ target }), queue({ target, deadLetters: 'other-dlq' })),
    );
    expect(DrainQueueRole?.filter((line) => line.includes('SendMessage'))).toEqual([
      'sqs:SendMessage on sqs:orders',
    ]);
  });
});

describe('the size of a role', () => {
  /** Names as long as AWS allows them are rare; these have 40 characters. */
  const queuesOf = (count: number) =>
    queues(
      ...Array.from({ length: count }, (_, index) => {
        const name = `payments-of-the-shop-in-the-old-town-${String(index).padStart(3, '0')}`;
        return queue({ deadLetters: `${name}-dlq`, target: { queue: name } });
      }),
    );

  test('is refused with its number before IAM refuses it', async () => {
    await expect(rolesOf(queuesOf(60))).rejects.toMatchObject({
      name: 'NotDeployable',
      message: expect.stringMatching(
        /^the role of (?:inspect|drain)-queue would have a policy of \d{5} characters; IAM allows 10240: give some of the queues/,
      ),
    });
  });

  test('is no matter for twenty queues', async () => {
    await expect(rolesOf(queuesOf(20))).resolves.toBeDefined();
  });
});

describe('snapshots of RDS', () => {
  const onRds = (rdsSnapshot: object) => ({
    databases: {
      main: {
        ...DATABASE,
        rds: { instance: 'orders' },
        backups: { ...DATABASE.backups, hourly: { rdsSnapshot, schedule: 'rate(1 hour)', retention: '7d' } },
      },
    },
  });
  const near = (resource: string) => `rds:eu-central-1:\${AWS::AccountId}:${resource}`;
  const far = (resource: string) => `rds:eu-west-1:\${AWS::AccountId}:${resource}`;

  test('may be taken and deleted in the primary Region alone, where none is copied', async () => {
    const added = await addedBy(onRds({}));
    expect(Object.keys(added).toSorted()).toEqual([
      'MeasureRpoRole',
      'ProveSnapshotRole',
      'PruneSnapshotsRole',
      'TakeSnapshotRole',
    ]);
    expect(added.MeasureRpoRole).toEqual([
      `rds:DescribeDBSnapshots on ${near('snapshot:*')}`,
      `rds:DescribeDBSnapshots on ${near('db:orders')}`,
    ]);
    expect(
      Object.values(added)
        .flat()
        .filter((line) => line.includes('eu-west-1')),
    ).toEqual([]);
  });

  test('may be copied under the key that the plan names, and deleted by name and tag alone', async () => {
    const rds = onRds({ copyToStandby: { key: 'alias/copies' } });
    const added = await addedBy(rds);
    expect(added.TakeSnapshotRole).toEqual(
      expect.arrayContaining([
        `rds:CreateDBSnapshot on ${near('db:orders')}`,
        `rds:CopyDBSnapshot on ${far('snapshot:lifeboat-shop-*')}`,
        `kms:CreateGrant on kms:eu-west-1:\${AWS::AccountId}:key/*`,
      ]),
    );
    const statements = statementsOf((await rolesOf(rds)).PruneSnapshotsRole);
    const [deleting, ...others] = statements.filter(({ Action }) =>
      Action.some((each) => /Delete/.test(each)),
    );
    expect(others).toEqual([]);
    expect(deleting).toMatchObject({
      Action: ['rds:DeleteDBSnapshot'],
      Condition: { StringEquals: { 'aws:ResourceTag/lifeboat:deployment': { Ref: 'AWS::StackName' } } },
    });
    expect(deleting?.Resource.map(shortened)).toEqual([
      near('snapshot:lifeboat-shop-*'),
      far('snapshot:lifeboat-shop-*'),
    ]);
    const copying = statementsOf((await rolesOf(rds)).TakeSnapshotRole).filter(({ Action }) =>
      Action.some((each) => /kms:/.test(each)),
    );
    expect(copying.at(-1)).toMatchObject({
      Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': ['alias/copies'] } },
    });
  });
});

describe('snapshots of an Aurora cluster', () => {
  test('may be taken, copied and deleted by name and tag, and nothing of instances', async () => {
    const hourly = {
      rdsSnapshot: { copyToStandby: { key: 'alias/copies' } },
      schedule: 'rate(1 hour)',
      retention: '7d',
    };
    const main = { ...DATABASE, rds: { cluster: 'orders' }, backups: { ...DATABASE.backups, hourly } };
    const added = await addedBy({ databases: { main } });
    const of = (region: string, resource: string) => `rds:${region}:\${AWS::AccountId}:${resource}`;
    const ours = 'cluster-snapshot:lifeboat-shop-*';
    expect(added.TakeSnapshotRole).toEqual(
      expect.arrayContaining([
        `rds:DescribeDBClusters on ${of('eu-central-1', 'cluster:orders')}`,
        `rds:CreateDBClusterSnapshot on ${of('eu-central-1', ours)}`,
        `rds:CopyDBClusterSnapshot on ${of('eu-west-1', ours)}`,
      ]),
    );
    expect(added.PruneSnapshotsRole).toEqual(
      expect.arrayContaining([`rds:DeleteDBClusterSnapshot on ${of('eu-west-1', ours)}`]),
    );
    const actions = Object.values(added)
      .flat()
      .filter((line) => line.startsWith('rds:'));
    expect(actions.filter((line) => !/^rds:\w*Cluster|^rds:AddTags/.test(line))).toEqual([]);
  });
});

describe('what RDS keeps by itself', () => {
  const onRds = (backup: object) => ({
    databases: {
      main: { ...DATABASE, rds: { instance: 'orders' }, backups: { ...DATABASE.backups, backup } },
    },
  });
  const moments = (pointInTime: object) => onRds({ pointInTime, schedule: 'rate(1 hour)', retention: '7d' });
  const arn = (region: string, resource: string) => `rds:${region}:\${AWS::AccountId}:${resource}`;
  const looking = [
    `rds:DescribeDBInstances on ${arn('eu-central-1', 'db:orders')}`,
    'rds:DescribeDBInstanceAutomatedBackups on *',
  ];

  test('is looked at, and nothing else is allowed where nothing is replicated', async () => {
    expect(await addedBy(moments({}))).toEqual({
      KeepPointInTimeRole: looking,
      MeasureRpoRole: looking,
      WriteHeartbeatRole: ['dynamodb:PutItem on Journal.Arn'],
    });
  });

  test('may be replicated under the key that the plan names, and no role may stop that', async () => {
    const plan = moments({ copyToStandby: { key: 'alias/copies' } });
    const { KeepPointInTimeRole, MeasureRpoRole } = await addedBy(plan);
    expect(MeasureRpoRole).toEqual(looking);
    expect(KeepPointInTimeRole).toEqual(
      expect.arrayContaining([
        `rds:StartDBInstanceAutomatedBackupsReplication on ${arn('eu-central-1', 'db:orders')}`,
        `rds:StartDBInstanceAutomatedBackupsReplication on ${arn('eu-west-1', 'auto-backup:*')}`,
        `kms:CreateGrant on kms:eu-west-1:\${AWS::AccountId}:key/*`,
      ]),
    );
    const actions = Object.values(await rolesOf(plan)).flatMap((role) =>
      statementsOf(role).flatMap(({ Action }) => Action),
    );
    expect(actions.filter((action) => /^rds:(?:Stop|Delete|Modify)/.test(action))).toEqual([]);
  });

  test('of snapshots that another takes, only their age is read', async () => {
    const others = { rdsSnapshot: {}, takenBy: 'AWS Backup', schedule: 'rate(1 hour)', retention: '7d' };
    const added = await addedBy(onRds(others));
    expect(added.MeasureRpoRole).toEqual(
      ['snapshot:*', 'db:orders'].map(
        (resource) => `rds:DescribeDBSnapshots on ${arn('eu-central-1', resource)}`,
      ),
    );
    const actions = Object.values(added).flat();
    expect(actions.filter((line) => !line.startsWith('rds:DescribeDBSnapshots '))).toEqual([]);
  });
});
