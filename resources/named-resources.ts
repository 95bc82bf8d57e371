import { NotDeployable } from './not-deployable.ts';

/**
 * The logical id of a resource that is named after something in the plan.
 *
 * @example logicalId('audit-log-heartbeat') // AuditLogHeartbeat
 */
export function logicalId(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** @example camelCase('copy-database') // copyDatabase */
export function camelCase(name: string): string {
  const id = logicalId(name);
  return id.charAt(0).toLowerCase() + id.slice(1);
}

/**
 * Resources by their logical ids. Two names can share one id: database "a-b" with backup "c", database "a" with backup
 * "b-c"; replays "a-1" and "a1".
 *
 * @throws NotDeployable if two resources would be one
 */
export function resourcesById(
  kind: string,
  resources: readonly (readonly [string, object])[],
): Record<string, object> {
  const byId: Record<string, object> = {};
  for (const [id, resource] of resources) {
    if (Object.hasOwn(byId, id))
      throw new NotDeployable(`two ${kind} of the plan would be one resource, ${id}: rename one`);
    byId[id] = resource;
  }
  return byId;
}
