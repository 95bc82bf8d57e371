import type { Requested } from '../../backup/rds-request.ts';
import type { InstanceSettings } from '../../backup/rds-snapshot/instance-settings.ts';

/** An RDS instance as RDS describes it. */
export interface StoredInstance {
  readonly name: string;
  readonly arn: string;
  /** `available`, `creating`, `deleting`, or another word of RDS. */
  readonly status: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Null until the instance has one. */
  readonly address: { readonly host: string; readonly port: number } | null;
  /** The database that the instance was first created with; null if it was created without. */
  readonly database: string | null;
  /** The secret in which RDS keeps the master password; null while RDS does not manage it, or prepares the secret. */
  readonly masterSecret: string | null;
  /** True from the request on, also while RDS prepares the secret. */
  readonly managesPassword: boolean;
  /** The name of the master user. */
  readonly masterUser: string;
  /** Whether it cannot be deleted before somebody allows it. */
  readonly isProtected: boolean;
  readonly settings: InstanceSettings;
}

/** What a new instance shall be. What is absent is as the source had it, or as RDS has it by default. */
export interface NewInstance {
  /** At most 63 letters, digits and hyphens, in lower case. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly class?: string | undefined;
  readonly subnetGroup?: string | undefined;
  readonly securityGroups: readonly string[];
  readonly parameterGroup?: string | undefined;
  readonly optionGroup?: string | undefined;
  readonly deletionProtection: boolean;
  /** For how many days RDS keeps automated backups of it; 0 for none. */
  readonly backupDays: number;
  readonly multiAz: boolean;
  readonly minorUpgrades: boolean;
  /** Whether snapshots of it get its tags. */
  readonly copiesTags: boolean;
}

/**
 * What an instance is made from: a snapshot, a moment, or nothing. How a recovery point becomes an instance is known here, and nowhere
 * else.
 */
export interface InstanceOrigin {
  /** In words, for messages: `snapshot "nightly"`. */
  readonly named: string;
  /** What the source was like at that moment; null if that was not recorded. */
  readonly settings: InstanceSettings | null;
  /**
   * Asks RDS for the instance and returns at once. An instance of that name may have existed before: the next look tells whose
   * it is.
   *
   * @throws OriginMissing, InstanceRefused, InstanceKeyUnusable
   */
  restore(into: NewInstance): Promise<Requested>;
}

/** The instances of one Region. */
export interface Instances {
  readonly region: string;
  /** Null if there is no instance of that name. */
  find(name: string): Promise<StoredInstance | null>;
  /** Every instance whose name begins with the prefix, in order of name. */
  list(prefix: string): Promise<StoredInstance[]>;
  /**
   * Lets RDS make a master password of its own and keep it in Secrets Manager. A restored instance has the password of its
   * source until then.
   *
   * @param key KMS key of the secret; that of Secrets Manager if absent
   */
  managePassword(name: string, key?: string): Promise<Requested>;
  /** Adds tags to an instance, or replaces their values. */
  tag(arn: string, tags: Readonly<Record<string, string>>): Promise<Requested>;
  /** Takes tags away. Those that it does not have are success. */
  untag(arn: string, keys: readonly string[]): Promise<Requested>;
  /**
   * Gives an instance another name, and protects it from deletion, in one request: RDS does both or neither. It is restarted, and
   * has another address afterwards. If the new name is taken, nothing happens: the next look tells.
   */
  renameAndProtect(name: string, to: string): Promise<Requested>;
  /** Sets the master password, which RDS manages no longer. */
  setPassword(name: string, password: string): Promise<Requested>;
  /** Deletes an instance without a final snapshot, and its automated backups. A missing instance is success. */
  delete(name: string): Promise<Requested>;
}
