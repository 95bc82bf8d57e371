import { describe, expect, test } from 'vitest';
import { type CheckResult, decideVerdict } from '../../../shared/validation/verdict.ts';

const check = (
  kind: CheckResult['kind'],
  outcome: CheckResult['outcome'],
  name: string = kind,
): CheckResult => ({
  kind,
  name,
  outcome,
  expected: 'this',
  found: 'that',
});

/** What every validation looks at. */
const passed = [
  check('schema', 'passed'),
  check('tables', 'passed'),
  check('content', 'passed'),
  check('freshness', 'passed'),
];

describe('decideVerdict', () => {
  test.each<[string, CheckResult[], string, string]>([
    ['all passed', passed, 'verified', '4 checks passed'],
    ['one failed', [...passed, check('plan', 'failed')], 'rejected', 'plan: expected this, found that'],
    ['the first failed', [check('plan', 'failed'), ...passed], 'rejected', 'plan: expected this, found that'],
    [
      'one did not run',
      [...passed, check('plan', 'not-run')],
      'not-proven',
      'plan: expected this, found that',
    ],
    [
      'one failed and another did not run',
      [...passed, check('plan', 'not-run'), check('indexes', 'failed')],
      'rejected',
      'indexes: expected this, found that',
    ],
    ['nothing was looked at', [], 'not-proven', 'nothing was checked of: schema, tables, content'],
    [
      'the schema was not looked at',
      passed.filter(({ kind }) => kind !== 'schema'),
      'not-proven',
      'nothing was checked of: schema',
    ],
    [
      'the tables were not looked at',
      passed.filter(({ kind }) => kind !== 'tables'),
      'not-proven',
      'nothing was checked of: tables',
    ],
    [
      'no content was looked at, however many other checks passed',
      [
        ...passed.filter(({ kind }) => kind !== 'content'),
        ...Array.from({ length: 50 }, () => check('plan', 'passed')),
      ],
      'not-proven',
      'nothing was checked of: content',
    ],
    ['only content failed', [check('content', 'failed')], 'rejected', 'content: expected this, found that'],
  ])('where %s', (_, checks, verdict, reason) => {
    expect(decideVerdict(checks)).toEqual({ verdict, reason });
  });

  test('never verifies where anything failed or did not run, in any order', () => {
    const outcomes = ['passed', 'failed', 'not-run'] as const;
    for (const schema of outcomes)
      for (const tables of outcomes)
        for (const content of outcomes)
          for (const plan of outcomes) {
            const checks = [
              check('plan', plan),
              check('schema', schema),
              check('tables', tables),
              check('content', content),
            ];
            const found = new Set<string>([schema, tables, content, plan]);
            const expected = found.has('failed')
              ? 'rejected'
              : found.has('not-run')
                ? 'not-proven'
                : 'verified';
            expect(decideVerdict(checks).verdict, [...found].join()).toBe(expected);
          }
  });

  test('names three of many, and how many more', () => {
    const failed = ['a', 'b', 'c', 'd', 'e'].map((name) => check('content', 'failed', name));
    expect(decideVerdict([...passed, ...failed]).reason).toBe(
      'a: expected this, found that; b: expected this, found that; c: expected this, found that; and 2 more',
    );
  });
});
