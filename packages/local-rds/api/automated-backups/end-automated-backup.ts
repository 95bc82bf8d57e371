import { rm } from 'node:fs/promises';
import type { AutomatedBackup, Instance } from '../../state/things.ts';
import type { Service } from '../service.ts';

/** Base backups without which an archive is of no use. */
export function automatedBackupOf(service: Service, instance: Instance): AutomatedBackup | undefined {
  return service.state.automatedBackups.get(instance, instance.shown.DbiResourceId ?? '');
}

/** The end of an instance's automated backups; what was copied to other Regions stays, up to the last moment. */
export async function endAutomatedBackup(service: Service, instance: Instance): Promise<void> {
  await retainCopies(service, instance);
  const backup = automatedBackupOf(service, instance);
  if (backup) await removeAutomatedBackup(service, backup);
}

/** Brings copies in other Regions up to date for the last time: nothing will follow. */
export async function retainCopies(service: Service, instance: Instance): Promise<void> {
  const { state, engine } = service;
  const backup = automatedBackupOf(service, instance);
  for (const copy of state.automatedBackups.all()) {
    if (copy.name !== instance.shown.DbiResourceId || copy.replicates === undefined) continue;
    if (backup) await engine.copyArchive(backup.archive, copy.archive);
    state.automatedBackups.put({ ...copy, status: 'retained', replicates: undefined });
  }
}

/** Removes base backups, their snapshots, and the archive unless a cluster still writes to it. */
export async function removeAutomatedBackup(service: Service, backup: AutomatedBackup): Promise<void> {
  const { state } = service;
  const snapshots = state.snapshots
    .list(backup)
    .filter(({ shown }) => shown.SnapshotType === 'automated' && shown.DbiResourceId === backup.name);
  for (const snapshot of snapshots) state.snapshots.delete(snapshot);
  state.automatedBackups.delete(backup);
  for (const folder of new Set([...snapshots.map((snapshot) => snapshot.folder), ...backup.bases]))
    await service.backups.delete(folder);
  const written = (await service.engine.list()).includes(backup.cluster);
  if (backup.copied || !written) await rm(backup.archive, { recursive: true, force: true });
}
