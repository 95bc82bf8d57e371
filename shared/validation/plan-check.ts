import type { RestoredCopy } from '../database/engine.ts';
import type { Check } from '../plan/sections/restore-tests.ts';
import { notOfThePart } from './list-left-out.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Asks the copy one of the plan's questions. A query that the database refuses makes a check that did not run, because the
 * mistake may be the plan's. In a copy of some tables only, one that names something else is left out.
 */
export async function runPlanCheck(
  copy: Pick<RestoredCopy, 'ask'>,
  check: Check,
  { whole } = { whole: true },
): Promise<CheckResult> {
  const base = { kind: 'plan', name: check.name, expected: describeExpectation(check.expect) } as const;
  const answer = await copy.ask(check.sql);
  if ('refused' in answer && answer.absent && !whole) return notOfThePart(check.name);
  return 'refused' in answer
    ? { ...base, outcome: 'not-run', found: answer.refused }
    : { ...base, ...judge(check.expect, answer.rows) };
}

/** Compares an answer with what the plan expects. */
export function judge(
  expect: Check['expect'],
  rows: readonly (readonly unknown[])[],
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
 * bigint and numeric arrive as text, so that no digit is lost, and count as numbers. Nothing else does: JavaScript would
 * turn an empty text or a boolean into 0 or 1.
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
