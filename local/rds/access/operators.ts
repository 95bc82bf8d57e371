import { arnFits, isLike } from './patterns.ts';

/** Whether one request value matches one policy value. */
type Test = (given: string, wanted: string) => boolean;

const equals: Test = (given, wanted) => given === wanted;
const equalsIgnoringCase: Test = (given, wanted) => given.toLowerCase() === wanted.toLowerCase();
const arn: Test = (given, wanted) => arnFits(given, wanted) ?? false;

/** Operators on single values. A negated one holds if its test matches no policy value. */
const operators: Readonly<Record<string, { readonly test: Test; readonly negated?: true }>> = {
  StringEquals: { test: equals },
  StringNotEquals: { test: equals, negated: true },
  StringEqualsIgnoreCase: { test: equalsIgnoringCase },
  StringNotEqualsIgnoreCase: { test: equalsIgnoringCase, negated: true },
  StringLike: { test: isLike },
  StringNotLike: { test: isLike, negated: true },
  Bool: { test: equalsIgnoringCase },
  ArnEquals: { test: arn },
  ArnLike: { test: arn },
  ArnNotEquals: { test: arn, negated: true },
  ArnNotLike: { test: arn, negated: true },
};

/** An operator without its set prefix and its suffix. */
export interface Operator {
  readonly set: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly name: string;
  readonly ifExists: boolean;
}

/** What may stand before a condition, in order. */
export const supportedOperators: readonly string[] = [...Object.keys(operators), 'Null'].sort();

/** Undefined for an unsupported operator. */
export function parseOperator(text: string): Operator | undefined {
  const [, set, name = '', suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? [];
  if (!supportedOperators.includes(name) || (name === 'Null' && (set || suffix))) return undefined;
  return { set: set as Operator['set'], name, ifExists: suffix !== undefined };
}

/**
 * Whether a condition holds for the request's values of its key; `given` is undefined if it has none (IAM User Guide,
 * "Condition operators" and "Set operators for multivalued context keys").
 */
export function holds(
  { set, name, ifExists }: Operator,
  given: readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  if (name === 'Null') return wanted.some((value) => value.toLowerCase() === String(given === undefined));
  const operator = operators[name];
  if (!operator) throw new TypeError(`${name} is no operator`);
  const { test, negated = false } = operator;
  const holdsFor = (value: string) => wanted.some((one) => test(value, one)) !== negated;
  if (given === undefined || given.length === 0) {
    if (set === 'ForAllValues') return true;
    if (set === 'ForAnyValue') return ifExists;
    return ifExists || negated;
  }
  return set === 'ForAnyValue' ? given.some(holdsFor) : given.every(holdsFor);
}
