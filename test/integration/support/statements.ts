import type { TemplateResource } from './packaged.ts';

/** The permissions of one statement of a role. Resources are JSON text, because most are references. */
export interface Statement {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Every Allow of every role in a template, including those of separate policies attached to the role. */
export function statementsOf(resources: Readonly<Record<string, TemplateResource>>): Statement[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Role')
      return list(Properties.Policies ?? []).flatMap(({ PolicyDocument }) => allowed(id, PolicyDocument));
    if (Type === 'AWS::IAM::Policy')
      return list<{ Ref: string }>(Properties.Roles).flatMap(({ Ref }) =>
        allowed(Ref, Properties.PolicyDocument),
      );
    return [];
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a policy document
function allowed(role: string, document: any): Statement[] {
  return list(document.Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Action, Resource }) => ({
      role,
      actions: list<string>(Action),
      resources: list<unknown>(Resource).map((resource) => JSON.stringify(resource)),
    }));
}

// biome-ignore lint/suspicious/noExplicitAny: one or many of whatever stands there
function list<T = any>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}
