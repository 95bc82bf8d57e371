import { describe, expect, test } from 'vitest';
import { graph, machine } from './conformance/conformance-case.ts';
import { fail, lambdaReturns, lambdaThrows, ok, simulate } from './simulate.ts';

const RESOURCE = 'arn:aws:states:::lambda:invoke';
const load = (fields: object = {}) =>
  machine({
    Load: {
      Type: 'Task',
      Resource: RESOURCE,
      Arguments: { run: '{% $states.input.run %}' },
      End: true,
      ...fields,
    },
  });
/** Two branches that race. */
const race = machine({
  Both: {
    Type: 'Parallel',
    Branches: ['One', 'Two'].map((name) =>
      graph({ [name]: { Type: 'Task', Resource: RESOURCE, End: true } }),
    ),
    End: true,
  },
});

describe('what a run tells', () => {
  test('the exact input of every task call, in order, with its attempt and its time', async () => {
    const definition = load({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 10 }] });
    const tasks = { Load: [fail('Busy', '', { after: 3 }), lambdaReturns({ rows: 1 })] };
    const { calls } = await simulate(definition, { input: { run: 'r-1' }, tasks });
    const call = { state: 'Load', resource: RESOURCE, arguments: { run: 'r-1' } };
    expect(calls).toEqual([
      { ...call, attempt: 1, at: 0 },
      { ...call, attempt: 2, at: 13 },
    ]);
  });

  test('the state of the machine in which it ended, also when a branch failed', async () => {
    const definition = machine({
      Both: {
        Type: 'Parallel',
        Branches: [graph({ Refuse: { Type: 'Fail', Error: 'Refused' } })],
        End: true,
      },
    });
    const { terminal, visited, error } = await simulate(definition);
    expect({ terminal, visited, error }).toEqual({
      terminal: 'Both',
      visited: ['Both', 'Refuse'],
      error: 'Refused',
    });
  });

  test("the machine's own variables at the end, and none of a branch's", async () => {
    const definition = machine({
      Keep: { Type: 'Pass', Assign: { outer: 1 }, Next: 'Both' },
      Both: {
        Type: 'Parallel',
        Branches: [graph({ KeepInner: { Type: 'Pass', Assign: { inner: 2 }, End: true } })],
        End: true,
      },
    });
    expect((await simulate(definition)).variables).toEqual({ outer: 1 });
  });

  test('what a Lambda function returns lies under Payload, and what it throws is JSON in Cause', async () => {
    const definition = load({
      Output: '{% $states.result.Payload.rows %}',
      Retry: [{ ErrorEquals: ['Busy'] }],
      Catch: [
        {
          ErrorEquals: ['Broken'],
          Output: '{% $parse($states.errorOutput.Cause).errorMessage %}',
          Next: 'Tell',
        },
      ],
    });
    const states = { ...definition.States, Tell: { Type: 'Pass', End: true } };
    const returned = await simulate(
      { ...definition, States: states },
      { input: { run: 1 }, tasks: { Load: lambdaReturns({ rows: 3 }) } },
    );
    const thrown = await simulate(
      { ...definition, States: states },
      { input: { run: 1 }, tasks: { Load: lambdaThrows('Broken', 'no disk') } },
    );
    expect([returned.output, thrown.output]).toEqual([3, 'no disk']);
  });
});

describe('a script that does not fit is an error of the test', () => {
  const input = { run: 'r-1' };

  test('a task that nobody scripted', async () => {
    await expect(simulate(load(), { input })).rejects.toThrow(
      `'Load' has no scripted result left for attempt 1 at 0 s with {"run":"r-1"}`,
    );
  });

  test('one more attempt than was scripted, though a catcher would take any error', async () => {
    const definition = load({
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Tell' }],
    });
    const states = { ...definition.States, Tell: { Type: 'Pass', End: true } };
    const run = simulate({ ...definition, States: states }, { input, tasks: { Load: fail('Busy') } });
    await expect(run).rejects.toThrow('no scripted result left for attempt 2');
  });

  test('results that the run never asked for', async () => {
    const run = simulate(load(), { input, tasks: { Load: [ok(1), ok(2), ok(3)] } });
    await expect(run).rejects.toThrow(`scripted but never asked for: 2 of 'Load'. The run ended in 'Load'`);
  });

  test('a function for a task that is never called', async () => {
    const definition = machine({
      Ask: { Type: 'Choice', Choices: [{ Condition: false, Next: 'Load' }], Default: 'Done' },
      Load: { Type: 'Task', Resource: RESOURCE, End: true },
      Done: { Type: 'Succeed' },
    });
    await expect(simulate(definition, { tasks: { Load: () => ok() } })).rejects.toThrow(
      "never asked for: 'Load'",
    );
  });

  test('a script for a task that the machine does not have', async () => {
    await expect(simulate(load(), { input, tasks: { Lod: ok() } })).rejects.toThrow(
      "the machine has no Task called 'Lod'",
    );
  });

  test('a mismatch within a branch', async () => {
    await expect(simulate(race, { tasks: { One: ok() } })).rejects.toThrow(
      "'Two' has no scripted result left",
    );
  });
});

describe('errors beyond Retry and Catch', () => {
  const input = { run: 'r-1' };
  const catching = (name: string) => {
    const definition = load({ Catch: [{ ErrorEquals: [name], Next: 'Tell' }] });
    return {
      ...definition,
      States: { ...definition.States, Tell: { Type: 'Pass', Output: 'caught', End: true } },
    };
  };

  test.each(['States.ALL', 'States.TaskFailed', 'States.Runtime'])(
    '%s does not catch States.Runtime',
    async (name) => {
      const run = await simulate(catching(name), { input, tasks: { Load: fail('States.Runtime') } });
      expect([run.status, run.error]).toEqual(['FAILED', 'States.Runtime']);
    },
  );

  test.each(['States.ALL', 'States.TaskFailed'])(
    '%s does not catch a result beyond 256 KiB',
    async (name) => {
      const run = await simulate(catching(name), { input, tasks: { Load: ok('x'.repeat(262_144)) } });
      expect([run.status, run.error]).toEqual(['FAILED', 'States.DataLimitExceeded']);
    },
  );

  test('States.DataLimitExceeded is caught by its own name', async () => {
    const run = await simulate(catching('States.DataLimitExceeded'), {
      input,
      tasks: { Load: ok('x'.repeat(262_144)) },
    });
    expect(run.output).toBe('caught');
  });
});

describe('seeds', () => {
  const firstCalled = async (seed: number) =>
    (await simulate(race, { seed, tasks: { One: ok(1), Two: ok(2) } })).calls[0]?.state;

  test('a seed decides which of two branches comes first', async () => {
    const firsts = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(firstCalled));
    expect(new Set(firsts)).toEqual(new Set(['One', 'Two']));
  });

  test('the same seed gives the same run, random numbers included', async () => {
    const definition = machine({
      Tell: { Type: 'Pass', Output: ['{% $random() %}', '{% $uuid() %}'], End: true },
    });
    const [first, again, other] = await Promise.all([7, 7, 8].map((seed) => simulate(definition, { seed })));
    expect(first?.output).toEqual(again?.output);
    expect(first?.output).not.toEqual(other?.output);
  });
});
