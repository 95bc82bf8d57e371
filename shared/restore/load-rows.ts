import { BlockDamaged } from '../backup/logical/block.ts';
import type { Manifest, ManifestTable, TablePart } from '../backup/logical/manifest.ts';
import { RecoveryPointDamaged, readRows } from '../backup/logical/read-stored.ts';
import type { Loader, Restores, RowLoader } from '../database/engine.ts';
import { readable } from '../database/table.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { Vault } from '../vault/vault.ts';
import { asPgDump, loadOrder } from './load-order.ts';
import { asDamage } from './whose-fault.ts';

interface RowPorts {
  readonly vault: Vault;
  readonly restores: Pick<Restores, 'blame'>;
  readonly progress: ProgressReporter;
}

/** One part of a table, and why the database refused it at the last try. */
interface Task {
  readonly table: ManifestTable;
  readonly part: TablePart;
  readonly refusal?: unknown;
}

/**
 * Loads the rows of all tables, largest part first, so that the connections finish together. Tables that wait for others
 * follow one by one.
 *
 * A part that the database refuses is tried again once all others are there, because a check may read another table. Only
 * a part that is refused with everything else in place is blamed on the backup.
 *
 * @returns which tables were refused at first, in words
 * @throws RecoveryPointDamaged
 */
export async function loadRows(ports: RowPorts, loader: Loader, manifest: Manifest): Promise<string[]> {
  const { first, together, last } = loadOrder(manifest.tables);
  const tasksTotal = manifest.tables.flatMap(({ parts }) => parts).length;
  let doing = 'loading rows';
  let tasksDone = 0;
  let bytes = 0;
  const report = () => ports.progress.report({ doing, bytes, tasksDone, tasksTotal });
  const onBytes = (passed: number) => {
    bytes += passed;
    report();
  };

  /** Loads what it can and returns the tasks that were refused. */
  const load = async (tasks: readonly Task[]): Promise<Task[]> => {
    const refused: Task[] = [];
    await loader.share(tasks, async (connection, task) => {
      try {
        await loadPart(ports.vault, connection, manifest, task, onBytes);
        tasksDone += 1;
        report();
      } catch (refusal) {
        if (!mayPass(refusal, ports.restores))
          await asDamage(ports.restores, readable(task.table), Promise.reject(refusal));
        refused.push({ ...task, refusal });
      }
    });
    return refused;
  };

  const refused: Task[] = [];
  for (const table of first) refused.push(...(await load(tasksOf(table))));
  const largestFirst = together.flatMap(tasksOf).sort((a, b) => b.part.rawBytes - a.part.rawBytes);
  refused.push(...(await load(largestFirst)));
  for (const table of last) refused.push(...(await load(tasksOf(table))));

  const notices = [...new Set(refused.map(({ table }) => table))]
    .sort(asPgDump)
    .map(describeRefusal(refused, ports.restores));
  doing = 'loading rows that were refused before the others were there';
  let waiting = refused;
  while (waiting.length > 0) {
    const again: Task[] = [];
    for (const task of waiting.sort((a, b) => asPgDump(a.table, b.table) || a.part.part - b.part.part))
      again.push(...(await load([task])));
    const [refusedAgain] = again;
    // No table became loadable by the others, so waiting longer helps none.
    if (refusedAgain && again.length === waiting.length)
      await asDamage(ports.restores, readable(refusedAgain.table), Promise.reject(refusedAgain.refusal));
    waiting = again;
  }
  return notices;
}

function tasksOf(table: ManifestTable): Task[] {
  return table.parts.map((part) => ({ table, part }));
}

/** True if the database refused rows that arrived as they were written, and may take them once others are there. */
function mayPass(error: unknown, restores: RowPorts['restores']): boolean {
  if (error instanceof RecoveryPointDamaged || error instanceof BlockDamaged) return false;
  const suspect = restores.blame(error)?.suspect;
  return suspect !== undefined && suspect !== 'role' && suspect !== 'scratch server';
}

function describeRefusal(
  refused: readonly Task[],
  restores: RowPorts['restores'],
): (table: ManifestTable) => string {
  return (table) => {
    const refusal = refused.find((task) => task.table === table)?.refusal;
    const reason = restores.blame(refusal)?.said ?? String(refusal);
    return `${readable(table)} was loaded after the other tables, because before them it was refused: ${reason}`;
  };
}

async function loadPart(
  vault: Vault,
  connection: RowLoader,
  manifest: Manifest,
  { table, part }: Task,
  onBytes: (bytes: number) => void,
): Promise<void> {
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of readRows(vault, manifest, table, part)) {
      onBytes(chunk.length);
      yield chunk;
    }
  }
  const rows = await connection.copyIn(table, table.format, counted());
  if (rows !== part.rows)
    throw new RecoveryPointDamaged(
      `${readable(table)}, part ${part.part}: ${part.rows} rows were stored, ${rows} were loaded`,
    );
}
