import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { FinishedRun } from '../cli/follow/run-machine.ts';
import { workFolder } from '../local/folders.ts';
import { visibleJson } from '../shared/text/visible.ts';

/** A run whose evidence was copied out of the vault; null where it left none. */
export interface KeptRun extends FinishedRun {
  readonly evidenceFile: string | null;
}

/** Copies a run's evidence to `.lifeboat/evidence/`: the vault of a local AWS goes with it, and what it proved should not. */
export async function keepEvidence(run: FinishedRun): Promise<KeptRun> {
  if (!run.evidence) return { ...run, evidenceFile: null };
  const folder = path.join(workFolder, 'evidence');
  const file = path.join(folder, `${run.runId}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${visibleJson(run.evidence)}\n`);
  return { ...run, evidenceFile: path.relative(process.cwd(), file) };
}
