import type {
  DBInstance,
  DBInstanceAutomatedBackup,
  DBParameterGroup,
  DBSnapshot,
  DBSubnetGroup,
  Tag,
} from '@aws-sdk/client-rds';
import type { Stored } from './collection.ts';

/*
 * What is stored. `shown` is the thing as the API describes it, in the shape of the service model; beside it stands only
 * what the API does not show.
 */

/** States an instance passes through here, by the names of RDS. */
export type InstanceStatus =
  | 'available'
  | 'backing-up'
  | 'creating'
  | 'deleting'
  | 'failed'
  | 'incompatible-restore'
  | 'modifying'
  | 'rebooting'
  | 'renaming'
  | 'resetting-master-credentials'
  | 'starting'
  | 'stopped'
  | 'stopping'
  | 'storage-full';

/**
 * The long operation that an instance is in. It is written down before the operation begins and removed when it has ended, so
 * that the next start of a killed program knows what was under way.
 */
export type InstanceWork =
  | { readonly kind: 'create' | 'restore' | 'create-replica' }
  | { readonly kind: 'back-up'; readonly snapshot: string }
  | { readonly kind: 'reboot' | 'start' | 'promote' }
  /** `all`: what waits for the maintenance window too. */
  | { readonly kind: 'modify'; readonly all: boolean }
  | { readonly kind: 'stop' }
  | { readonly kind: 'delete'; readonly finalSnapshot?: string; readonly keepAutomatedBackups: boolean };

export interface Instance extends Stored {
  /** Id of its cluster. */
  readonly cluster: string;
  readonly status: InstanceStatus;
  /** Why it is `failed` or `incompatible-restore`. */
  readonly reason?: string | undefined;
  readonly work?: InstanceWork | undefined;
  readonly shown: DBInstance;
  /** The port that was asked for; of an instance that has its endpoint the port is there. */
  readonly port?: number | undefined;
  /** Parameters that were given to PostgreSQL at its last start, or since then at once. */
  readonly applied: Readonly<Record<string, string>>;
  /**
   * Of a replica: the ARN of its source, which may be in another Region; and why it follows no more. `promote`: its source was
   * deleted while something was under way here, and it is promoted when that has ended.
   */
  readonly follows?:
    | { readonly source: string; readonly ended?: string; readonly promote?: boolean }
    | undefined;
}

export const keptOfInstance = [
  'AutoMinorVersionUpgrade',
  'BackupRetentionPeriod',
  'DBInstanceClass',
  'DBName',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
] as const;

export type SnapshotStatus = 'creating' | 'available' | 'deleting' | 'failed';

export interface Snapshot extends Stored {
  readonly status: SnapshotStatus;
  readonly reason?: string | undefined;
  /** Whether it is being copied from another; only those count as copies in flight. */
  readonly copying?: boolean | undefined;
  /** Where its base backup is. */
  readonly folder: string;
  /** Of the instance that it was taken of, what the snapshot does not show and a restore takes over. */
  readonly of: Pick<DBInstance, (typeof keptOfInstance)[number]>;
  /** Accounts that may restore it, or `all`. */
  readonly restorableBy: readonly string[];
  readonly shown: DBSnapshot;
}

/** The base backups and the WAL from which an instance is restored to a point in time. Its name is the instance's resource id. */
export interface AutomatedBackup extends Stored {
  readonly status: 'pending' | 'active' | 'retained' | 'replicating';
  readonly of: Snapshot['of'];
  readonly cluster: string;
  readonly archive: string;
  /** Whether the archive is a copy of its own, in another Region than the cluster. */
  readonly copied?: boolean | undefined;
  /** Folders of base backups, the oldest first. */
  readonly bases: readonly string[];
  /** Of a copy: which base backups of its source it has. */
  readonly sources?: readonly string[];
  /** Of a copy of another Region's: where it comes from, as long as it is being brought up to date. */
  readonly replicates?: { readonly account: string; readonly region: string } | undefined;
  readonly shown: DBInstanceAutomatedBackup;
}

export interface SubnetGroup extends Stored {
  readonly tags: readonly Tag[];
  readonly shown: DBSubnetGroup;
}

/** How a changed parameter takes effect. */
export type ApplyMethod = 'immediate' | 'pending-reboot';

export interface ParameterGroup extends Stored {
  readonly tags: readonly Tag[];
  /** Those that differ from the default. */
  readonly values: Readonly<Record<string, { readonly value: string; readonly method: ApplyMethod }>>;
  readonly shown: DBParameterGroup;
}
