import { describe, expect, test } from 'vitest';
import { DATABASE, ON_RDS } from './plan-fixture.ts';
import { allowed, type Role, rolesOf, shortened, statementsOf } from './roles-of.ts';

/** A restore of a snapshot that stays. */
const STAYS = {
  from: { database: 'main', backup: 'hourly' },
  into: { instance: { securityGroups: ['sg-0a1b2c3d'], expires: '1d' } },
  scenario: 'crash',
  freshness: '5m',
};

describe('scratch instances', () => {
  const scratch = `rds:eu-central-1:\${AWS::AccountId}:db:lifeboat-scratch-*`;
  const touching = (roles: Record<string, Role>) =>
    Object.entries(roles).flatMap(([name, role]) =>
      statementsOf(role)
        .filter(({ Action }) =>
          Action.some((each) => /^rds:(?:Modify|Delete|Reboot|Stop|Restore)DBInstance/.test(each)),
        )
        .map((statement) => ({ name, statement })),
    );

  test('can be changed and deleted by name and by tag alone, and nothing else can', async () => {
    const found = touching(await rolesOf(ON_RDS));
    expect(found.map(({ name }) => name).toSorted()).toEqual([
      'DeleteInstanceRole',
      'RestoreInstanceRole',
      'RestoreInstanceRole',
      'SweepInstancesRole',
    ]);
    for (const { statement } of found) {
      const [instances, ...others] = statement.Resource.map(shortened);
      expect(instances).toBe(scratch);
      const restores = statement.Action.includes('rds:RestoreDBInstanceFromDBSnapshot');
      // Groups and the snapshot are only named; no action of these statements changes them.
      expect(others.filter((each) => each.includes(':db:'))).toEqual([]);
      if (!restores) expect(others).toEqual([]);
      const tag = restores ? 'aws:RequestTag/lifeboat:scratch' : 'aws:ResourceTag/lifeboat:scratch';
      expect(statement.Condition).toEqual({ StringEquals: { [tag]: { Ref: 'AWS::StackName' } } });
    }
  });

  test('are the only ones whose master password can be read', async () => {
    for (const role of ['ReadInstanceRole', 'ValidateInstanceRole']) {
      const statements = statementsOf((await rolesOf(ON_RDS))[role]).filter(({ Resource }) =>
        Resource.some((each) => shortened(each).includes('rds!db')),
      );
      expect(statements).toMatchObject([
        {
          Action: ['secretsmanager:GetSecretValue'],
          Condition: {
            StringLike: {
              'aws:ResourceTag/aws:rds:primaryDBInstanceArn': {
                'Fn::Sub': expect.stringContaining(':db:lifeboat-scratch-*'),
              },
            },
          },
        },
      ]);
    }
  });

  test('can be made of the moments of the instance that the plan names, with the mark of the deployment', async () => {
    const { databases, restoreTests } = ON_RDS;
    const main = {
      ...databases.main,
      backups: { ...DATABASE.backups, any: { pointInTime: {}, schedule: 'rate(1 hour)', retention: '7d' } },
    };
    const from = { database: 'main', backup: 'any', choose: 'newest' };
    const snapshots = { ...restoreTests.snapshots, from };
    const roles = await rolesOf({ databases: { main }, restoreTests: { ...restoreTests, snapshots } });
    const restoring = touching(roles).filter(({ statement }) =>
      statement.Action.includes('rds:RestoreDBInstanceToPointInTime'),
    );
    expect(restoring).toMatchObject([
      {
        name: 'RestoreInstanceRole',
        statement: {
          Condition: { StringEquals: { 'aws:RequestTag/lifeboat:scratch': { Ref: 'AWS::StackName' } } },
        },
      },
    ]);
    const named = restoring.flatMap(({ statement }) => statement.Resource.map(shortened));
    expect(named.filter((each) => each.includes(':db:'))).toEqual([
      scratch,
      scratch.replace('lifeboat-scratch-*', 'orders'),
    ]);
    const looks = 'rds:DescribeDBInstanceAutomatedBackups on *';
    for (const role of ['ChooseRecoveryPointRole', 'RestoreInstanceRole'])
      expect(allowed(roles[role])).toContain(looks);
    // The row of the heartbeat alone says nothing of the one before.
    const noting = allowed(roles.WriteHeartbeatRole).filter((line) => line.includes('dynamodb'));
    expect(noting).toEqual(['dynamodb:PutItem on Journal.Arn']);
    expect(allowed((await rolesOf(ON_RDS)).WriteHeartbeatRole).join()).not.toContain('dynamodb');
  });

  test('of a restore that stays can be changed only while they have the mark, and no role deletes one without the prefix', async () => {
    const { restoreTests, ...plan } = { ...ON_RDS, restores: { instance: STAYS } };
    const found = touching(await rolesOf({ ...plan, restoreTests: { nightly: restoreTests.nightly } }));
    expect(found.map(({ name }) => name).toSorted()).toEqual([
      'DeleteInstanceRole',
      'HandOverInstanceRole',
      'RestoreInstanceRole',
      'RestoreInstanceRole',
      'SweepInstancesRole',
    ]);
    for (const { name, statement } of found) {
      const any = name === 'HandOverInstanceRole';
      expect(statement.Resource.map(shortened)[0]).toBe(
        any ? scratch.replace('lifeboat-scratch-*', '*') : scratch,
      );
      const restores = statement.Action.includes('rds:RestoreDBInstanceFromDBSnapshot');
      const tag = restores ? 'aws:RequestTag/lifeboat:scratch' : 'aws:ResourceTag/lifeboat:scratch';
      expect(statement.Condition).toEqual({ StringEquals: { [tag]: { Ref: 'AWS::StackName' } } });
      if (any)
        expect(statement.Action.toSorted()).toEqual([
          'rds:AddTagsToResource',
          'rds:ModifyDBInstance',
          'rds:RemoveTagsFromResource',
        ]);
    }
  });

  test('get the mark when they are made, and no role gives it to a source or a snapshot', async () => {
    const { databases, restoreTests } = ON_RDS;
    const main = {
      ...databases.main,
      backups: {
        ...databases.main.backups,
        any: { pointInTime: {}, schedule: 'rate(1 hour)', retention: '7d' },
      },
    };
    const moments = { ...STAYS, from: { database: 'main', backup: 'any' } };
    const roles = await rolesOf({ databases: { main }, restoreTests, restores: { moments } });
    const tagging = Object.entries(roles).flatMap(([name, role]) =>
      statementsOf(role)
        .filter(({ Action }) => Action.includes('rds:AddTagsToResource'))
        .flatMap(({ Resource, Condition }) =>
          Resource.map((each) => [name, shortened(each), Condition] as const),
        ),
    );
    const instances = tagging.filter(([, resource]) => resource.includes(':db:'));
    const any = scratch.replace('lifeboat-scratch-*', '*');
    expect(instances.map(([name, resource]) => `${name} ${resource}`).toSorted()).toEqual([
      `HandOverInstanceRole ${any}`,
      `RestoreInstanceRole ${scratch}`,
    ]);
    expect(instances.find(([name]) => name === 'HandOverInstanceRole')?.[2]).toEqual({
      StringEquals: { 'aws:ResourceTag/lifeboat:scratch': { Ref: 'AWS::StackName' } },
    });
    expect(
      tagging.filter(([name, resource]) => name === 'RestoreInstanceRole' && resource !== scratch),
    ).toEqual([]);
  });

  test('are handed over by a role that writes connection details and reads no secret', async () => {
    const roles = await rolesOf({ ...ON_RDS, restores: { instance: STAYS } });
    const lines = allowed(roles.HandOverInstanceRole).filter((line) => line.startsWith('secretsmanager:'));
    expect(lines.map((line) => line.split(' ')[0]).toSorted()).toEqual([
      'secretsmanager:CreateSecret',
      'secretsmanager:DescribeSecret',
      'secretsmanager:TagResource',
    ]);
    expect(
      allowed((await rolesOf(ON_RDS)).HandOverInstanceRole).filter((line) => /^rds:|^secrets/.test(line)),
    ).toEqual([]);
  });

  test('need no permission where the plan restores into none', async () => {
    expect(touching(await rolesOf({}))).toEqual([]);
  });
});
