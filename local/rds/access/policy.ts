import { z } from 'zod';

/** One statement of an identity policy, with single values converted to lists. */
export interface Statement {
  readonly effect: 'Allow' | 'Deny';
  /** `not`: all but these. */
  readonly actions: { readonly not: boolean; readonly patterns: readonly string[] };
  readonly resources: { readonly not: boolean; readonly patterns: readonly string[] };
  readonly conditions: readonly Condition[];
}

/** One operator on one context key. */
export interface Condition {
  /** As written: `ForAllValues:StringEquals`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** A policy of a user or a role. */
export interface Policy {
  /** Its name, for messages. */
  readonly name: string;
  readonly statements: readonly Statement[];
}

/** A policy uses a feature that is not supported here. Ignoring it could allow what AWS denies. */
export class PolicyNotSupported extends Error {
  override readonly name = 'PolicyNotSupported';

  constructor(policy: string, what: string, expected: string) {
    super(`The policy "${policy}" has ${what}, which is not evaluated here. Expected: ${expected}.`);
  }
}

const text = z.union([z.string(), z.boolean(), z.number()]).transform(String);
const list = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((given) => (Array.isArray(given) ? given : [given]), z.array(item));

const statement = z
  .strictObject({
    Sid: z.string().optional(),
    Effect: z.enum(['Allow', 'Deny']),
    Action: list(z.string()).optional(),
    NotAction: list(z.string()).optional(),
    Resource: list(z.string()).optional(),
    NotResource: list(z.string()).optional(),
    Condition: z.record(z.string(), z.record(z.string(), list(text))).optional(),
  })
  .refine((one) => (one.Action === undefined) !== (one.NotAction === undefined), {
    error: 'either Action or NotAction',
  })
  .refine((one) => (one.Resource === undefined) !== (one.NotResource === undefined), {
    error: 'either Resource or NotResource',
  });

const document = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: list(statement),
});

/**
 * Reads an identity policy (IAM User Guide, "Grammar of the IAM JSON policy language"). Throws PolicyNotSupported for every element
 * that is unsupported here.
 */
export function parsePolicy(name: string, json: string): Policy {
  const parsed = document.safeParse(JSON.parse(json));
  if (!parsed.success)
    throw new PolicyNotSupported(
      name,
      `an element that is unknown or out of place (${flat(parsed.error)})`,
      'an identity policy',
    );
  return { name, statements: parsed.data.Statement.map(statementOf) };
}

function statementOf(one: z.output<typeof statement>): Statement {
  const conditions = Object.entries(one.Condition ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => ({ operator, key, values })),
  );
  return {
    effect: one.Effect,
    actions: { not: one.NotAction !== undefined, patterns: one.NotAction ?? one.Action ?? [] },
    resources: { not: one.NotResource !== undefined, patterns: one.NotResource ?? one.Resource ?? [] },
    conditions,
  };
}

const flat = (error: z.ZodError) => z.prettifyError(error).replaceAll(/\s+/g, ' ').replaceAll('✖ ', '');
