import type { Requested } from '../rds-request.ts';

/** Every moment from the earliest to the latest can be restored. */
export interface RestorableWindow {
  readonly earliest: Date;
  readonly latest: Date;
}

/** The automated backups of one instance as RDS describes them, in one Region. */
export interface AutomatedBackups {
  /** `active`, `replicating`, `creating`, `retained`, or another word of RDS. Nothing is added to retained ones. */
  readonly status: string;
  /** Tells the instance from another one that had the same name before. */
  readonly resourceId: string;
  /** Their own ARN, in the Region where they are. */
  readonly arn: string;
  readonly retentionDays: number;
  /** Null while there is nothing to restore from. */
  readonly window: RestorableWindow | null;
  /** The ARN of their KMS key; null if they are not encrypted. */
  readonly key: string | null;
}

/** An instance, as far as its automated backups depend on it. */
export interface BackedUpInstance {
  readonly status: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly encrypted: boolean;
  /** 0: automated backups are off. */
  readonly retentionDays: number;
  /** `LatestRestorableTime`; null before the first backup is complete. */
  readonly latest: Date | null;
}

/** The automated backups of one instance in one Region. */
export interface RegionAutomatedBackups {
  readonly region: string;
  /** Those of the present instance, else those that RDS retains of a deleted one; null if there are none. */
  find(): Promise<AutomatedBackups | null>;
}

/** In the Region of the instance itself. */
export interface SourceAutomatedBackups extends RegionAutomatedBackups {
  /** Null if there is no such instance. */
  instance(): Promise<BackedUpInstance | null>;
}

/** In the other Region. There is no way here to stop the replication. */
export interface CopiedAutomatedBackups extends RegionAutomatedBackups {
  /** Begins the replication, under this Region's key. @throws ReplicationKeyUnusable */
  start(instanceArn: string, retentionDays: number): Promise<Requested>;
}

/** Where the automated backups of an instance are. */
export interface AutomatedBackupsRegions {
  readonly primary: SourceAutomatedBackups;
  /** Null where the plan wants no copies. */
  readonly standby: CopiedAutomatedBackups | null;
}
