import type { Requested } from '../rds-request.ts';
import type { InstanceSettings } from './instance-settings.ts';

/** A snapshot as RDS describes it, in one Region. */
export interface StoredSnapshot {
  /** The same in both Regions. */
  readonly name: string;
  readonly arn: string;
  /** `manual` if a person or a program took it, `automated` if RDS did, `awsbackup` if AWS Backup did. */
  readonly type: string;
  /** `available`, `creating`, `copying`, `failed`, or another word of RDS. */
  readonly status: string;
  /** The moment it shows; null while RDS has not begun. A copy shows the moment of its original. */
  readonly takenAt: Date | null;
  readonly percent: number;
  readonly encrypted: boolean;
  /** The ARN of its KMS key; null if it is not encrypted. */
  readonly key: string | null;
  readonly gibibytes: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** The database that snapshots are taken of. */
export interface SnapshotSource {
  readonly status: string;
  readonly encrypted: boolean;
  /** Null of a cluster: its instances have them. */
  readonly settings: InstanceSettings | null;
}

/** The snapshots of one database in one Region. */
export interface RegionSnapshots {
  readonly region: string;
  /** Every snapshot that was taken by hand or by a program, in no order. RDS's own automated ones are not among them. */
  list(): Promise<StoredSnapshot[]>;
  /** Every snapshot, also those that RDS and AWS Backup took by themselves, in no order. */
  listAll(): Promise<StoredSnapshot[]>;
  /** Null if there is no snapshot of that name. */
  find(name: string): Promise<StoredSnapshot | null>;
  /** Deletes a snapshot; nothing happens if it is gone. */
  delete(name: string): Promise<void>;
}

/** The Region of the database itself, where snapshots are taken. */
export interface SourceSnapshots extends RegionSnapshots {
  /** Null if there is no such database. */
  source(): Promise<SnapshotSource | null>;
  /** @throws SnapshotKeyUnusable */
  create(name: string, tags: Readonly<Record<string, string>>): Promise<Requested>;
}

/** The other Region, to which snapshots are copied. */
export interface CopiedSnapshots extends RegionSnapshots {
  /** Copies a snapshot of the source's Region, under this Region's key. @throws SnapshotKeyUnusable */
  copy(original: StoredSnapshot, tags: Readonly<Record<string, string>>): Promise<Requested>;
}

/** Where the snapshots of a backup are. */
export interface SnapshotRegions {
  readonly primary: SourceSnapshots;
  /** Null where the plan wants no copy. */
  readonly standby: CopiedSnapshots | null;
}
