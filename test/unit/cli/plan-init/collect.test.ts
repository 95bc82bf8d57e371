import { describe, expect, test } from 'vitest';
import { collectAnswers } from '../../../../cli/plan-init/collect.ts';

const needed = { workload: 'shop', region: 'eu-central-1', email: 'oncall@example.com' };

function collect(given: Record<string, string>, answers?: string[]) {
  const asked: string[] = [];
  const refused: string[] = [];
  const left = [...(answers ?? [])];
  const ask =
    answers &&
    (async (words: string, ordinary: string | undefined) => {
      asked.push(`${words}${ordinary === undefined ? '' : ` [${ordinary}]`}`);
      const next = left.shift();
      if (next === undefined) throw new Error(`no answer is left for: ${words}`);
      return next;
    });
  const collected = collectAnswers(given, {
    ask: ask ?? null,
    refused: (sentence) => refused.push(sentence),
    environment: {},
  });
  return { collected, asked, refused };
}

describe('the answers for a new plan', () => {
  test('are ordinary where no option says more', async () => {
    expect(await collect(needed).collected).toEqual({
      ...needed,
      description: 'The database of shop',
      standby: 'eu-west-1',
      rpo: '1d',
      rto: '1h',
      databaseSecret: 'shop/database',
      scratchSecret: 'shop/scratch',
      caSecret: 'shop/database-ca',
      backupAt: '02:00',
      subnets: [],
      securityGroups: [],
      queue: '',
    });
  });

  test('without a terminal name every option that is needed, and none that follows from them', async () => {
    await expect(collect({}).collected).rejects.toThrow(
      /^a new plan needs --workload \(.*\), --region \(.*\), --email \([^)]*\)$/,
    );
  });

  test('of a Region without an ordinary partner need the standby', async () => {
    await expect(collect({ ...needed, region: 'mx-central-1' }).collected).rejects.toThrow(
      /^a new plan needs --standby \(/,
    );
  });

  test.each([
    ['workload', 'Shop', '--workload: expected a name of at most 31'],
    ['databaseSecret', 'arn:aws:x', '--database-secret: expected the name of a Secrets Manager secret'],
    ['subnets', 'subnet-1,', '--subnets: expected ids of subnets'],
    ['backupAt', '24:00', '--backup-at: expected a time of day'],
    ['rpo', '15 minutes', '--rpo: expected a duration'],
    ['email', 'me', '--email: expected an e-mail address'],
  ])('refuse a wrong --%s', async (name, written, message) => {
    await expect(collect({ ...needed, [name]: written }).collected).rejects.toThrow(message);
  });

  test.each([
    ['mail:x', 'webhook:<secret>, queue:<name>'],
    ['webhook', 'Secrets Manager secret'],
    ['toString:x', 'webhook:<secret>'],
    ['queue:arn:aws:sqs:x', 'SQS queue'],
    ['function:a b', 'Lambda function'],
  ])('refuse the target %s', async (target, message) => {
    await expect(collect({ ...needed, queue: 'dlq', target }).collected).rejects.toThrow(message);
  });

  test('refuse a target without a queue, and security groups without subnets', async () => {
    await expect(collect({ ...needed, target: 'queue:x' }).collected).rejects.toThrow('there is no --queue');
    await expect(collect({ ...needed, securityGroups: 'sg-12345678' }).collected).rejects.toThrow(
      'there are no --subnets',
    );
  });

  test('are asked for at a terminal, with the ordinary one in brackets', async () => {
    const { collected, asked } = collect({ ...needed, region: 'us-east-1' }, Array(10).fill(''));
    await collected;
    expect(asked.slice(0, 3)).toEqual([
      'what it is, in a sentence [The database of shop]',
      'another Region, for the day when that one is lost [us-west-2]',
      'how much of the newest data may be lost (RPO) [1d]',
    ]);
  });

  test('are asked for again where they are wrong, with what was expected', async () => {
    const { collected, refused } = collect({ ...needed, queue: 'dlq', subnets: 'subnet-12345678' }, [
      ...Array(7).fill(''),
      'sg',
      'sg-12345678',
      '',
      'x',
      'function:worker',
    ]);
    expect(await collected).toMatchObject({ target: 'function:worker', securityGroups: ['sg-12345678'] });
    expect(refused).toEqual([
      expect.stringMatching(/^expected ids of security groups/),
      expect.stringMatching(/^expected webhook:/),
    ]);
  });
});
