import type { AutomatedBackup } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import type { Service } from '../service.ts';

/** Brings a copy of another Region's automated backup up to date: base backups that it lacks, then the archive. */
export async function bringUpToDate(service: Service, copy: AutomatedBackup): Promise<void> {
  const { state, engine, backups, work } = service;
  if (!copy.replicates) return;
  const from = state.automatedBackups.get(copy.replicates, copy.name);
  if (!from) return;
  for (const folder of from.bases.filter((one) => !copiedFrom(copy).includes(one))) {
    const target = backups.next();
    const release = backups.lease(folder);
    try {
      await engine.copyBackup(await engine.readBackup(folder), target, work.signal);
    } finally {
      release();
    }
    const current = state.automatedBackups.get(copy, copy.name);
    if (!current?.replicates) return backups.delete(target);
    state.automatedBackups.put({
      ...current,
      status: 'replicating',
      bases: [...current.bases, target],
      sources: [...copiedFrom(current), folder],
    });
  }
  await engine.copyArchive(from.archive, copy.archive);
}

const copiedFrom = ({ sources = [] }: AutomatedBackup) => sources;

/** Brings all copies up to date, one after the other; one that cannot be is tried again the next time. */
export async function bringAllUpToDate(service: Service): Promise<void> {
  for (const copy of service.state.automatedBackups.all()) {
    if (service.work.signal.aborted) return;
    await bringUpToDate(service, copy).catch(() => {});
  }
}

export const sourceArn = ({ shown }: AutomatedBackup) => shown.DBInstanceArn ?? '';

export const backupArn = (copy: AutomatedBackup) =>
  copy.shown.DBInstanceAutomatedBackupsArn ?? arnOf(copy, 'auto-backup', copy.name);
