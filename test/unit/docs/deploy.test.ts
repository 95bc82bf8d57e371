import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { writePlan } from '../../../cli/plan-init/write-plan.ts';
import { createProgram } from '../../../cli/program.ts';
import { readLambdas, readPermissions } from '../../../resources/capabilities.ts';
import { requireShortNames } from '../../../resources/name-limits.ts';
import { deriveTrail } from '../../../resources/trail.ts';
import { parsePlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import type { StackRole } from '../../../shared/plan/stack-role.ts';
import { DAY, milliseconds } from '../../../shared/plan/values/duration.ts';
import { problemOf } from './problem-of.ts';

const guide = readFileSync('docs/deploy.md', 'utf8');
const section = (title: string) => guide.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
const firstCells = (text: string) => [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);

/** Every service that something needs, of a plan with each kind of target. */
function planWith(target: string): Plan {
  const text = writePlan(
    {
      workload: 'shop',
      description: 'A shop',
      region: 'eu-central-1',
      standby: 'eu-west-1',
      rpo: '1d',
      rto: '1h',
      databaseSecret: 'shop/database',
      scratchSecret: 'shop/scratch',
      caSecret: 'shop/database-ca',
      backupAt: '02:00',
      email: 'oncall@example.com',
      subnets: ['subnet-12345678'],
      securityGroups: ['sg-12345678'],
      queue: 'orders-dlq',
      target,
    },
    'plan.schema.json',
  );
  return parsePlan(text, 'x.yml');
}

test('names an endpoint for each service that functions in the network call, and no other', async () => {
  const called = new Set<string>();
  const stacks: [Plan, StackRole][] = [
    ...['webhook:shop/hook', 'queue:orders', 'topic:orders', 'function:worker'].map(
      (target): [Plan, StackRole] => [planWith(target), 'alone'],
    ),
    // The plan with a read replica.
    [parsePlan(readFileSync('plans/healing-guard.yml', 'utf8'), 'healing-guard.yml'), 'standby'],
  ];
  for (const [plan, role] of stacks)
    for (const lambda of readLambdas().filter(({ settings }) => settings.vpc === 'plan')) {
      const permissions = await readPermissions(lambda);
      for (const { Action, Resource } of permissions(plan, role))
        if (Resource.length > 0) for (const action of Action) called.add(action.split(':')[0] ?? '');
    }
  called.delete('kms'); // asked by S3 and Secrets Manager, not by the function
  // https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
  if (called.delete('cloudwatch')) called.add('monitoring');
  const endpoints = firstCells(section('4. The network')).map((name) => name.split('.').at(-1));
  expect(endpoints.toSorted()).toEqual([...called].sort());
});

const SERVICES: Readonly<Record<string, string>> = {
  CloudFormation: 'cloudformation',
  CloudTrail: 'cloudtrail',
  CloudWatch: 'cloudwatch',
  DynamoDB: 'dynamodb',
  IAM: 'iam',
  KMS: 'kms',
  Lambda: 'lambda',
  Logs: 'logs',
  S3: 's3',
  SNS: 'sns',
  SQS: 'sqs',
  Scheduler: 'scheduler',
  StepFunctions: 'states',
};

test('names each service of which the template makes something', () => {
  const types = globSync('resources/*.{ts,yml}').flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\bType: '?AWS::(\w+)::/g)].map(([, type = '']) => type),
  );
  expect(types.length).toBeGreaterThan(5);
  const named = firstCells(section('Who deploys'));
  for (const type of new Set(types)) expect(named).toContain(SERVICES[type] ?? type);
});

test('lists what stays behind, and nothing else', () => {
  const kept = globSync('resources/*.yml').flatMap((file) =>
    readFileSync(file, 'utf8')
      .split(/^ {2}(?=\w)/m)
      .flatMap((resource) =>
        /^ {4}DeletionPolicy: Retain/m.test(resource) ? (resource.split(':')[0] ?? []) : [],
      ),
  );
  const trail: Plan['vault']['trail'] = { of: 'changes', retention: milliseconds(DAY) };
  const withTrail = deriveTrail({
    ...planWith('queue:orders'),
    vault: { ...planWith('queue:orders').vault, trail },
  });
  for (const [id, resource] of Object.entries(withTrail)) if ('DeletionPolicy' in resource) kept.push(id);
  expect(kept.length).toBeGreaterThan(2);
  expect(firstCells(section('Uninstall')).toSorted()).toEqual(kept.toSorted());
});

test('names no command that the command line does not have', () => {
  const commands = [...guide.matchAll(/^node cli\/lifeboat\.js (.*?)(?:\s+#.*)?$/gm)].map(
    ([, line = '']) => line,
  );
  expect(commands.length).toBeGreaterThan(3);
  for (const line of commands) expect(problemOf(createProgram({ json: false }), line.split(' '))).toBeNull();
});

test('the longest names that it promises are deployable, and one letter more is not', () => {
  const most = Number(/workload and stage together at most (\d+)/.exec(guide)?.[1]);
  const named = (length: number) => ({ ...planWith('webhook:shop/hook'), workload: 'w'.repeat(length) });
  expect(() => requireShortNames(named(most - 'prod'.length), 'prod')).not.toThrow();
  expect(() => requireShortNames(named(most + 1 - 'prod'.length), 'prod')).toThrow('AWS allows 64');
});
