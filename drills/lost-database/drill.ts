import type * as z from 'zod';
import type { Result } from '../../cli/action.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../../cli/exit-code.ts';
import { followToEnd, startMachine } from '../../cli/follow/run-machine.ts';
import { showChapter } from '../../cli/render/chapter.ts';
import type { Screen } from '../../cli/render/screen.ts';
import { shown } from '../../cli/render/shown.ts';
import { showStep } from '../../cli/render/steps.ts';
import { showVerdict } from '../../cli/render/verdict.ts';
import { utc } from '../../cli/render/words.ts';
import { typed } from '../../cli/typed.ts';
import { connectAsOwner, type Loaded } from '../../local/sample/sample.ts';
import { startWriter, type Written } from '../../local/writer.ts';
import { restoreTestOf } from '../../shared/plan/lookup.ts';
import type { Kind } from '../../shared/run/kind.ts';
import { backup as backupKind } from '../../shared/run/kinds/backup.ts';
import { restoreTest as restoreTestKind } from '../../shared/run/kinds/restore-test.ts';
import { bytes, count } from '../../shared/run/quantity.ts';
import { type DrillOrder, holdDrill } from '../hold-drill.ts';
import { type KeptRun, keepEvidence } from '../keep-evidence.ts';
import type { Scene as AnyScene } from '../scene.ts';
import { loseDatabase } from './lose-database.ts';
import type { Subject } from './subject.ts';

/** With the application whose database is lost. */
type Scene = AnyScene & { readonly subject: Subject };

/** What a drill found. There is no disaster where the backup already failed. */
export interface DrillReport {
  readonly exitCode: ExitCode;
  readonly loaded: Loaded;
  /** What the application wrote until the disaster. */
  readonly written: Written;
  readonly backup: KeptRun;
  readonly failedAt: string | null;
  readonly restoreTest: KeptRun | null;
}

const STARTED_BY = 'drill';
const WRITE_EVERY_MS = 100;

/** The drill of a lost database: back up, drop the database, restore, and measure what was lost and how long it took. */
export function drillLostDatabase(order: DrillOrder, subject: Subject): Promise<Result> {
  return holdDrill(order, {
    title: `Drill of ${order.found.plan.workload}`,
    run: (scene) => rehearse({ ...scene, subject }),
    remark: `Times are those of this machine and of little data. Yours come from: ${typed('restore-test')}`,
    afterwards: {
      verbs: ['status', 'restore-test'],
      words: 'The database is lost, as after the disaster.',
    },
  });
}

/**
 * The drill itself: data, an application that keeps writing, a backup, the loss of the database, the restore, and what
 * it measured. Chapters count from 2: the first is the start of the local AWS.
 */
async function rehearse(scene: Scene): Promise<DrillReport> {
  const { screen, workload, subject } = scene;
  const { database } = subject;
  const planned = restoreTestOf(workload.plan, subject.restoreTest);

  showChapter(screen, 2, subject.title);
  const loaded = await load(scene);

  const { run: backup, written } = await whileApplicationWrites(scene, () => {
    showChapter(screen, 3, 'Backup, while it writes');
    return startAndFollow(scene, backupKind, {
      database,
      backup: planned.from.backup,
      startedBy: STARTED_BY,
    });
  });
  if (exitCodeOf(backup) !== EXIT.good) {
    showRun(screen, backup);
    return { exitCode: exitCodeOf(backup), loaded, written, backup, failedAt: null, restoreTest: null };
  }
  screen.line(shown`  ${screen.paint('green', '✔')} taken: ${backup.evidence?.reason ?? backup.runId}`);

  showChapter(screen, 4, 'Disaster');
  const failedAt = await lose(scene, written);

  showChapter(screen, 5, 'Restore');
  const incident = { failedAt: failedAt.toISOString(), scenario: planned.scenario };
  const restoreTest = await startAndFollow(scene, restoreTestKind, {
    restoreTest: subject.restoreTest,
    incident,
    startedBy: STARTED_BY,
  });
  showRun(screen, restoreTest);
  const exitCode = exitCodeOf(restoreTest);
  return { exitCode, loaded, written, backup, failedAt: incident.failedAt, restoreTest };
}

async function load({ screen, subject, aws }: Scene): Promise<Loaded> {
  let read = 0;
  const onBytes = (more: number) => {
    read += more;
  };
  const { remark, ...loaded } = await showStep(
    screen,
    'its data loaded',
    () => subject.load(aws, onBytes),
    ({ tables, bytes: size }) => `${count(tables, 'table')}, ${bytes(size)}`,
    () => (read > 0 ? `${bytes(read)} read` : ''),
  );
  if (remark) screen.line(shown`    ${screen.paint('yellow', remark)}`);
  return loaded;
}

/** The application writes from before the work until after it: what it wrote too late for the backup will be lost. */
async function whileApplicationWrites(
  { screen, subject, aws }: Scene,
  work: () => Promise<KeptRun>,
): Promise<{ run: KeptRun; written: Written }> {
  const connect = () => connectAsOwner(aws, subject.database);
  const writer = await startWriter(connect, subject.write, { everyMs: WRITE_EVERY_MS });
  let run: KeptRun;
  try {
    await showStep(
      screen,
      subject.writer,
      () => writer.nextWrite(),
      () => 'ten a second, from now until the disaster',
    );
    run = await work();
  } catch (error) {
    await writer.stop();
    throw error;
  }
  return { run, written: await writer.stop() };
}

function lose({ screen, subject, aws }: Scene, written: Written): Promise<Date> {
  return showStep(
    screen,
    'the database is dropped',
    () => loseDatabase(aws, subject.database),
    (at) => `at ${utc(at)}, after ${count(written.writes, 'acknowledged write')}`,
  );
}

async function startAndFollow<Of extends Kind>(
  { workload, screen, signal }: Scene,
  kind: Of,
  input: z.input<Of['input']>,
): Promise<KeptRun> {
  const started = await startMachine(workload, kind, input);
  return keepEvidence(await followToEnd(workload, started, screen, signal));
}

function showRun(screen: Screen, run: KeptRun): void {
  showVerdict(screen, run, run.evidenceFile ?? run.evidenceLocation);
}
