import type { LifeboatError } from '../../errors/lifeboat-error.ts';
import type { RdsSource } from '../../plan/lookup.ts';
import {
  InstanceMissing,
  InstanceStopped,
  InstanceStorageFull,
  InstanceUnencrypted,
  InstanceUnusable,
} from './snapshot-errors.ts';
import type { SnapshotSource } from './snapshots.ts';

/**
 * RDS takes snapshots of an instance or a cluster in these states.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html
 */
const READY = ['available', 'storage-optimization'];

/**
 * States from which an instance or a cluster comes back by itself.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Aurora.Status
 */
const PASSING =
  /^(?:backing-up|creating|starting|modifying|rebooting|renaming|maintenance|upgrading|configuring-.+|resetting-master-credentials|moving-to-vpc|converting-to-vpc|storage-initialization|storage-config-upgrade|delete-precheck|backtracking|failing-over|migrating|promoting|update-iam-db-auth)$/;

/** Whether RDS works with an instance as usual. */
export function isReady(status: string): boolean {
  return READY.includes(status);
}

/** Whether an instance comes back by itself. */
export function isComingBack(status: string): boolean {
  return PASSING.test(status);
}

/** Whether a snapshot can be taken now; else what it waits for, or why it never will. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly because: string }
  | { readonly kind: 'impossible'; readonly error: LifeboatError };

/** Decides by the state of an instance whether a snapshot of it can be taken. */
export function readinessOf({ kind, name }: RdsSource, source: SnapshotSource | null): Readiness {
  const [what, events] =
    kind === 'instance'
      ? (['RDS instance', 'db-instance'] as const)
      : (['Aurora cluster', 'db-cluster'] as const);
  const impossible = (error: LifeboatError): Readiness => ({ kind: 'impossible', error });
  if (source === null)
    return impossible(
      new InstanceMissing(`there is no ${what} "${name}" in this account and Region`, {
        hint: `put its identifier into databases.<name>.rds.${kind} of the plan, and deploy`,
      }),
    );
  const { status, encrypted } = source;
  if (!encrypted)
    return impossible(
      new InstanceUnencrypted(`${what} "${name}" is not encrypted, and so its snapshots would not be`, {
        hint: 'restore it from a snapshot that was copied under a KMS key, and use that instance',
      }),
    );
  if (isReady(status)) return { kind: 'ready' };
  if (isComingBack(status)) return { kind: 'waiting', because: `${kind} "${name}" is ${status}` };
  if (/^stopp/.test(status))
    return impossible(
      new InstanceStopped(`${what} "${name}" is ${status}: RDS takes no snapshot of it`, {
        hint: `start it: aws rds start-${events}`,
      }),
    );
  if (status === 'storage-full')
    return impossible(
      new InstanceStorageFull(`${what} "${name}" has no storage left: RDS takes no snapshot of it`, {
        hint: 'raise its AllocatedStorage, or switch storage autoscaling on',
      }),
    );
  return impossible(
    new InstanceUnusable(`${what} "${name}" is ${status}: RDS takes no snapshot of it`, {
      hint: `look at its events: aws rds describe-events --source-type ${events}`,
    }),
  );
}
