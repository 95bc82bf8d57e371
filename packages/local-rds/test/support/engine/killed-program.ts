import { existsSync } from 'node:fs';
import { openEngine } from '../../../engine/open-engine.ts';

/**
 * A program that begins one long operation and is killed in the middle of it: at the very moment when a file or folder appears
 * that the operation makes on its way, or goes. Arguments: the engine's folder, the operation, the sign. It looks for the sign between
 * any two steps of the operation, so nothing is left to chance.
 */
const [folder = '', operation = '', sign = ''] = process.argv.slice(2);
const base = `${folder}-base`;
const engine = await openEngine({ folder });
const source = await engine.open('source');
await source.start();
const from = await engine.readBackup(base);

const gone = sign.startsWith('-');
const file = gone ? sign.slice(1) : sign;
const look = () => {
  if (existsSync(file) !== gone) process.kill(process.pid, 'SIGKILL');
  setImmediate(look);
};

const operations: Record<string, () => Promise<unknown>> = {
  create: () => engine.createCluster({ id: 'new', master: { user: 'postgres', password: 'secret' } }),
  backup: () => source.baseBackup({ folder: `${folder}-new` }),
  copy: () => engine.copyBackup(from, `${folder}-new`),
  'delete-backup': () => engine.deleteBackup(from),
  restore: () => engine.restoreFromBackup({ id: 'new', from }),
  'point-in-time': () =>
    engine.restoreToPointInTime({ id: 'new', from, archive: source.archive.folder, target: 'latest' }),
  replica: () => engine.createReplica({ id: 'new', source }),
  promote: async () => {
    const replica = await engine.createReplica({ id: 'promoted', source });
    setImmediate(look);
    await replica.replica?.promote();
  },
  archive: async () => {
    for (;;) await source.archive.advance();
  },
  delete: () => source.delete(),
};
if (operation !== 'promote') setImmediate(look);
await operations[operation]?.();
throw new Error(`"${operation}" ended before ${sign} was seen`);
