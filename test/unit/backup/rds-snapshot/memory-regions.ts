import type { Requested } from '../../../../shared/backup/rds-request.ts';
import type { InstanceSettings } from '../../../../shared/backup/rds-snapshot/instance-settings.ts';
import type {
  CopiedSnapshots,
  SnapshotSource,
  SourceSnapshots,
  StoredSnapshot,
} from '../../../../shared/backup/rds-snapshot/snapshots.ts';

/** What the source is like. */
export const sourceSettings: InstanceSettings = {
  class: 'db.r6g.large',
  storageType: 'gp3',
  gibibytes: 20,
  engineVersion: '18.1',
  parameterGroup: 'shop-18',
  optionGroup: 'default:postgres-18',
  subnetGroup: 'private',
  key: 'arn:aws:kms:eu-central-1:111122223333:key/1',
};

/** RDS in memory, in two Regions. Nothing becomes available by itself: a test says what RDS makes of what it was asked for. */
export function memoryRegions(now: () => Date) {
  const stored = { primary: new Map<string, StoredSnapshot>(), standby: new Map<string, StoredSnapshot>() };
  let source: SnapshotSource | null = { status: 'available', encrypted: true, settings: sourceSettings };
  let refusal: Requested | null = null;
  const requests: string[] = [];

  const region = (name: string, snapshots: Map<string, StoredSnapshot>) => ({
    region: name,
    list: async () => [...snapshots.values()].filter(({ type }) => type === 'manual'),
    listAll: async () => [...snapshots.values()],
    find: async (id: string) => snapshots.get(id) ?? null,
    delete: async (id: string) => void snapshots.delete(id),
  });
  const request = (
    where: string,
    snapshots: Map<string, StoredSnapshot>,
    made: StoredSnapshot,
  ): Requested => {
    requests.push(`${where} ${made.name}`);
    if (refusal) return refusal;
    if (!snapshots.has(made.name)) snapshots.set(made.name, made);
    return { kind: 'begun' };
  };
  const primary: SourceSnapshots = {
    ...region('eu-central-1', stored.primary),
    source: async () => source,
    create: async (name, tags) =>
      request('create', stored.primary, {
        name,
        tags,
        arn: `arn:aws:rds:eu-central-1:111122223333:snapshot:${name}`,
        type: 'manual',
        status: 'creating',
        takenAt: now(),
        percent: 0,
        encrypted: true,
        key: 'arn:aws:kms:eu-central-1:111122223333:key/near',
        gibibytes: 20,
      }),
  };
  const standby: CopiedSnapshots = {
    ...region('eu-west-1', stored.standby),
    copy: async (original, tags) =>
      request('copy', stored.standby, {
        ...original,
        tags,
        status: 'creating',
        key: 'arn:aws:kms:eu-west-1:111122223333:key/far',
      }),
  };
  return {
    regions: { primary, standby },
    stored,
    requests,
    sourceIs(next: Omit<SnapshotSource, 'settings'> | null) {
      source = next && { ...next, settings: sourceSettings };
    },
    /** RDS refuses what it is asked for next; null: it does it. */
    refuses(because: string | null) {
      refusal = because === null ? null : { kind: 'refused', because };
    },
    /** Everything that RDS works on in a Region ends like this. */
    settle(where: keyof typeof stored, status = 'available') {
      for (const [name, snapshot] of stored[where]) stored[where].set(name, { ...snapshot, status });
    },
  };
}
