import { holds, parseOperator, supportedOperators } from './operators.ts';
import { actionFits, arnFits } from './patterns.ts';
import { type Condition, type Policy, PolicyNotSupported, type Statement } from './policy.ts';

/** The question for the policies: is this action on this resource allowed in this context? */
export interface Question {
  readonly action: string;
  readonly resource: string;
  /**
   * Values of a context key: empty if the request has none, `several` for a multivalued key. `unknown` for a key that
   * this module does not know.
   */
  readonly context: (key: string) => ContextValues | 'unknown';
}

export interface ContextValues {
  readonly values: readonly string[] | undefined;
  readonly several?: boolean;
}

export type Verdict =
  | { readonly decision: 'allowed' }
  /** No statement allows it. */
  | { readonly decision: 'implicitly denied' }
  | { readonly decision: 'explicitly denied'; readonly policy: string };

/**
 * Decides by identity policies: an explicit deny wins, and the default is deny (IAM User Guide, "Policy evaluation logic").
 * Throws PolicyNotSupported when a statement about this action and resource has an unsupported condition, whatever the
 * other statements say.
 *
 * Written here because MiniStack's evaluator treats an unknown operator as no match: a Deny with it would deny
 * nothing. The npm package @cloud-copilot/iam-simulate drops keys that it does not list for an action; its license is AGPL.
 */
export function evaluate(policies: readonly Policy[], question: Question): Verdict {
  let allowed = false;
  let denying: string | undefined;
  for (const policy of policies) {
    for (const statement of policy.statements) {
      if (!applies(policy, statement, question)) continue;
      if (statement.effect === 'Deny') denying ??= policy.name;
      else allowed = true;
    }
  }
  if (denying !== undefined) return { decision: 'explicitly denied', policy: denying };
  return { decision: allowed ? 'allowed' : 'implicitly denied' };
}

function applies(policy: Policy, statement: Statement, { action, resource, context }: Question): boolean {
  const { actions, resources, conditions } = statement;
  if (actions.patterns.some((pattern) => actionFits(action, pattern)) === actions.not) return false;
  refuseVariables(policy, [...resources.patterns, ...conditions.flatMap(({ values }) => values)]);
  const fits = resources.patterns.map((pattern) => resourceFits(policy, resource, pattern));
  if (fits.includes(true) === resources.not) return false;
  // Checks all conditions: an unsupported one must be reported even if another fails.
  return conditions.map((condition) => isMet(policy, condition, context)).every((met) => met);
}

function refuseVariables({ name }: Policy, written: readonly string[]): void {
  const variable = written.find((text) => text.includes('${'));
  if (variable !== undefined)
    throw new PolicyNotSupported(name, `the variable in "${variable}"`, 'a text without policy variables');
}

/** If an action has no resource, only `*` matches. */
function resourceFits(policy: Policy, resource: string, pattern: string): boolean {
  const fits = arnFits(resource, pattern);
  if (fits === undefined)
    throw new PolicyNotSupported(policy.name, `the resource "${pattern}"`, '"*", or an ARN of six parts');
  return fits;
}

function isMet(
  { name }: Policy,
  { operator: written, key, values }: Condition,
  context: Question['context'],
): boolean {
  const operator = parseOperator(written);
  if (!operator) {
    const known = `one of ${supportedOperators.join(', ')}, with ForAllValues: or ForAnyValue: or IfExists`;
    throw new PolicyNotSupported(name, `the condition operator ${written}`, known);
  }
  const given = context(key);
  if (given === 'unknown')
    throw new PolicyNotSupported(name, `the context key ${key}`, 'one that local/README.md names');
  if (given.several && !operator.set && operator.name !== 'Null') {
    throw new PolicyNotSupported(
      name,
      `${written} on ${key}, a key of several values`,
      `ForAllValues:${written} or ForAnyValue:${written}`,
    );
  }
  return holds(operator, given.values, values);
}
