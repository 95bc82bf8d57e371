import { expect, test } from 'vitest';
import { comparisons } from '../../shared/database/postgres/inspect-copy.ts';
import { runPlanCheck } from '../../shared/validation/plan-check.ts';
import { accessOf, never, newDatabase, run } from './support/servers.ts';

const expectOne = { equals: 1 };

test.each([
  ['fails', 'SELECT lost FROM kept', /column "lost" does not exist/],
  [
    'writes',
    'WITH gone AS (DELETE FROM kept RETURNING 1) SELECT count(*) FROM gone',
    /read-only transaction/,
  ],
  ['is two', 'SELECT 1; SELECT 2', /multiple commands/],
  ['leaves the transaction', 'COMMIT; DROP TABLE public.kept', /multiple commands/],
])('a question that %s is not answered, says why, and changes nothing', async (_, sql, found) => {
  const database = await newDatabase();
  await run(database, 'CREATE TABLE kept (id int)', 'INSERT INTO kept VALUES (1)');
  await comparisons.inspect(accessOf(database), { connections: 1, signal: never }, async (copy) => {
    expect(await runPlanCheck(copy, { name: 'a question', sql, expect: expectOne })).toMatchObject({
      outcome: 'not-run',
      found: expect.stringMatching(found),
    });
    expect(
      await runPlanCheck(copy, {
        name: 'the next one',
        sql: 'SELECT count(*) FROM kept',
        expect: expectOne,
      }),
    ).toMatchObject({ outcome: 'passed', found: '1' });
  });
});
