import type { Comparisons, RestoredCopy } from '../database/engine.ts';
import type { CheckResult } from './verdict.ts';

export interface ComparedSchema {
  readonly check: CheckResult;
  /** What the scratch server did not allow, by titles such as `EVENT TRIGGER audit`. */
  readonly leftOut: readonly string[];
}

/** Compares the copy's schema with the source's. @param stored the source's schema, as its recovery point holds it */
export async function compareSchema(
  comparisons: Pick<Comparisons, 'compareSchemas'>,
  copy: RestoredCopy,
  expected: string,
  stored: Buffer,
): Promise<ComparedSchema> {
  const { archive, fingerprint } = await copy.dumpSchema();
  const { differences, leftOut } = comparisons.compareSchemas(stored, archive);
  const isEqual = differences.length === 0;
  return {
    check: {
      kind: 'schema',
      name: 'the schema is the one of the source',
      outcome: isEqual ? 'passed' : 'failed',
      expected,
      found: isEqual ? fingerprint : `${fingerprint}, differing in ${differences.join(', ')}`,
    },
    leftOut,
  };
}
