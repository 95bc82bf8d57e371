import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { workFolder } from '../../local/folders.ts';
import { startWriter, type Written } from '../../local/sample/writer.ts';
import type { LocalAws } from '../../local/start.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../exit-code.ts';
import { type FinishedRun, followToEnd, startMachine } from '../follow/run-machine.ts';
import type { Screen } from '../render/screen.ts';
import { showStep } from '../render/steps.ts';
import { showVerdict } from '../render/verdict.ts';
import { bytes, count, utc } from '../render/words.ts';
import type { Workload } from '../workload.ts';
import { loseDatabase } from './disaster.ts';
import { connectAsOwner, type Loaded, type Sample } from './sample.ts';

/** What a drill found. Without a restore where the backup already failed. */
export interface DrillReport {
  readonly exitCode: ExitCode;
  readonly loaded: Loaded;
  readonly written: Written;
  readonly backup: FinishedRun;
  readonly failedAt: string | null;
  readonly restoreTest: FinishedRun | null;
  /** Copies of the evidence, since the vault goes with the local AWS. */
  readonly evidenceFiles: readonly string[];
}

const STARTED_BY = 'drill';
const SCENARIO = 'database-corruption';
const WRITE_EVERY_MS = 100;

/**
 * The drill itself, on a local AWS that is up: data, an application that keeps writing, a backup, the loss of the
 * database, the restore, and what it measured.
 */
export async function runDrill(
  { aws, workload, sample }: { aws: LocalAws; workload: Workload; sample: Sample },
  { scale, screen, signal }: { scale: number; screen: Screen; signal: AbortSignal },
): Promise<DrillReport> {
  const { database } = sample;
  const title = chapters(screen);

  title('An application at work');
  const loaded = await showStep(
    screen,
    'its data loaded',
    () => sample.load(aws, scale),
    ({ tables, bytes: size }) => `${count(tables, 'table')}, ${bytes(size)}`,
  );
  const connect = () => connectAsOwner(aws, database);
  const writer = await startWriter(connect, { everyMs: WRITE_EVERY_MS });
  await showStep(
    screen,
    'its writes',
    () => writer.nextWrite(),
    () => 'ten a second, from now until the disaster',
  );

  title('Backup, while it writes');
  const backupName = workload.plan.databases[database]?.restoreTest.backup ?? '';
  const backup = await followToEnd(
    workload,
    await startMachine(workload, 'backup', { database, backup: backupName, startedBy: STARTED_BY }),
    screen,
    signal,
  ).catch(async (error: unknown) => {
    await writer.stop();
    throw error;
  });
  const kept = [await keepEvidence(backup)];
  const exitCode = exitCodeOf(backup.end);
  if (exitCode !== EXIT.good) {
    const written = await writer.stop();
    showVerdict(screen, backup);
    return {
      exitCode,
      loaded,
      written,
      backup,
      failedAt: null,
      restoreTest: null,
      evidenceFiles: paths(kept),
    };
  }
  screen.line(`  ${screen.paint('green', '✔')} taken: ${backup.evidence?.reason ?? backup.runId}`);

  title('Disaster');
  const written = await writer.stop();
  const failedAt = await showStep(
    screen,
    'the database is dropped',
    () => loseDatabase(aws, database),
    (at) => `at ${utc(at)}, after ${count(written.writes, 'acknowledged write')}`,
  );

  title('Restore');
  const incident = { failedAt: failedAt.toISOString(), scenario: SCENARIO };
  const restoreTest = await followToEnd(
    workload,
    await startMachine(workload, 'restore-test', { database, incident, startedBy: STARTED_BY }),
    screen,
    signal,
  );
  kept.push(await keepEvidence(restoreTest));
  showVerdict(screen, restoreTest);
  return {
    exitCode: exitCodeOf(restoreTest.end),
    loaded,
    written,
    backup,
    failedAt: incident.failedAt,
    restoreTest,
    evidenceFiles: paths(kept),
  };
}

/** Headings that count themselves. The first chapter, the start of the local AWS, is told by the command. */
function chapters(screen: Screen): (words: string) => void {
  let chapter = 1;
  return (words) => {
    chapter += 1;
    showChapter(screen, chapter, words);
  };
}

/** A heading of the drill. */
export function showChapter({ line, paint }: Screen, chapter: number, words: string): void {
  line();
  line(paint('bold', `${chapter}  ${words}`));
}

/** The vault of a local AWS is gone after the drill; what it proved should not be. */
async function keepEvidence({ evidence, runId }: FinishedRun): Promise<string | null> {
  if (!evidence) return null;
  const folder = path.join(workFolder, 'evidence');
  const file = path.join(folder, `${runId}.json`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, `${JSON.stringify(evidence, null, 2)}\n`);
  return path.relative(process.cwd(), file);
}

function paths(kept: readonly (string | null)[]): string[] {
  return kept.filter((file) => file !== null);
}
