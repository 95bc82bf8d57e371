import type { Context } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { type Call, OutOfTime, task } from '../../../shared/lambda/task.ts';

const contract = {
  name: 'copy-database',
  input: z.object({ database: z.string() }),
  output: z.object({ rows: z.number() }),
  environment: z.object({
    TASK_TEST_BUCKET: z.string().min(1),
    TASK_TEST_CONNECTIONS: z.coerce.number().int(),
  }),
};

/** A call with so much time left. */
const context = (remaining = 900_000) =>
  ({
    functionName: 'copy-database',
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    getRemainingTimeInMillis: () => remaining,
  }) as Context;

let logged: string[];

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  // Powertools writes through a console of its own, which ends in the process's streams.
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      logged.push(String(text));
      return true;
    });
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...args) => void logged.push(args.map(String).join(' ')));
  vi.stubEnv('TASK_TEST_BUCKET', 'vault');
  vi.stubEnv('TASK_TEST_CONNECTIONS', '4');
  vi.stubEnv('POWERTOOLS_DEV', 'true');
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

describe('a task', () => {
  test('hands the use case its environment, its input and its call, and answers with the output', async () => {
    const create = vi.fn((environment: { TASK_TEST_BUCKET: string; TASK_TEST_CONNECTIONS: number }) => {
      expect(environment).toEqual({ TASK_TEST_BUCKET: 'vault', TASK_TEST_CONNECTIONS: 4 });
      return async (input: { database: string }, call: Call) => {
        expect(input).toEqual({ database: 'main' });
        expect(call.requestId).toBe('c6af9ac6-7b61-11e6-9a41-93e8deadbeef');
        expect(call.signal.aborted).toBe(false);
        return { rows: 3 };
      };
    });
    const handler = task(contract, create);
    expect(await handler({ database: 'main' }, context())).toEqual({ rows: 3 });
    await handler({ database: 'main' }, context());
    expect(create).toHaveBeenCalledTimes(1);
  });

  test('is not created before it is called, so that a wrong setting fails the call and not the deployment', () => {
    const create = vi.fn();
    task(contract, create);
    expect(create).not.toHaveBeenCalled();
  });

  test.each([[{}], [{ database: 7 }], [null], ['main']])('refuses the input %j by name', async (input) => {
    const work = vi.fn();
    const handler = task(contract, () => work);
    await expect(handler(input, context())).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringMatching(/^copy-database: /),
    });
    expect(work).not.toHaveBeenCalled();
  });

  test('lists everything that is missing or wrong in its environment at once', async () => {
    vi.stubEnv('TASK_TEST_BUCKET', '');
    vi.stubEnv('TASK_TEST_CONNECTIONS', 'four');
    const handler = task(contract, () => async () => ({ rows: 0 }));
    await expect(handler({ database: 'main' }, context())).rejects.toMatchObject({
      name: 'EnvironmentIncomplete',
      message: 'missing or wrong environment variables: TASK_TEST_BUCKET, TASK_TEST_CONNECTIONS',
    });
  });

  test('recovers once its environment is complete', async () => {
    vi.stubEnv('TASK_TEST_BUCKET', '');
    const handler = task(contract, () => async () => ({ rows: 1 }));
    await expect(handler({ database: 'main' }, context())).rejects.toMatchObject({
      name: 'EnvironmentIncomplete',
    });
    vi.stubEnv('TASK_TEST_BUCKET', 'vault');
    expect(await handler({ database: 'main' }, context())).toEqual({ rows: 1 });
  });

  test('fails where the use case answers something else than the contract says', async () => {
    const handler = task(contract, () => async () => ({ rows: 'three' }) as never);
    await expect(handler({ database: 'main' }, context())).rejects.toThrow(/rows/);
  });

  test('answers with nothing that the contract does not name', async () => {
    const handler = task(contract, () => async () => ({ rows: 3, password: 'hunter2' }));
    expect(await handler({ database: 'main' }, context())).toEqual({ rows: 3 });
  });

  test('passes an error on under its own name', async () => {
    class DatabaseUnreachable extends Error {
      override readonly name = 'DatabaseUnreachable';
    }
    const handler = task(contract, () => async () => {
      throw new DatabaseUnreachable('no route');
    });
    await expect(handler({ database: 'main' }, context())).rejects.toMatchObject({
      name: 'DatabaseUnreachable',
      message: 'no route',
    });
  });
});

describe('the signal of a call', () => {
  /** Works until the signal ends it. */
  const untilAborted = (_: unknown, { signal }: Call) =>
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      if (signal.aborted) reject(signal.reason);
    });

  test('fires with OutOfTime five seconds before the function is killed', async () => {
    const running = task(contract, () => untilAborted)({ database: 'main' }, context(60_000));
    const outcome = vi.fn();
    running.then(outcome, outcome);
    await vi.advanceTimersByTimeAsync(54_999);
    expect(outcome).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome).toHaveBeenCalledWith(
      expect.objectContaining({
        name: 'OutOfTime',
        message: 'copy-database was not done within its time limit',
      }),
    );
    expect(outcome.mock.calls[0]?.[0]).toBeInstanceOf(OutOfTime);
  });

  test('fires at once where less is left than it takes to report', async () => {
    const running = task(contract, () => untilAborted)({ database: 'main' }, context(3_000));
    const outcome = vi.fn();
    running.then(outcome, outcome);
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome).toHaveBeenCalledWith(expect.objectContaining({ name: 'OutOfTime' }));
  });

  test('leaves no timer behind, which would keep the process', async () => {
    const handler = task(contract, () => async () => ({ rows: 1 }));
    await handler({ database: 'main' }, context());
    const failing = task(contract, () => async () => Promise.reject(new Error('no')));
    await expect(failing({ database: 'main' }, context())).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the log of a task', () => {
  const row = 'ada@example.com';
  const failing = (error: unknown) => task(contract, () => async () => Promise.reject(error));

  test('holds a failure once, with its name, message and stack', async () => {
    await expect(failing(new RangeError('no route'))({ database: 'main' }, context())).rejects.toThrow(
      'no route',
    );
    const lines = logged.filter((line) => line.includes('no route'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'ERROR',
      service: 'copy-database',
      error: { name: 'RangeError', message: 'no route', stack: expect.stringContaining('task.test.ts') },
    });
  });

  test('holds the kind of an error and the next step', async () => {
    const error = new OutOfTime('not done', { hint: 'Give it more time.' });
    await expect(failing(error)({ database: 'main' }, context())).rejects.toThrow('not done');
    expect(JSON.parse(logged.find((line) => line.includes('not done')) ?? '')).toMatchObject({
      error: { name: 'OutOfTime', kind: 'incomplete', hint: 'Give it more time.' },
    });
  });

  test('holds no input and no output', async () => {
    const handler = task(contract, () => async () => ({ rows: 3 }));
    await handler({ database: row }, context());
    await expect(failing(new Error('no'))({ database: row }, context())).rejects.toThrow('no');
    expect(logged.join('\n')).not.toContain(row);
  });
});
