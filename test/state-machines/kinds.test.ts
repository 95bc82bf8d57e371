import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { handler as assessRound } from '../../functions/replay/assess-round.ts';
import { deriveMachines } from '../../resources/machines.ts';
import { machineOutputOf } from '../../shared/run/kind.ts';
import { KINDS } from '../../shared/run/kinds.ts';
import { planOf } from '../unit/resources/plan-fixture.ts';
import { everyState, readDefinition } from './machine-under-test.ts';

test('every state machine is that of a kind of run, and every kind has its own', () => {
  const files = globSync('state-machines/*.asl.json').map((file) => path.basename(file, '.asl.json'));
  expect(files.toSorted()).toEqual(KINDS.map(({ name }) => name).toSorted());
});

test('the stack has the ARN of every machine as an output, under the name by which the CLI looks for it', () => {
  expect(Object.keys(deriveMachines(planOf()).Outputs).toSorted()).toEqual(
    KINDS.map(machineOutputOf).toSorted(),
  );
});

describe.each(KINDS.map((kind) => [kind.name, kind] as const))('the kind %s', (name, kind) => {
  const definition = readDefinition(name);
  const text = JSON.stringify(definition);
  const named = (pattern: RegExp) =>
    [...new Set([...text.matchAll(pattern)].map(([, word = '']) => word))].sort();

  test('takes what its machine reads of its input', () => {
    const contract = Object.keys((kind.input as z.ZodObject).shape);
    expect(named(/\$states\.input\.(\w+)/g)).toEqual(contract.toSorted());
  });

  test('has a contract for every step that its machine reports', () => {
    const own = named(/\$merge\(\[\$steps, \{'(\w+)':/g);
    const assessed = text.includes('$merge([$steps, $states.result.Payload.steps])')
      ? Object.keys(assessRound.contract.output.shape.steps.shape)
      : [];
    expect([...own, ...assessed].sort()).toEqual(Object.keys(kind.steps).toSorted());
  });

  test('ends in each of its failures, besides the four that say nothing of its work', () => {
    const errors = everyState(definition).flatMap(([, { Type, Error: error }]) =>
      Type === 'Fail' && error ? [error] : [],
    );
    const own = Object.values(kind.outcomes).flatMap((outcome) => ('fail' in outcome ? [outcome.fail] : []));
    expect(errors.toSorted()).toEqual(
      [...own, 'InputInvalid', 'OutcomeNotAnnounced', 'RunAlreadyRunning', 'RunNotRecorded'].sort(),
    );
  });

  test('knows every outcome that its machine judges by', () => {
    for (const outcome of named(/\$outcome = '([\w-]+)'/g))
      expect(Object.keys(kind.outcomes)).toContain(outcome);
    for (const outcome of named(/"outcome":"([\w-]+)"/g))
      expect(Object.keys(kind.outcomes)).toContain(outcome);
  });

  test('announces to the channels that record-run names, which knows what was left behind', () => {
    expect(text).toContain('"StringValue":"{% $recorded.occasion %}"');
  });
});
