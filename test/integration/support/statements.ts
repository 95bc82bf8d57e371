import type { TemplateResource } from './packaged.ts';

/** What one statement of a role allows. Resources as JSON text, because most are references. */
export interface Statement {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Every Allow of every role of a template. */
export function statementsOf(resources: Readonly<Record<string, TemplateResource>>): Statement[] {
  const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
  return Object.entries(resources)
    .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
    .flatMap(([role, { Properties }]) =>
      list(Properties.Policies ?? []).flatMap(({ PolicyDocument }) =>
        list(PolicyDocument.Statement)
          .filter(({ Effect }) => Effect === 'Allow')
          .map(({ Action, Resource }) => ({
            role,
            actions: list<string>(Action),
            resources: list<unknown>(Resource).map((resource) => JSON.stringify(resource)),
          })),
      ),
    );
}
