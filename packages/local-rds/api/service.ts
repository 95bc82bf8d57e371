import type { Engine } from '../engine/engine.ts';
import { Fault } from '../protocol/fault.ts';
import type { ServiceModel } from '../protocol/service-model.ts';
import type { Scope } from '../state/collection.ts';
import type { State } from '../state/state.ts';
import type { Authorize } from './authorize.ts';
import type { Replication } from './automated-backups/replicate.ts';
import type { Keys } from './keys.ts';
import type { LongWork } from './long-work.ts';
import type { Pace } from './pace.ts';
import type { Quotas } from './quotas.ts';
import type { Secrets } from './secrets.ts';
import type { BackupFolders } from './snapshots/backup-folders.ts';

/** What every action works with. */
export interface Service {
  readonly model: ServiceModel;
  readonly engine: Engine;
  readonly engineVersion: string;
  readonly state: State;
  readonly backups: BackupFolders;
  /** Where copies of other Regions' archives lie. */
  readonly archiveCopies: string;
  readonly replication: Replication;
  readonly work: LongWork;
  readonly pace: Pace;
  readonly keys: Keys;
  /** Undefined where nothing keeps secrets: RDS then manages no passwords. */
  readonly secrets: Secrets | undefined;
  readonly authorize: Authorize;
  readonly quotas: Quotas;
  readonly clock: () => Date;
  /** Whether a whole Region is gone just now. */
  readonly isDown: (region: string) => boolean;
}

/** Throws ServiceUnavailable when an operation needs a Region that is gone. */
export function requireUp(service: Service, region: string): void {
  if (service.isDown(region))
    throw new Fault('ServiceUnavailable', `The Region ${region} does not answer. Try again when it does.`);
}

/** One request: who calls, where, and what there is to work with. */
export interface Call extends Scope {
  readonly accessKey: string;
  readonly service: Service;
}
