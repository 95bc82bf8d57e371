import type {
  AutomatedBackups,
  AutomatedBackupsRegions,
  BackedUpInstance,
} from '../../../../shared/backup/rds-point-in-time/automated-backups.ts';
import type { Requested } from '../../../../shared/backup/rds-request.ts';

const KEY = {
  near: 'arn:aws:kms:eu-central-1:111122223333:key/near',
  far: 'arn:aws:kms:eu-west-1:111122223333:key/far',
};

/** RDS in memory, in two Regions. A test says what becomes of an instance and its automated backups. */
export function memoryAutomatedBackups(now: () => Date) {
  const ago = (minutes: number) => new Date(now().getTime() - minutes * 60_000);
  const window = () => ({ earliest: ago(7 * 24 * 60), latest: ago(4) });
  let instance: BackedUpInstance | null = {
    status: 'available',
    arn: 'arn:aws:rds:eu-central-1:111122223333:db:shop',
    resourceId: 'db-SHOP',
    encrypted: true,
    retentionDays: 7,
    latest: ago(4),
  };
  const kept = (key: string): AutomatedBackups => ({
    status: 'active',
    resourceId: 'db-SHOP',
    arn: 'arn:aws:rds:eu-central-1:111122223333:auto-backup:ab-shop',
    retentionDays: 7,
    window: window(),
    key,
  });
  let source: AutomatedBackups | null = kept(KEY.near);
  let copies: AutomatedBackups | null = null;
  let refusal: Requested | null = null;
  const started: number[] = [];
  const regions = {
    primary: { region: 'eu-central-1', instance: async () => instance, find: async () => source },
    standby: {
      region: 'eu-west-1',
      find: async () => copies,
      async start(_: string, retentionDays: number): Promise<Requested> {
        started.push(retentionDays);
        if (refusal) return refusal;
        copies = { ...kept(KEY.far), status: 'creating', retentionDays, window: null };
        return { kind: 'begun' };
      },
    },
  } satisfies AutomatedBackupsRegions;
  return {
    regions,
    /** The retention that each start of the replication asked for. */
    started,
    ago,
    instanceIs(difference: Partial<BackedUpInstance> | null) {
      instance = difference && instance && { ...instance, ...difference };
    },
    sourceIs(difference: Partial<AutomatedBackups> | null) {
      source = difference && { ...kept(KEY.near), ...difference };
    },
    copiesAre(difference: Partial<AutomatedBackups> | null) {
      copies = difference && { ...kept(KEY.far), status: 'replicating', ...difference };
    },
    /** RDS refuses to start what it is asked for next. */
    refuses(because: string) {
      refusal = { kind: 'refused', because };
    },
  };
}
