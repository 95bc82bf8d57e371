import { expect, test } from 'vitest';
import { lagOrProblem } from '../../../cli/aws/replication.ts';
import { replicationRow } from '../../../cli/render/replication.ts';
import { memoryVault } from '../vault/memory-vault.ts';

const of = { database: 'main', backup: 'full' };
const whole = { id: '20261005T020000Z-1f2e3d4c-a1b2c3d4', ageSeconds: 3600 };
const waiting = {
  id: '20261005T110000Z-1f2e3d4c-a1b2c3d4',
  ageSeconds: 60,
  pending: 0,
  failed: 0,
  notAskedFor: 0,
};

test.each([
  [{ replicated: whole, waiting: null }, [whole.id, '1h', 'nothing']],
  [
    { replicated: null, waiting: { ...waiting, pending: 3 } },
    ['none', '', `${waiting.id}, 1m old: 3 pending`],
  ],
  [
    { replicated: whole, waiting: { ...waiting, pending: 1, failed: 2, notAskedFor: 4 } },
    [whole.id, '1h', `${waiting.id}, 1m old: 1 pending, 2 FAILED, 4 older than the replication`],
  ],
])('of %j the status says what is there and what is not', (lag, shown) => {
  expect(replicationRow({ ...of, ...lag })).toEqual(['main', 'full', ...shown]);
});

test('a backup that cannot be looked at is said to be so, and hides no other', async () => {
  const vault = memoryVault();
  await vault.put(`manifests/main/full/${whole.id}.json`, '{}', {
    contentType: 'application/json',
    lockedUntil: new Date(),
  });
  const seen = await lagOrProblem(of, { vault, replicationOf: async () => 'replicated' }, new Date());
  expect(seen).toMatchObject({ ...of, problem: expect.stringContaining(whole.id) });
  expect(replicationRow(seen)).toEqual([
    'main',
    'full',
    'not known',
    '',
    expect.stringContaining('manifest'),
  ]);
});
