import { isDeepStrictEqual } from 'node:util';

/** A resource of a template. */
export interface TemplateResource {
  readonly Type: string;
  readonly [property: string]: unknown;
}
export type Resources = Readonly<Record<string, TemplateResource>>;

export interface NamedResource {
  readonly id: string;
  readonly type: string;
}

/** How a stack would change. Code is not compared: it is deployed each time. */
export interface Changes {
  /** Nothing is deployed yet. */
  readonly isNew: boolean;
  readonly added: readonly NamedResource[];
  readonly changed: readonly NamedResource[];
  readonly removed: readonly NamedResource[];
  /** Another type under the same logical id, which CloudFormation refuses in the middle of a deployment. */
  readonly retyped: readonly (NamedResource & { readonly before: string })[];
}

/** Compares what is deployed with what would be. @param before null where there is no stack */
export function changesOf(before: Resources | null, after: Resources): Changes {
  const deployed = before ?? {};
  const ids = Object.keys(after);
  const named = (id: string, from: Resources = after): NamedResource => ({ id, type: from[id]?.Type ?? '' });
  const known = ids.filter((id) => id in deployed);
  const isRetyped = (id: string) => deployed[id]?.Type !== after[id]?.Type;
  return {
    isNew: before === null,
    added: ids.filter((id) => !(id in deployed)).map((id) => named(id)),
    changed: known
      .filter((id) => !isRetyped(id) && !isDeepStrictEqual(withoutCode(deployed[id]), withoutCode(after[id])))
      .map((id) => named(id)),
    removed: Object.keys(deployed)
      .filter((id) => !(id in after))
      .map((id) => named(id, deployed)),
    retyped: known.filter(isRetyped).map((id) => ({ ...named(id), before: deployed[id]?.Type ?? '' })),
  };
}

/** osls uploads the code of a function to a key with the time of the deployment. */
function withoutCode(resource: TemplateResource | undefined): unknown {
  if (resource?.Type !== 'AWS::Lambda::Function') return resource;
  const { Code: _, ...properties } = resource.Properties as Record<string, unknown>;
  return { ...resource, Properties: properties };
}
