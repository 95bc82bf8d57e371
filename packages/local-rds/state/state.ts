import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Collection } from './collection.ts';
import { reserveRoom } from './disk-full.ts';
import { EventLog } from './event-log.ts';
import type { AutomatedBackup, Instance, ParameterGroup, Snapshot, SubnetGroup } from './things.ts';

/** All that the service knows, on disk and in memory. Clusters and backups themselves lie elsewhere. */
export interface State {
  readonly instances: Collection<Instance>;
  readonly snapshots: Collection<Snapshot>;
  readonly automatedBackups: Collection<AutomatedBackup>;
  readonly subnetGroups: Collection<SubnetGroup>;
  readonly parameterGroups: Collection<ParameterGroup>;
  readonly events: EventLog;
}

/** Reads the state in a folder, or begins one. Throws StateDamaged. */
export function openState(folder: string, now: Date): State {
  const at = (kind: string) => path.join(folder, kind);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  reserveRoom(folder);
  return {
    instances: new Collection<Instance>(at('instances'), folder),
    snapshots: new Collection<Snapshot>(at('snapshots'), folder),
    automatedBackups: new Collection<AutomatedBackup>(at('automated-backups'), folder),
    subnetGroups: new Collection<SubnetGroup>(at('subnet-groups'), folder),
    parameterGroups: new Collection<ParameterGroup>(at('parameter-groups'), folder),
    events: new EventLog(at('events'), now),
  };
}
