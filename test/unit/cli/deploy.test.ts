import { describe, expect, test } from 'vitest';
import { deployQuestion, requireSameTypes, StackTypeChanged } from '../../../cli/commands/deploy.ts';
import { type Changes, changesOf, type Resources } from '../../../cli/deploy/changes.ts';
import { stacksOf } from '../../../cli/deploy/stacks.ts';
import { changesInWords } from '../../../cli/render/changes.ts';
import { derive } from '../../../resources/derive.ts';
import { parsePlan } from '../../../shared/plan/load.ts';
import { PLAN } from '../plan/plan-text.ts';
import { planOf } from '../resources/plan-fixture.ts';

const plan = planOf();
const bucket = (settings: object = {}) => ({ Type: 'AWS::S3::Bucket', Properties: settings });
const lambda = (key: string, memory = 512) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Code: { S3Bucket: 'deployments', S3Key: key }, MemorySize: memory },
});
const nothing = { isNew: false, added: [], changed: [], removed: [], retyped: [] };

describe('the stacks of a plan', () => {
  test('are deployed with the standby first: the primary vault is replicated to the other one', () => {
    expect(stacksOf(plan, { stage: 'prod', alone: false })).toEqual([
      { name: 'lifeboat-shop-prod', role: 'standby', region: 'eu-west-1' },
      { name: 'lifeboat-shop-prod', role: 'primary', region: 'eu-central-1' },
    ]);
  });

  test('are one in the primary Region where it stands alone', () => {
    expect(stacksOf(plan, { stage: 'test', alone: true })).toEqual([
      { name: 'lifeboat-shop-test', role: 'alone', region: 'eu-central-1' },
    ]);
  });
});

describe('what changes in a stack', () => {
  test.each<[string, Resources | null, Resources, Partial<Changes>]>([
    [
      'everything, where none is deployed',
      null,
      { Vault: bucket() },
      { isNew: true, added: [{ id: 'Vault', type: 'AWS::S3::Bucket' }] },
    ],
    [
      'what the template has more',
      {},
      { Vault: bucket() },
      { added: [{ id: 'Vault', type: 'AWS::S3::Bucket' }] },
    ],
    ['what it has no more', { Vault: bucket() }, {}, { removed: [{ id: 'Vault', type: 'AWS::S3::Bucket' }] }],
    [
      'what it says otherwise',
      { Vault: bucket({ a: 1 }) },
      { Vault: bucket({ a: 2 }) },
      { changed: [{ id: 'Vault', type: 'AWS::S3::Bucket' }] },
    ],
    [
      'nothing by the order of keys',
      { Vault: bucket({ a: 1, b: 2 }) },
      { Vault: bucket({ b: 2, a: 1 }) },
      {},
    ],
    [
      'nothing by the key of the code, which differs each time',
      { F: lambda('1/f.zip') },
      { F: lambda('2/f.zip') },
      {},
    ],
    [
      'a function, by its settings',
      { F: lambda('1', 512) },
      { F: lambda('2', 1024) },
      { changed: [{ id: 'F', type: 'AWS::Lambda::Function' }] },
    ],
    [
      'nothing that CloudFormation could do, where the type is another',
      { Journal: { Type: 'AWS::DynamoDB::Table' } },
      { Journal: { Type: 'AWS::DynamoDB::GlobalTable' } },
      { retyped: [{ id: 'Journal', type: 'AWS::DynamoDB::GlobalTable', before: 'AWS::DynamoDB::Table' }] },
    ],
  ])('is %s', (_, before, after, expected) => {
    expect(changesOf(before, after)).toEqual({ ...nothing, ...expected });
  });

  test('is said in a phrase', () => {
    const one = [{ id: 'Vault', type: 'AWS::S3::Bucket' }];
    expect(changesInWords({ ...nothing, isNew: true, added: one })).toBe('new, 1 resource');
    expect(changesInWords({ ...nothing, added: one, removed: one })).toBe('1 added, 1 removed');
    expect(changesInWords(nothing)).toBe('only the code of the functions');
  });
});

describe('before a deployment', () => {
  const [standby, primary] = stacksOf(plan, { stage: 'prod', alone: false });
  if (!standby || !primary) throw new Error('a plan has two stacks');

  test('the question says what changes where, in the order of the deployment', () => {
    const changed = [{ id: 'Vault', type: 'AWS::S3::Bucket' }];
    const stacks = [
      { ...standby, changes: nothing },
      { ...primary, changes: { ...nothing, changed } },
    ];
    expect(deployQuestion(stacks)).toBe(
      'Deploy lifeboat-shop-prod to eu-west-1 (standby: only the code of the functions), then to eu-central-1 (primary: 1 changed)',
    );
  });

  test('a table of one Region that would become a global one is refused, and nothing is deployed', () => {
    const changes = changesOf(
      { Journal: { Type: 'AWS::DynamoDB::Table' } },
      { Journal: { Type: 'AWS::DynamoDB::GlobalTable' } },
    );
    const stacks = [
      { ...standby, changes: nothing },
      { ...primary, changes },
    ];
    expect(() => requireSameTypes(stacks)).toThrow(StackTypeChanged);
    expect(() => requireSameTypes(stacks)).toThrow(
      'CloudFormation would refuse to deploy lifeboat-shop-prod in eu-central-1: Journal is AWS::DynamoDB::Table and would be AWS::DynamoDB::GlobalTable',
    );
    expect(() => requireSameTypes([{ ...primary, changes: nothing }])).not.toThrow();
  });

  test('says before that leases end, because the tables refuse writes then', () => {
    const schedules = (text: string) =>
      derive(parsePlan(text, 'shop.yml'), 'primary').schedules as unknown as Resources;
    const leased = PLAN.replace('    heartbeat:\n', '    lease: { tables: [orders] }\n    heartbeat:\n');
    const changes = changesOf(schedules(leased), schedules(PLAN));
    expect(changes.removed).toContainEqual({ id: 'MainLeaseSchedule', type: 'AWS::Scheduler::Schedule' });
    expect(deployQuestion([{ ...primary, changes }])).toMatch(/"lifeboat fence remove" was run before\)$/);
    expect(deployQuestion([{ ...primary, changes: nothing }])).not.toContain('lease');
  });
});
