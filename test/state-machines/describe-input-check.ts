import { describe, expect, test } from 'vitest';
import type { Run } from '../simulator/simulate.ts';
import { fail, ok } from '../simulator/simulate.ts';
import type { MachineName, machineUnderTest } from './machine-under-test.ts';

/** An input that a machine must refuse, and what its cause must say of it. */
type Refused = readonly [title: string, input: object, says: string];

/**
 * Every machine looks at its input before it does anything.
 *
 * @param input one that the machine takes
 * @param own further inputs that it must refuse
 */
export function describeInputCheck(
  { walk }: ReturnType<typeof machineUnderTest>,
  { name, input, own = [] }: { name: MachineName; input: Readonly<Record<string, string>>; own?: Refused[] },
): void {
  const start = `nothing was started, because the input of the machine "${name}" is not valid: `;
  const needed = Object.keys(input).join(', ');
  const expectRefused = (run: Run, says: string) => {
    expect(run).toMatchObject({ status: 'FAILED', error: 'InputInvalid' });
    expect(run.visited).toEqual(['Check the input', 'InputInvalid']);
    expect(run.calls).toEqual([]);
    expect(run.cause).toBe(`${start}${says}. ${/Needed: .*$/.exec(run.cause ?? '')?.[0]}`);
    expect(run.cause).toContain(`. Needed: ${needed}. Optional: `);
  };

  describe('the input', () => {
    test.each(Object.keys(input))('without %s is refused, and says what is missing', async (field) => {
      const { [field]: _, ...rest } = input;
      expectRefused(await walk(rest, {}), `${field} is missing (text that is not empty)`);
    });

    test.each(
      Object.keys(input).flatMap((field): [string, unknown, string][] => [
        [field, 7, 'number 7'],
        [field, '', 'string '],
        [field, null, 'null null'],
        [field, ['main'], 'array ["main"]'],
        [field, { S: 'main' }, 'object {"S":"main"}'],
      ]),
    )('whose %s is %j is refused, and says what was found', async (field, value, found) => {
      expectRefused(
        await walk({ ...input, [field]: value }, {}),
        `${field}: expected text that is not empty, found ${found}`,
      );
    });

    test.each<Refused>([
      ['a field that no machine takes', { ...input, plan: 'mailblast' }, 'unknown: plan'],
      ['two unknown fields', { ...input, Comment: 'x', dry: true }, 'unknown: Comment, dry'],
      ['an empty run id', { ...input, runId: '' }, 'runId: expected text that is not empty, found string '],
      [
        'a long value, which is cut',
        { ...input, runId: ['x'.repeat(99)] },
        `runId: expected text that is not empty, found array ["${'x'.repeat(38)}`,
      ],
      ['a list instead of an object', [input], 'it is not an object'],
      ...own,
    ])('with %s is refused', async (_, given, says) => {
      expectRefused(await walk(given, {}), says);
    });

    test('that is empty is refused, with everything that is missing', async () => {
      const missing = Object.keys(input).map((field) => `${field} is missing (text that is not empty)`);
      expectRefused(await walk({}, {}), missing.join('; '));
    });

    test('of an execution that another one started may carry what Step Functions adds', async () => {
      const started = { ...input, AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: 'arn:aws:states:…' };
      const run = await walk(started, {
        'Claim the run': fail('DynamoDB.AccessDeniedException', 'not authorized'),
        'Announce that recording failed': ok(),
      });
      expect(run.error).toBe('RunNotRecorded');
    });
  });
}
