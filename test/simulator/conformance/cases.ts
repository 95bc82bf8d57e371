import { assignCases } from './assign.ts';
import { catchCases } from './catch.ts';
import { choiceCases } from './choice.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { contextCases } from './context.ts';
import { dataLimitCases } from './data-limit.ts';
import { failCases } from './fail.ts';
import { functionCases } from './functions.ts';
import { mapCases } from './map.ts';
import { nestingCases } from './nesting.ts';
import { parallelCases } from './parallel.ts';
import { passCases } from './pass.ts';
import { queryEvaluationCases } from './query-evaluation.ts';
import { retryCases } from './retry.ts';
import { succeedCases } from './succeed.ts';
import { timeoutCases } from './timeout.ts';
import { waitCases } from './wait.ts';

/** Every conformance case; a duplicate id fails here, before anything runs. */
export const conformanceCases: readonly ConformanceCase[] = withUniqueIds([
  ...passCases,
  ...assignCases,
  ...choiceCases,
  ...waitCases,
  ...mapCases,
  ...parallelCases,
  ...retryCases,
  ...catchCases,
  ...failCases,
  ...succeedCases,
  ...timeoutCases,
  ...queryEvaluationCases,
  ...functionCases,
  ...contextCases,
  ...nestingCases,
  ...dataLimitCases,
]);

/** Throws for an id that two cases share, because differences are listed by id. */
export function withUniqueIds(cases: readonly ConformanceCase[]): readonly ConformanceCase[] {
  const seen = new Set<string>();
  for (const { id } of cases) {
    if (seen.has(id)) throw new Error(`two conformance cases are called ${id}`);
    seen.add(id);
  }
  return cases;
}
