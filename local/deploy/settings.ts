import { type References, resolve, type TemplateResource } from './template.ts';

/** A property of a resource type that a deployment to MiniStack may lose. */
export interface Setting {
  readonly type: string;
  readonly property: string;
  /** Sets it through the service's own API; absent where that would mean nothing here. */
  readonly apply?: (physicalId: string, wanted: unknown) => Promise<unknown>;
  /** What the service now says, or nothing (or an error) when it was never set. */
  readonly observe: (physicalId: string) => Promise<unknown>;
}

/**
 * Brings the deployed resources to what the template says, where CloudFormation left that out, and returns what is
 * ignored all the same, as `Type.Property (logical ids)`.
 */
export async function applySettings(
  settings: readonly Setting[],
  resources: readonly TemplateResource[],
  references: References,
): Promise<string[]> {
  const lost = await Promise.all(settings.map((setting) => settle(setting, resources, references)));
  return lost.filter((line) => line !== undefined);
}

async function settle(
  { type, property, apply, observe }: Setting,
  resources: readonly TemplateResource[],
  references: References,
): Promise<string | undefined> {
  const lost: string[] = [];
  for (const { logicalId, properties, ...resource } of resources) {
    if (resource.type !== type || properties[property] === undefined) continue;
    const physicalId = references.physicalIds.get(logicalId);
    if (physicalId === undefined) continue; // its condition was false
    await apply?.(physicalId, resolve(properties[property], references));
    // "There is no such configuration" is an error with a name of its own for each of these.
    const observed = await observe(physicalId).catch(() => undefined);
    if (observed === undefined) lost.push(logicalId);
  }
  return lost.length > 0 ? `${type}.${property} (${lost.join(', ')})` : undefined;
}
