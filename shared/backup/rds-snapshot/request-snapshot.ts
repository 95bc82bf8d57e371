import { type Requested, requested } from '../rds-request.ts';
import { SnapshotKeyUnusable } from './snapshot-errors.ts';

/** Asks RDS for a snapshot or a copy of one. @param key the key that the plan names; null where it is the source's own @throws SnapshotKeyUnusable */
export function requestSnapshot(
  region: string,
  key: string | null,
  request: () => Promise<unknown>,
): Promise<Requested> {
  return requested(region, request, {
    begun: /^DB(?:Cluster)?SnapshotAlreadyExists/,
    quota: /^SnapshotQuotaExceeded/,
    quotaOf: 'snapshots',
    keyUnusable: (words) =>
      new SnapshotKeyUnusable(
        `${key ? `KMS key "${key}"` : 'the KMS key of the source'} cannot be used in ${region}: ${words}`,
        { hint: 'create or enable the key in that Region, and let the role of take-snapshot use it' },
      ),
  });
}

/** Tags as RDS takes them. */
export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
