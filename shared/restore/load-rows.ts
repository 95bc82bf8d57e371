import type { Manifest, ManifestTable, TablePart } from '../backup/logical/manifest.ts';
import { RecoveryPointDamaged, readRows } from '../backup/logical/read-stored.ts';
import type { Loader, Restores, RowLoader } from '../database/engine.ts';
import { readable } from '../database/table.ts';
import type { ProgressReporter } from '../progress/progress.ts';
import type { Vault } from '../vault/vault.ts';
import { asDamage } from './whose-fault.ts';

interface RowPorts {
  readonly vault: Vault;
  readonly restores: Pick<Restores, 'blamesContent'>;
  readonly progress: ProgressReporter;
}

/** Loads the rows of all tables, largest part first, so that the connections finish together. @throws RecoveryPointDamaged */
export async function loadRows(ports: RowPorts, loader: Loader, manifest: Manifest): Promise<void> {
  const tasks = manifest.tables
    .flatMap((table) => table.parts.map((part) => ({ table, part })))
    .sort((a, b) => b.part.rawBytes - a.part.rawBytes);
  let tasksDone = 0;
  let bytes = 0;
  const report = () =>
    ports.progress.report({ doing: 'loading rows', bytes, tasksDone, tasksTotal: tasks.length });
  await loader.share(tasks, async (connection, { table, part }) => {
    const onBytes = (passed: number) => {
      bytes += passed;
      report();
    };
    const loaded = loadPart(ports.vault, connection, manifest, table, part, onBytes);
    await asDamage(ports.restores, readable(table), loaded);
    tasksDone += 1;
    report();
  });
}

async function loadPart(
  vault: Vault,
  connection: RowLoader,
  manifest: Manifest,
  table: ManifestTable,
  part: TablePart,
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
