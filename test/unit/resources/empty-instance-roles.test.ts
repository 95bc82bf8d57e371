import { expect, test } from 'vitest';
import { readLambdas } from '../../../resources/capabilities.ts';
import { functionsIn } from '../../../resources/in-standby.ts';
import { deriveRoles } from '../../../resources/roles.ts';
import { planOf, RESTORE_TEST } from './plan-fixture.ts';
import { allowed, type Role, rolesOf, shortened, statementsOf } from './roles-of.ts';

/** A logical backup that is tested in an RDS instance of its own. */
const OWN = {
  restoreTests: {
    nightly: {
      ...RESTORE_TEST,
      into: {
        scratchInstance: {
          class: 'db.t4g.small',
          subnetGroup: 'private',
          securityGroups: ['sg-0a1b2c3d'],
          standby: { subnetGroup: 'remote', securityGroups: ['sg-0a1b2c3e'] },
          kmsKey: 'alias/scratch',
          expires: '6h',
        },
      },
    },
  },
};
const rds = (resource: string) => `rds:eu-central-1:\${AWS::AccountId}:${resource}`;

test('an empty instance can be created by name and by tag alone, in the groups of the plan', async () => {
  const creating = Object.entries(await rolesOf(OWN)).flatMap(([name, role]) =>
    statementsOf(role)
      .filter(({ Action }) => Action.includes('rds:CreateDBInstance'))
      .map((statement) => ({ name, statement })),
  );
  expect(creating.map(({ name }) => name)).toEqual(['RestoreInstanceRole']);
  const [{ statement } = { statement: undefined }] = creating;
  expect(statement?.Resource.map(shortened)).toEqual([
    rds('db:lifeboat-scratch-*'),
    rds('subgrp:private'),
    rds('pg:default.postgres*'),
    rds('og:default:postgres-*'),
  ]);
  expect(statement?.Condition).toEqual({
    StringEquals: { 'aws:RequestTag/lifeboat:scratch': { Ref: 'AWS::StackName' } },
  });
});

test('in the standby Region it can be created there, and in the groups of that Region', async () => {
  const roles = await deriveRoles(functionsIn('standby', readLambdas(), planOf(OWN)), planOf(OWN), 'standby');
  const creating = Object.values(roles as Record<string, Role>)
    .flatMap(statementsOf)
    .filter(({ Action }) => Action.includes('rds:CreateDBInstance'));
  expect(creating.map(({ Resource }) => Resource.map(shortened))).toEqual([
    ['db:lifeboat-scratch-*', 'subgrp:remote', 'pg:default.postgres*', 'og:default:postgres-*'].map(
      (resource) => `rds:eu-west-1:\${AWS::AccountId}:${resource}`,
    ),
  ]);
});

test('nothing is allowed that only a snapshot or a moment needs', async () => {
  const roles = await rolesOf(OWN);
  const actions = Object.values(roles).flatMap((role) => statementsOf(role).flatMap(({ Action }) => Action));
  expect(actions.filter((action) => /^rds:(?:Restore|Modify|DescribeDBSnapshots)/.test(action))).toEqual([]);
  expect(allowed(roles.ReadInstanceRole).filter((line) => line.includes('rds!db'))).toEqual([]);
});

test('its master password can be read by what loads and validates, and by nothing else', async () => {
  const reading = Object.entries(await rolesOf(OWN)).flatMap(([name, role]) =>
    statementsOf(role)
      .filter(({ Resource }) => Resource.some((each) => shortened(each).includes('rds!db')))
      .filter(({ Action }) => Action.includes('secretsmanager:GetSecretValue'))
      .map(({ Condition }) => ({ name, Condition })),
  );
  expect(reading.map(({ name }) => name).toSorted()).toEqual([
    'CreateScratchRole',
    'LoadScratchRole',
    'ValidateRestoreRole',
  ]);
  for (const { Condition } of reading)
    expect(Condition).toEqual({
      StringLike: {
        'aws:ResourceTag/aws:rds:primaryDBInstanceArn': {
          'Fn::Sub': expect.stringContaining(':db:lifeboat-scratch-*'),
        },
      },
    });
});

test('a plan without such a test allows none of it', async () => {
  const lines = Object.values(await rolesOf({})).flatMap(allowed);
  expect(lines.filter((line) => /CreateDBInstance|rds!db/.test(line))).toEqual([]);
});
