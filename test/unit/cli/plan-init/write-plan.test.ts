import { describe, expect, test } from 'vitest';
import type { Answers } from '../../../../cli/plan-init/answers.ts';
import { writePlan } from '../../../../cli/plan-init/write-plan.ts';
import { parsePlan } from '../../../../shared/plan/load.ts';

const answers: Answers = {
  workload: 'shop',
  description: 'A shop',
  region: 'eu-central-1',
  standby: 'eu-west-1',
  rpo: '1d',
  rto: '1h',
  databaseSecret: 'shop/database',
  scratchSecret: 'shop/scratch',
  caSecret: 'shop/database-ca',
  backupAt: '23:30',
  email: 'oncall@example.com',
  subnets: [],
  securityGroups: [],
};
const planOf = (difference: Partial<Answers>) =>
  parsePlan(writePlan({ ...answers, ...difference }, '../plan.schema.json'), 'x.yml');

describe('a new plan', () => {
  test('is valid, and tests its backup two hours later, over midnight too', () => {
    const plan = planOf({});
    expect(plan.databases.main?.backups.full?.schedule).toBe('cron(30 23 * * ? *)');
    expect(plan.restoreTests.nightly?.schedule).toBe('cron(30 1 * * ? *)');
  });

  test.each([
    'it\'s "quoted": yes',
    '# not a comment',
    '- a list',
    'null',
    'yes',
    '{ flow }',
    '123',
    '*anchor',
    'Größe 😀',
    'a: b',
  ])('keeps the description %s', (description) => {
    expect(planOf({ description }).description).toBe(description);
  });

  test.each([
    ['webhook:shop/hook', { webhook: { secret: 'shop/hook' } }],
    ['queue:orders', { queue: 'orders' }],
    ['topic:orders', { topic: 'orders' }],
    ['function:orders-worker', { function: { name: 'orders-worker' } }],
  ])('replays to %s', (target, expected) => {
    const plan = planOf({ queue: 'orders-dlq', target });
    expect(plan.replays['orders-dlq']?.target).toMatchObject(expected);
  });

  test.each([
    ['Orders_DLQ.fifo', 'orders-dlq'],
    ['123', 'dead-letters'],
    ['9-lives_DLQ', 'lives-dlq'],
    ['a'.repeat(80), 'a'.repeat(31)],
  ])('names the replay of %s', (queue, name) => {
    expect(Object.keys(planOf({ queue, target: 'queue:x' }).replays)).toEqual([name]);
  });

  test('runs in the network of the database', () => {
    const network = { subnets: ['subnet-12345678'], securityGroups: ['sg-12345678', 'sg-87654321'] };
    expect(planOf(network).databases.main?.postgres.network).toEqual(network);
  });
});
