import type pg from 'pg';
import type { Check } from '../plan/sections/restore-tests.ts';
import type { CheckResult } from './verdict.ts';

/** A question to the copy that takes longer is not answered: a wrong join must not hold up a restore test. */
const TIMEOUT = '60s';

/**
 * Asks the restored copy one of the plan's questions, in a transaction that can only read. A query that fails makes a
 * check that did not run, because the mistake may as well be the plan's.
 */
export async function runPlanCheck(client: pg.Client, check: Check): Promise<CheckResult> {
  const base = { kind: 'plan', name: check.name, expected: describeExpectation(check.expect) } as const;
  await client.query(
    `BEGIN READ ONLY; SET LOCAL statement_timeout = '${TIMEOUT}'; SET LOCAL search_path = public`,
  );
  try {
    // By the extended protocol, which takes one statement: a second one could end the transaction and with it the limits.
    const query = { text: check.sql, rowMode: 'array', queryMode: 'extended' } as const;
    const answer = await client.query<unknown[]>(query);
    return { ...base, ...judge(check.expect, answer.rows) };
  } catch (error) {
    return { ...base, outcome: 'not-run', found: error instanceof Error ? error.message : String(error) };
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Holds an answer against what the plan expects. */
export function judge(
  expect: Check['expect'],
  rows: readonly unknown[][],
): Pick<CheckResult, 'outcome' | 'found'> {
  if ('noRows' in expect)
    return { outcome: rows.length === 0 ? 'passed' : 'failed', found: `${rows.length} rows` };
  if (rows.length !== 1) return { outcome: 'failed', found: `${rows.length} rows` };
  const value = rows[0]?.[0] ?? null;
  const found = asText(value);
  if ('equals' in expect) return { outcome: equal(expect.equals, value) ? 'passed' : 'failed', found };
  const number = asNumber(value);
  const holds = 'atLeast' in expect ? number >= expect.atLeast : number <= expect.atMost;
  return { outcome: holds ? 'passed' : 'failed', found };
}

function equal(expected: string | number | boolean | null, value: unknown): boolean {
  if (typeof expected === 'number') return asNumber(value) === expected;
  return expected === null || value === null ? value === expected : asText(value) === String(expected);
}

const NUMERIC = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/**
 * bigint and numeric arrive as text, to lose no digit; they are numbers nevertheless. Nothing else is: an empty text
 * or a boolean must not pass for the 0 or 1 that JavaScript makes of it.
 */
function asNumber(value: unknown): number {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value));
  return isNumber ? Number(value) : Number.NaN;
}

function asText(value: unknown): string {
  if (value === null) return 'null';
  return value instanceof Date
    ? value.toISOString()
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value);
}

function describeExpectation(expect: Check['expect']): string {
  if ('noRows' in expect) return 'no rows';
  if ('equals' in expect) return String(expect.equals);
  return 'atLeast' in expect ? `at least ${expect.atLeast}` : `at most ${expect.atMost}`;
}
