import { closestSpelling, type Finding, show, valueAt } from './mistake.ts';
import { type Parts, readParts } from './parts.ts';
import { PLAN_RULES, type Plan, planSchema } from './schema.ts';
import type { Violation } from './violation.ts';

/**
 * Runs the rules that compare one value of a plan with another. `raw` is the value from YAML. Rules see only
 * the valid parts. checkShape lists the values that are wrong by themselves, and both lists are shown
 * together.
 */
export function checkRules(raw: unknown): Finding[] {
  const plan = (readParts(planSchema, raw) ?? {}) as Parts<Plan>;
  return PLAN_RULES.flatMap((rule) => rule(plan)).map((violation) => findingOf(violation, raw));
}

function findingOf(violation: Violation, raw: unknown): Finding {
  const { kind, path, expected, candidates = [] } = violation;
  const value = valueAt(raw, path);
  return {
    kind,
    path,
    expected,
    found: 'found' in violation ? violation.found : show(value, path),
    suggestion: closestSpelling(String(value), candidates),
  };
}
