import type { AutomatedBackup } from '../../state/things.ts';
import { arnOf } from '../arn.ts';
import type { Service } from '../service.ts';

/** Keeps copies of other Regions' automated backups up to date, in rounds of which never two are under way. */
export class Replication {
  #round: 'none' | 'running' | 'running, another wanted' = 'none';

  /** Begins a round, or has another follow the one under way. */
  soon(service: Service): void {
    if (this.#round !== 'none') {
      this.#round = 'running, another wanted';
      return;
    }
    this.#round = 'running';
    service.work.begin(
      undefined,
      () => bringAllUpToDate(service),
      // A copy that could not be made is tried again in the next round.
      () => {},
      () => {
        const another = this.#round === 'running, another wanted';
        this.#round = 'none';
        if (another && !service.work.signal.aborted) this.soon(service);
      },
    );
  }
}

async function bringAllUpToDate(service: Service): Promise<void> {
  for (const copy of service.state.automatedBackups.all()) {
    service.work.signal.throwIfAborted();
    // One that fails does not keep the others waiting.
    await bringUpToDate(service, copy).catch(() => {});
  }
}

/** Base backups that the copy lacks, then the archive. */
async function bringUpToDate(service: Service, copy: AutomatedBackup): Promise<void> {
  const { state, engine, backups, work } = service;
  if (!copy.replicates) return;
  const from = state.automatedBackups.get(copy.replicates, copy.name);
  if (!from || service.isDown(from.region) || service.isDown(copy.region)) return;
  if (copy.status === 'pending')
    await service.pace.hold({ arn: backupArn(copy), status: 'pending' }, work.signal);
  for (const folder of from.bases.filter((one) => !copy.sources?.includes(one))) {
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
      bases: [...current.bases, target],
      sources: [...(current.sources ?? []), folder],
    });
  }
  await engine.copyArchive(from.archive, copy.archive);
  // Also where an earlier replication had copied every base backup there is.
  const current = state.automatedBackups.get(copy, copy.name);
  if (current?.replicates && current.bases.length > 0)
    state.automatedBackups.put({ ...current, status: 'replicating' });
}

export const sourceArn = ({ shown }: AutomatedBackup) => shown.DBInstanceArn ?? '';

export const backupArn = (copy: AutomatedBackup) =>
  copy.shown.DBInstanceAutomatedBackupsArn ?? arnOf(copy, 'auto-backup', copy.name);
