import { describe, expect, test } from 'vitest';
import type { Expectation } from '../../../shared/plan/sections/restore-tests.ts';
import { judge } from '../../../shared/validation/plan-check.ts';

const one = (value: unknown): unknown[][] => [[value]];

describe('an answer', () => {
  // What pg hands over: int4 as a number; bigint, numeric and text as text; timestamps as Date; json as objects.
  test.each<[Expectation, unknown[][]]>([
    [{ equals: 42 }, one(42)],
    [{ equals: 42 }, one('42')],
    [{ equals: 42 }, one('42.0')],
    [{ equals: -1.5 }, one('-1.50')],
    [{ equals: 0 }, one(0)],
    [{ equals: 0 }, one('0')],
    [{ equals: 'active' }, one('active')],
    [{ equals: '9223372036854775807' }, one('9223372036854775807')],
    [{ equals: '42' }, one(42)],
    [{ equals: '' }, one('')],
    [{ equals: true }, one(true)],
    [{ equals: false }, one(false)],
    [{ equals: null }, one(null)],
    [{ equals: '2026-10-05T02:00:00.000Z' }, one(new Date('2026-10-05T02:00:00Z'))],
    [{ equals: '{"a":1}' }, one({ a: 1 })],
    [{ equals: 1 }, [[1, 'a second column is for people']]],
    [{ atLeast: 1 }, one('1')],
    [{ atLeast: 1 }, one(2)],
    [{ atLeast: 0 }, one('0')],
    [{ atLeast: -3 }, one('-2.9')],
    [{ atLeast: 1 }, one('99999999999999999999')],
    [{ atMost: 0 }, one(0)],
    [{ atMost: 0.5 }, one('0.25')],
    [{ atMost: 10 }, one('1e1')],
    [{ noRows: true }, []],
  ])('to %j passes with %j', (expectation, rows) => {
    expect(judge(expectation, rows).outcome).toBe('passed');
  });

  test.each<[Expectation, unknown[][], string]>([
    [{ equals: 42 }, one(41), '41'],
    [{ equals: 42 }, one('42.1'), '42.1'],
    [{ equals: 42 }, one(null), 'null'],
    [{ equals: 0 }, one(null), 'null'],
    [{ equals: 0 }, one(''), ''],
    [{ equals: 0 }, one(' '), ' '],
    [{ equals: 0 }, one(false), 'false'],
    [{ equals: 1 }, one(true), 'true'],
    [{ equals: 5 }, one([5]), '[5]'],
    [{ equals: 16 }, one('0x10'), '0x10'],
    [{ equals: 42 }, [], '0 rows'],
    [{ equals: 42 }, [[42], [42]], '2 rows'],
    [{ equals: 'active' }, one('Active'), 'Active'],
    [{ equals: 'null' }, one(null), 'null'],
    [{ equals: '' }, one(null), 'null'],
    [{ equals: null }, one(''), ''],
    [{ equals: null }, one('null'), 'null'],
    [{ equals: null }, [], '0 rows'],
    [{ equals: true }, one(false), 'false'],
    [{ equals: true }, one(1), '1'],
    [{ atLeast: 1 }, one(0), '0'],
    [{ atLeast: 1 }, one('0.999'), '0.999'],
    [{ atLeast: 0 }, one(null), 'null'],
    [{ atLeast: 0 }, one(''), ''],
    [{ atLeast: 0 }, one(' '), ' '],
    [{ atLeast: 0 }, one('NaN'), 'NaN'],
    [{ atLeast: 0 }, one(false), 'false'],
    [{ atLeast: 0 }, one([]), '[]'],
    [{ atLeast: 0 }, one('many'), 'many'],
    [{ atLeast: 0 }, [], '0 rows'],
    [{ atLeast: 0 }, [[1], [2]], '2 rows'],
    [{ atMost: 10 }, one(11), '11'],
    [{ atMost: 10 }, one(null), 'null'],
    [{ atMost: 10 }, one(''), ''],
    [{ atMost: 10 }, one('NaN'), 'NaN'],
    [{ atMost: 1 }, one(true), 'true'],
    [{ atMost: 10 }, [], '0 rows'],
    [{ noRows: true }, one(null), '1 rows'],
  ])('to %j fails with %j', (expectation, rows, found) => {
    expect(judge(expectation, rows)).toEqual({ outcome: 'failed', found });
  });
});
