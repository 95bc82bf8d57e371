import { describe, expect, test } from 'vitest';
import { graph, machine } from '../conformance/conformance-case.ts';
import { fail, ok, simulate } from '../simulate.ts';

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

describe('virtual time', () => {
  test('a wait of a year takes no time but counts', async () => {
    const definition = machine({
      Rest: { Type: 'Wait', Seconds: 31_536_000, Output: '{% $now() %}', End: true },
    });
    const { elapsedSeconds, output } = await simulate(definition, { startTime: '2026-03-01T00:00:00.000Z' });
    expect({ elapsedSeconds, output }).toEqual({
      elapsedSeconds: 31_536_000,
      output: '2027-03-01T00:00:00.000Z',
    });
  });

  test('a Timestamp waits until then', async () => {
    const definition = machine({ Rest: { Type: 'Wait', Timestamp: '2026-01-01T01:00:00+00:30', End: true } });
    expect((await simulate(definition)).elapsedSeconds).toBe(1800);
  });

  test('branches wait beside each other', async () => {
    const rest = (name: string, Seconds: number) => graph({ [name]: { Type: 'Wait', Seconds, End: true } });
    const definition = machine({
      Both: { Type: 'Parallel', Branches: [rest('Long', 60), rest('Short', 5)], End: true },
    });
    expect((await simulate(definition)).elapsedSeconds).toBe(60);
  });

  test.each([
    [1, 10],
    [2, 5],
    [3, 4],
    [0, 4],
  ])(
    'iterations of 4, 3, 2 and 1 seconds with MaxConcurrency %i take %i seconds',
    async (MaxConcurrency, expected) => {
      const definition = machine({
        Each: {
          Type: 'Map',
          Items: [4, 3, 2, 1],
          MaxConcurrency,
          ItemProcessor: graph({ Rest: { Type: 'Wait', Seconds: '{% $states.input %}', End: true } }),
          End: true,
        },
      });
      expect((await simulate(definition)).elapsedSeconds).toBe(expected);
    },
  );

  test('a branch that fails stops the others where they are', async () => {
    const definition = machine({
      Both: {
        Type: 'Parallel',
        Branches: [
          graph({ Rest: { Type: 'Wait', Seconds: 100, Next: 'Never' }, Never: { Type: 'Pass', End: true } }),
          graph({
            RestLess: { Type: 'Wait', Seconds: 5, Next: 'Refuse' },
            Refuse: { Type: 'Fail', Error: 'Refused' },
          }),
        ],
        Catch: [{ ErrorEquals: ['Refused'], Next: 'After' }],
        Next: 'After',
      },
      After: { Type: 'Wait', Seconds: 1000, End: true },
    });
    const { elapsedSeconds, visited } = await simulate(definition);
    expect(elapsedSeconds).toBe(1005);
    expect(visited).not.toContain('Never');
  });

  test('a machine that is still busy when its own time is over has timed out at that moment', async () => {
    const definition = machine({ Rest: { Type: 'Wait', Seconds: 61, End: true } }, { TimeoutSeconds: 60 });
    const { status, error, elapsedSeconds } = await simulate(definition);
    expect({ status, error, elapsedSeconds }).toEqual({
      status: 'TIMED_OUT',
      error: 'States.Timeout',
      elapsedSeconds: 60,
    });
  });

  test('no catcher sees the end of the machine', async () => {
    const definition = machine(
      {
        Load: {
          Type: 'Task',
          Resource: RESOURCE,
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Tell' }],
          Next: 'Tell',
        },
        Tell: { Type: 'Pass', End: true },
      },
      { TimeoutSeconds: 60 },
    );
    const { status, visited } = await simulate(definition, { tasks: { Load: ok({}, { after: 61 }) } });
    expect({ status, visited }).toEqual({ status: 'TIMED_OUT', visited: ['Load'] });
  });

  test('a machine that never ends fails the test instead of running endlessly', async () => {
    const definition = machine({
      Rest: { Type: 'Wait', Seconds: 1, Next: 'Ask' },
      Ask: { Type: 'Choice', Choices: [{ Condition: false, Next: 'Done' }], Default: 'Rest' },
      Done: { Type: 'Succeed' },
    });
    await expect(simulate(definition)).rejects.toThrow('beyond the event quota of Step Functions');
  });
});

describe('timeouts and heartbeats of a task', () => {
  const input = { run: 'r-1' };
  const waiting = (fields: object) => load({ Resource: `${RESOURCE}.waitForTaskToken`, ...fields });

  test('a task may take exactly its TimeoutSeconds', async () => {
    const run = await simulate(load({ TimeoutSeconds: 60 }), {
      input,
      tasks: { Load: ok('done', { after: 60 }) },
    });
    expect([run.status, run.elapsedSeconds]).toEqual(['SUCCEEDED', 60]);
  });

  test('a task that takes longer has timed out when its time is over, though it would have succeeded', async () => {
    const run = await simulate(load({ TimeoutSeconds: 60 }), {
      input,
      tasks: { Load: ok('done', { after: 600 }) },
    });
    expect([run.error, run.elapsedSeconds]).toEqual(['States.Timeout', 60]);
  });

  test('a task that is silent for longer than HeartbeatSeconds fails with States.HeartbeatTimeout', async () => {
    const definition = waiting({ HeartbeatSeconds: 30, TimeoutSeconds: 600 });
    const run = await simulate(definition, { input, tasks: { Load: ok('done', { after: 100 }) } });
    expect([run.error, run.elapsedSeconds]).toEqual(['States.HeartbeatTimeout', 30]);
  });

  test('heartbeats keep a long task alive', async () => {
    const definition = waiting({ HeartbeatSeconds: 30, TimeoutSeconds: 600 });
    const run = await simulate(definition, {
      input,
      tasks: { Load: ok('done', { after: 100, heartbeatEvery: 20 }) },
    });
    expect([run.status, run.elapsedSeconds]).toEqual(['SUCCEEDED', 100]);
  });

  test('States.Timeout catches a missed heartbeat', async () => {
    const definition = waiting({ HeartbeatSeconds: 30, Retry: [{ ErrorEquals: ['States.Timeout'] }] });
    const run = await simulate(definition, {
      input,
      tasks: { Load: [ok('late', { after: 31 }), ok('done')] },
    });
    expect(run.output).toBe('done');
  });

  test('a task that waits for its token finds it in the context, a new one for each attempt', async () => {
    const definition = waiting({
      Arguments: '{% $states.context.Task.Token %}',
      Retry: [{ ErrorEquals: ['Busy'] }],
    });
    const { calls } = await simulate(definition, { input, tasks: { Load: [fail('Busy'), ok()] } });
    expect(new Set(calls.map((call) => call.arguments)).size).toBe(2);
    expect(calls[0]?.arguments).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('delays between attempts', () => {
  const attempts = async (retry: object, seed = 1) => {
    const definition = load({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 4, ...retry }] });
    const tasks = { Load: [fail('Busy'), fail('Busy'), fail('Busy'), fail('Busy'), ok()] };
    const { calls } = await simulate(definition, { input: { run: 1 }, tasks, seed });
    return calls.map(({ at }) => at);
  };

  test('one second, then twice as long each time, when nothing is said', async () => {
    expect(await attempts({})).toEqual([0, 1, 3, 7, 15]);
  });

  test('IntervalSeconds first, then BackoffRate times as long each time', async () => {
    expect(await attempts({ IntervalSeconds: 10, BackoffRate: 3 })).toEqual([0, 10, 40, 130, 400]);
  });

  test('never longer than MaxDelaySeconds', async () => {
    expect(await attempts({ IntervalSeconds: 10, BackoffRate: 3, MaxDelaySeconds: 50 })).toEqual([
      0, 10, 40, 90, 140,
    ]);
  });

  test('with full jitter at most that long, and for one seed always the same', async () => {
    const jittered = await attempts({ IntervalSeconds: 100, BackoffRate: 1, JitterStrategy: 'FULL' });
    const delays = jittered.slice(1).map((at, index) => at - (jittered[index] ?? 0));
    expect(delays.every((delay) => delay >= 0 && delay < 100)).toBe(true);
    expect(new Set(delays).size).toBe(4);
    expect(await attempts({ IntervalSeconds: 100, BackoffRate: 1, JitterStrategy: 'FULL' })).toEqual(
      jittered,
    );
  });
});
