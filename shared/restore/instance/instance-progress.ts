import type { LifeboatError } from '../../errors/lifeboat-error.ts';
import { InstanceNotRestorable, InstanceNotUsable } from './instance-errors.ts';
import type { StoredInstance } from './instances.ts';

/** Whether a new instance can be used now; else what it waits for, or why it never will. */
export type InstanceProgress =
  | { readonly kind: 'available' }
  | { readonly kind: 'waiting'; readonly because: string }
  | { readonly kind: 'impossible'; readonly error: LifeboatError };

/**
 * States that do not pass by themselves, each with its next step.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html#Overview.DBInstance.Status
 */
const FINAL: Readonly<Record<string, string>> = {
  failed: 'look at its events: aws rds describe-events --source-type db-instance',
  'incompatible-network':
    'look at its subnet group and security groups: a subnet without free addresses, or one that is gone',
  'incompatible-option-group': 'name an option group in the plan that fits the version of the engine',
  'incompatible-parameters': 'name a parameter group in the plan that fits the class of the instance',
  'incompatible-create': 'look at its events: aws rds describe-events --source-type db-instance',
  'inaccessible-encryption-credentials': 'enable the KMS key, and let RDS use it',
  'inaccessible-encryption-credentials-recoverable': 'enable the KMS key, and let RDS use it',
  'insufficient-capacity': 'name another class in the plan, or a subnet group with more Availability Zones',
  'storage-full': 'the source itself has no storage left: raise its AllocatedStorage',
  stopped: 'somebody stopped it; start the run again',
  stopping: 'somebody stopped it; start the run again',
};

/** RDS serves the instance in these states. */
const USABLE = ['available', 'storage-optimization', 'storage-initialization'];

/** Decides by the state of an instance that was asked for. @param origin what it is made from, in words */
export function progressOf({ name, status }: StoredInstance, origin: string): InstanceProgress {
  if (USABLE.includes(status)) return { kind: 'available' };
  if (status === 'incompatible-restore')
    return {
      kind: 'impossible',
      error: new InstanceNotRestorable(`RDS could not restore ${origin}: instance "${name}" is ${status}`, {
        hint: 'restore another recovery point, and look at the events: aws rds describe-events',
      }),
    };
  const hint = FINAL[status];
  if (hint !== undefined)
    return {
      kind: 'impossible',
      error: new InstanceNotUsable(`instance "${name}", made of ${origin}, is ${status}`, { hint }),
    };
  return { kind: 'waiting', because: status };
}
