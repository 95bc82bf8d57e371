import type { DBInstance } from '@aws-sdk/client-rds';
import type { Cluster } from '../../engine/engine.ts';
import { Fault } from '../../protocol/fault.ts';
import type { Stored } from '../../state/collection.ts';
import type { Instance, InstanceStatus, InstanceWork } from '../../state/things.ts';
import { arnOf, parseArn } from '../arn.ts';
import { instanceEvent } from '../events.ts';
import { type Call, requireUp, type Service } from '../service.ts';

/** The instance that a request names, by name or ARN, in the request's Region. Throws DBInstanceNotFoundFault. */
export function instanceNamed(call: Call, identifier: string | undefined): Instance {
  const arn = parseArn(identifier ?? '');
  const here = !arn || (arn.kind === 'db' && arn.account === call.account && arn.region === call.region);
  const name = (arn?.name ?? identifier ?? '').toLowerCase();
  const found = here ? call.service.state.instances.get(call, name) : undefined;
  return found ?? noInstance(identifier);
}

/** The instance behind an ARN, in whichever Region it is. Throws DBInstanceNotFoundFault, ServiceUnavailable. */
export function instanceByArn(service: Service, text: string): Instance {
  const arn = parseArn(text);
  if (arn) requireUp(service, arn.region);
  const found = arn?.kind === 'db' ? service.state.instances.get(arn, arn.name) : undefined;
  return found ?? noInstance(text);
}

function noInstance(identifier: string | undefined): never {
  throw new Fault('DBInstanceNotFoundFault', `DBInstance ${identifier} not found.`);
}

export const instanceArn = (instance: Stored) => arnOf(instance, 'db', instance.name);

export const clusterOf = (service: Service, instance: Instance): Promise<Cluster> =>
  service.engine.open(instance.cluster);

/** Undefined where the cluster is not made yet, or gone already. */
export async function clusterIfThere(service: Service, instance: Instance): Promise<Cluster | undefined> {
  return clusterOf(service, instance).catch((error: Error) => {
    if (error.name !== 'ClusterNotFound') throw error;
    return undefined;
  });
}

type Change = Partial<Omit<Instance, 'shown' | keyof Stored>> & { readonly shown?: Partial<DBInstance> };

/** Changes what is stored of an instance as it is now, not as the caller read it some time ago. */
export function change(service: Service, { account, region, name }: Stored, changed: Change): Instance {
  const { instances } = service.state;
  const current = instances.get({ account, region }, name);
  if (!current) throw new Error(`The instance ${name} is gone.`);
  return instances.put({ ...current, ...changed, shown: { ...current.shown, ...changed.shown } });
}

/** Throws InvalidDBInstanceStateFault unless the instance is in one of these states. */
export function requireStatus(
  instance: Instance,
  allowed: readonly InstanceStatus[],
  message?: string,
): void {
  if (allowed.includes(instance.status)) return;
  throw new Fault(
    'InvalidDBInstanceStateFault',
    message ?? `Instance ${instance.name} is not in ${allowed.join(' or ')} state: it is ${instance.status}.`,
  );
}

/** Why an instance is `storage-full` that has room itself. */
export const HOST_DISK_FULL = 'The disk of this machine is full.';

/** A long operation on an instance. */
export interface InstanceOperation {
  readonly work: InstanceWork;
  readonly status: InstanceStatus;
  readonly run: (signal: AbortSignal) => Promise<void>;
  /** What becomes of the instance when the operation fails; `failed` unless told. */
  readonly failed?: (error: Error) => void;
  /** Called at every end, also when the program stops. */
  readonly ended?: () => void;
}

/** Puts an instance into a state, on disk too, and begins the work that takes it out of it again. */
export function beginOperation(service: Service, instance: Instance, operation: InstanceOperation): Instance {
  const entered = change(service, instance, { status: operation.status, work: operation.work });
  resumeOperation(service, entered, operation);
  return entered;
}

/** As `beginOperation`, for an instance that is in that state already. */
export function resumeOperation(service: Service, instance: Instance, operation: InstanceOperation): void {
  const state = { arn: instanceArn(instance), status: operation.status };
  service.work.begin(
    instance.region,
    async (signal) => {
      await service.pace.hold(state, signal);
      await operation.run(signal);
    },
    operation.failed ?? ((error) => instanceFailed(service, instance, error)),
    operation.ended,
  );
}

/** The end of an instance that cannot be used: it can only be deleted. */
export function instanceFailed(
  service: Service,
  instance: Stored,
  error: Error,
  status: 'failed' | 'incompatible-restore' = 'failed',
): void {
  change(service, instance, { status, work: undefined, reason: error.message });
  instanceEvent(service, instance, 'failure', `The DB instance is in state ${status}: ${error.message}`);
}
