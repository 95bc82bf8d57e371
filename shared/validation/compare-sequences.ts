import { readable, type SequencePosition } from '../database/table.ts';
import type { CheckResult } from './verdict.ts';

/** Compares the position of every sequence. */
export function compareSequences(
  expected: readonly SequencePosition[],
  restored: readonly SequencePosition[],
): CheckResult {
  const found = new Map(restored.map((each) => [readable(each), position(each)]));
  const differing = expected.filter((each) => found.get(readable(each)) !== position(each));
  const listed = (of: (each: SequencePosition) => string | undefined) =>
    differing.map((each) => `, ${readable(each)} at ${of(each) ?? 'no position'}`).join('');
  return {
    kind: 'sequences',
    name: 'every sequence stands where it stood',
    outcome: differing.length === 0 && found.size === expected.length ? 'passed' : 'failed',
    expected: `${expected.length} sequences${listed(position)}`,
    found: `${found.size} sequences${listed((each) => found.get(readable(each)))}`,
  };
}

function position({ lastValue, isCalled }: SequencePosition): string {
  return `${lastValue}${isCalled ? '' : ' (not yet drawn)'}`;
}
