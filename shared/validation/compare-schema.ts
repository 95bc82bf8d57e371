import type { Comparisons, RestoredCopy } from '../database/engine.ts';
import { type SchemaDump, schemaFingerprint } from '../database/schema-dump.ts';
import type { CheckResult } from './verdict.ts';

/**
 * Compares the copy's schema with the source's by fingerprint.
 *
 * @param readStored reads the source's schema; only called if the fingerprints differ, to name what differs
 */
export async function compareSchema(
  comparisons: Pick<Comparisons, 'schemaDifferences'>,
  copy: RestoredCopy,
  expected: string,
  readStored: () => Promise<SchemaDump>,
): Promise<CheckResult> {
  const restored = await copy.dumpSchema();
  const found = schemaFingerprint(restored);
  const check = { kind: 'schema', name: 'the schema is the one of the source', expected } as const;
  if (found === expected) return { ...check, outcome: 'passed', found };
  const differences = comparisons.schemaDifferences(await readStored(), restored);
  return { ...check, outcome: 'failed', found: `${found}, differing in ${differences.join(', ')}` };
}
