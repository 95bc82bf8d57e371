import { type References, resolve, type TemplateResource } from './template.ts';

/** A property of a resource type that a deployment to MiniStack may drop. */
export interface Setting {
  readonly type: string;
  readonly property: string;
  /** Sets it through the service's own API; absent where it has no meaning locally. */
  readonly apply?: (physicalId: string, wanted: unknown) => Promise<unknown>;
  /** The service's current value, or nothing (or an error) if it was never set. */
  readonly observe: (physicalId: string) => Promise<unknown>;
}

/**
 * Applies the template settings that CloudFormation dropped to the deployed resources. Returns those that remain
 * ignored, as `Type.Property (logical ids)`.
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
    // Each of these services has its own error name for "There is no such configuration".
    const observed = await observe(physicalId).catch(() => undefined);
    if (observed === undefined) lost.push(logicalId);
  }
  return lost.length > 0 ? `${type}.${property} (${lost.join(', ')})` : undefined;
}
