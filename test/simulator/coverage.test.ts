// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how a definition names a substitution

import { describe, expect, test } from 'vitest';
import { graph, machine } from './conformance/conformance-case.ts';
import { uncovered } from './coverage.ts';
import { fail, ok, simulate } from './simulate.ts';

const definition = machine({
  Load: {
    Type: 'Task',
    Resource: '${Load}',
    Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }],
    Catch: [
      { ErrorEquals: ['Corrupt'], Next: 'RestoreRejected' },
      { ErrorEquals: ['States.ALL'], Next: 'HarnessFailed' },
    ],
    Next: 'Judge',
  },
  Judge: {
    Type: 'Choice',
    Choices: [
      { Condition: '{% $states.input.rows = 0 %}', Next: 'RestoreRejected' },
      { Condition: '{% $states.input.rows > 9 %}', Next: 'Each' },
    ],
    Default: 'RestoreVerified',
  },
  Each: {
    Type: 'Map',
    Items: [1],
    ItemProcessor: graph({ Look: { Type: 'Pass', End: true } }),
    Next: 'RestoreVerified',
  },
  RestoreVerified: { Type: 'Succeed' },
  RestoreRejected: { Type: 'Fail', Error: 'RestoreRejected' },
  HarnessFailed: { Type: 'Fail', Error: 'HarnessFailed' },
});
const run = (...results: ReturnType<typeof ok>[]) =>
  simulate(definition, { substitutions: { Load: 'arn' }, tasks: { Load: results } });

describe('uncovered', () => {
  test('without runs every state, and of each only that', () => {
    expect(uncovered(definition, [])).toEqual([
      "'Load' is never entered",
      "'Judge' is never entered",
      "'Each' is never entered",
      "'Look' is never entered",
      "'RestoreVerified' is never entered",
      "'RestoreRejected' is never entered",
      "'HarnessFailed' is never entered",
    ]);
  });

  test('after one run every rule, catcher and retrier that it did not need', async () => {
    expect(uncovered(definition, [await run(ok({ rows: 1 }))])).toEqual([
      "'Load' never exhausts its retries of Busy",
      "'Load' never catches Corrupt, to 'RestoreRejected'",
      "'Load' never catches States.ALL, to 'HarnessFailed'",
      "'Judge' never takes rule 1, to 'RestoreRejected'",
      "'Judge' never takes rule 2, to 'Each'",
      "'Each' is never entered",
      "'Look' is never entered",
      "'RestoreRejected' is never entered",
      "'HarnessFailed' is never entered",
    ]);
  });

  test('nothing when the runs together walked everything', async () => {
    const runs = [
      await run(ok({ rows: 1 })),
      await run(ok({ rows: 0 })),
      await run(ok({ rows: 10 })),
      await run(fail('Corrupt')),
      await run(fail('Busy'), fail('Busy')),
    ];
    expect(uncovered(definition, runs)).toEqual([]);
  });

  test('a retry that helped exhausts nothing', async () => {
    expect(uncovered(definition, [await run(fail('Busy'), ok({ rows: 1 }))])).toContain(
      "'Load' never exhausts its retries of Busy",
    );
  });

  test('a state that only ever failed has not reached its End', async () => {
    const ending = machine({
      Load: { Type: 'Task', Resource: 'arn', Catch: [{ ErrorEquals: ['A'], Next: 'Report' }], End: true },
      Report: { Type: 'Pass', End: true },
    });
    const caught = await simulate(ending, { tasks: { Load: fail('A') } });
    expect(uncovered(ending, [caught])).toEqual(["'Load' never reaches its End"]);
  });

  test('refuses a run of another machine', async () => {
    const other = await simulate(machine({ Other: { Type: 'Succeed' } }));
    expect(() => uncovered(definition, [other])).toThrow("this one has no state 'Other'");
  });
});
