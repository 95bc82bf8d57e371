import { InvokeCommand } from '@aws-sdk/client-lambda';
import type * as z from 'zod';
import type { Result } from '../../cli/action.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../../cli/exit-code.ts';
import { followToEnd, startMachine } from '../../cli/follow/run-machine.ts';
import { showChapter } from '../../cli/render/chapter.ts';
import { showStep } from '../../cli/render/steps.ts';
import { showVerdict } from '../../cli/render/verdict.ts';
import { utc } from '../../cli/render/words.ts';
import { typed } from '../../cli/typed.ts';
import { restoredInstance } from '../../local/rds/restored-instance.ts';
import { lookAround } from '../../local/rds/standing.ts';
import type { Loaded } from '../../local/sample/sample.ts';
import { startWriter, type Written } from '../../local/writer.ts';
import { momentId } from '../../shared/backup/rds-point-in-time/moment.ts';
import { restoreOf, restoreTestOf } from '../../shared/plan/lookup.ts';
import type { Kind } from '../../shared/run/kind.ts';
import { backup as backupKind } from '../../shared/run/kinds/backup.ts';
import { restore as restoreKind } from '../../shared/run/kinds/restore.ts';
import { restoreTest as restoreTestKind } from '../../shared/run/kinds/restore-test.ts';
import { bytes, count } from '../../shared/run/quantity.ts';
import type { Finding } from '../finding.ts';
import { type DrillOrder, holdDrill } from '../hold-drill.ts';
import { type KeptRun, keepEvidence } from '../keep-evidence.ts';
import type { Scene as AnyScene } from '../scene.ts';
import { showConclusion, showFindings } from '../show-findings.ts';
import { type ApplicationOnRds, type Deletion, openApplication } from './application.ts';
import { type MethodsOnRds, methodsOnRds } from './methods-on-rds.ts';
import { handedOverBy, lookInto } from './restore-to-stay.ts';
import { whatStands } from './what-stands.ts';

/** What a drill found. */
export interface RdsDrillReport {
  readonly exitCode: ExitCode;
  readonly loaded: Loaded;
  /** What the application wrote until the accident. */
  readonly written: Written;
  readonly deletedAt: string | null;
  /** Each run of the drill, in the order of the chapters. */
  readonly runs: readonly KeptRun[];
  readonly findings: readonly Finding[];
}

const STARTED_BY = 'drill';
const WRITE_EVERY_MS = 100;

/** The local RDS needs seconds where RDS needs minutes. */
const WAIT_SCALE = 0.05;

/**
 * The drill of an accidental deletion in a database on RDS: snapshot and copy, a statement without its WHERE, both kinds of restore
 * tests, and a restore that stays.
 *
 * @param scale of the data: 1 is about 1 GB
 * @throws NothingOnRds
 */
export function drillAccidentalDeletion(order: DrillOrder, { scale }: { scale: number }): Promise<Result> {
  const methods = methodsOnRds(order.found.plan); // before anything starts
  return holdDrill(order, {
    title: `RDS drill of ${order.found.plan.workload}`,
    waitScale: WAIT_SCALE,
    run: (scene) => rehearse(scene, methods, scale),
    remark: `The instances are servers of this machine, and waits are 20 times shorter. Your times come from: ${typed('restore-test')}`,
    afterwards: {
      verbs: ['status', 'restore-test'],
      words: 'The rows are still deleted, as after the accident.',
    },
  });
}

/** A drill under way: where it takes place, and what it has seen so far. */
interface Stage extends AnyScene {
  readonly database: string;
  readonly application: ApplicationOnRds;
  readonly runs: KeptRun[];
  readonly findings: Finding[];
}

/**
 * The drill itself: an instance with data and an application that writes, a snapshot in both Regions, the accident, and what each
 * way back brings. Chapters count from 2: the first is the start of the local AWS.
 */
async function rehearse(
  scene: AnyScene,
  { database, logical, snapshots, moments }: MethodsOnRds,
  scale: number,
): Promise<RdsDrillReport> {
  const { screen, aws, workload } = scene;
  const { plan } = workload;
  showChapter(screen, 2, 'An application on RDS');
  const application = await showStep(
    screen,
    'its instance is available',
    () => openApplication(aws, plan, { database, scale }),
    () => 'encrypted, backed up by RDS, protected from deletion',
  );
  const loaded = await showStep(
    screen,
    'its data loaded',
    () => application.load(),
    ({ tables, bytes: size }) => `${count(tables, 'table')}, ${bytes(size)}`,
  );
  const regions = [plan.regions.primary, plan.regions.standby];
  const before = await lookAround(aws, regions);
  const stage: Stage = { ...scene, database, application, runs: [], findings: [] };

  const written = await whileApplicationWrites(stage, async () => {
    await heartbeat(stage);
    showChapter(screen, 3, 'Rows, a snapshot and every moment, while it writes');
    // The logical one first: its manifest says what the others must hold.
    for (const backup of [...logical, snapshots.backup, moments.backup])
      await startAndFollow(stage, backupKind, { database, backup, startedBy: STARTED_BY });
    await heartbeat(stage);
  });
  const report = (deletedAt: string | null): RdsDrillReport => ({
    exitCode: judge(stage),
    loaded,
    written,
    deletedAt,
    runs: stage.runs,
    findings: stage.findings,
  });
  if (judge(stage) !== EXIT.good) return report(null);

  showChapter(screen, 4, 'Accident');
  const accident = await showStep(
    screen,
    'DELETE FROM pipelines, without its WHERE',
    () => application.deleteEverything(),
    ({ at, pipelines }) => `${count(pipelines, 'row')} and all that hang on them, at ${utc(at)}`,
  );

  showChapter(screen, 5, 'The snapshot, in an instance of its own');
  const { scenario } = restoreTestOf(plan, snapshots.restoreTest);
  const incident = { failedAt: accident.at.toISOString(), scenario };
  await startAndFollow(stage, restoreTestKind, {
    restoreTest: snapshots.restoreTest,
    incident,
    startedBy: STARTED_BY,
  });

  showChapter(screen, 6, 'A moment before the accident, in an instance of its own');
  await startAndFollow(stage, restoreTestKind, {
    restoreTest: moments.restoreTest,
    incident,
    startedBy: STARTED_BY,
  });

  showChapter(screen, 7, 'The second before the accident, in an instance that stays');
  await restoreToStay(stage, moments.place, accident);

  showChapter(screen, 8, 'What stands now');
  const after = await lookAround(aws, regions);
  stage.findings.push(...whatStands(before, after));
  showFindings(screen, stage.findings);
  if (judge(stage) === EXIT.good) showConclusion(screen, stage.findings);
  return report(incident.failedAt);
}

/** Restores into an instance, looks into it as the application would, and deletes it, because this is a drill. */
async function restoreToStay(stage: Stage, restore: string, accident: Deletion): Promise<void> {
  const { screen, aws, workload, findings } = stage;
  const restored = await startAndFollow(stage, restoreKind, {
    restore,
    into: `${workload.plan.workload}-before-the-accident`,
    choose: momentId(accident.at),
    incident: {
      failedAt: accident.at.toISOString(),
      scenario: restoreOf(workload.plan, restore).scenario,
    },
    startedBy: STARTED_BY,
  });
  const handedOver = handedOverBy(restored);
  if (handedOver === null) return;
  findings.push(
    await showStep(
      screen,
      'its rows, by the login in the secret',
      () => lookInto(aws, handedOver, accident),
      ({ found }) => `${found} pipelines`,
    ),
  );
  await showStep(
    screen,
    'its protection taken off, and deleted with its secret',
    () => restoredInstance(aws, handedOver).remove(),
    () => 'an instance that stays costs money',
  );
}

async function whileApplicationWrites(
  { screen, application }: Stage,
  work: () => Promise<void>,
): Promise<Written> {
  const writer = await startWriter(application.connect, application.write, { everyMs: WRITE_EVERY_MS });
  try {
    await showStep(
      screen,
      'its writes',
      () => writer.nextWrite(),
      () => 'ten a second, from now until the accident',
    );
    await work();
  } catch (error) {
    await writer.stop();
    throw error;
  }
  return writer.stop();
}

/** Invokes the function that writes it, as its schedule does every minute. */
async function heartbeat({ aws, workload, screen, database }: Stage): Promise<void> {
  await showStep(
    screen,
    'its heartbeat',
    async () => {
      const answer = await workload.clients.lambda.send(
        new InvokeCommand({
          FunctionName: `${aws.stack.name}-write-heartbeat`,
          Payload: JSON.stringify({ database }),
        }),
      );
      const { beatAt, errorMessage } = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8'));
      if (answer.FunctionError) throw new Error(`the heartbeat was not written: ${errorMessage}`);
      return new Date(beatAt);
    },
    (at) => utc(at),
  );
}

/** Runs a machine, shows its verdict, and keeps its evidence. */
async function startAndFollow<Of extends Kind>(
  { workload, screen, signal, runs }: Stage,
  kind: Of,
  input: z.input<Of['input']>,
): Promise<KeptRun> {
  const started = await startMachine(workload, kind, input);
  const run = await keepEvidence(await followToEnd(workload, started, screen, signal));
  showVerdict(screen, run, run.evidenceFile ?? run.evidenceLocation);
  runs.push(run);
  return run;
}

/** The first run that did not end well decides; after them the findings. */
function judge({ runs, findings }: Stage): ExitCode {
  const failed = runs.map((run) => exitCodeOf(run)).find((code) => code !== EXIT.good);
  if (failed !== undefined) return failed;
  return findings.every(({ good }) => good) ? EXIT.good : EXIT.bad;
}
