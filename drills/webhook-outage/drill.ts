import type { Result } from '../../cli/action.ts';
import { quarantineOf, releasePorts } from '../../cli/aws/quarantine-ports.ts';
import { EXIT, type ExitCode, exitCodeOf } from '../../cli/exit-code.ts';
import { followToEnd } from '../../cli/follow/run-machine.ts';
import { startReplay } from '../../cli/follow/start-replay.ts';
import { showChapter } from '../../cli/render/chapter.ts';
import { showQuarantine, showReleased } from '../../cli/render/quarantine.ts';
import type { Screen } from '../../cli/render/screen.ts';
import { shown } from '../../cli/render/shown.ts';
import { showStep } from '../../cli/render/steps.ts';
import { showVerdict } from '../../cli/render/verdict.ts';
import { type Application, startApplication } from '../../local/sample/application.ts';
import { type FilledQueue, openDeadLetterQueue } from '../../local/sample/dead-letter-queue.ts';
import { composeDeadLetters, type DeadLetters } from '../../local/sample/dead-letters.ts';
import { type Sample, sampleOf } from '../../local/sample/sample.ts';
import type { AskedReplay } from '../../shared/recovery/replay-request.ts';
import type { QuarantineEntry } from '../../shared/replay/quarantine/quarantine.ts';
import { type Released, releaseAll } from '../../shared/replay/quarantine/release-all.ts';
import { count } from '../../shared/run/quantity.ts';
import type { Finding } from '../finding.ts';
import { type DrillOrder, holdDrill } from '../hold-drill.ts';
import { type KeptRun, keepEvidence } from '../keep-evidence.ts';
import type { Scene as AnyScene } from '../scene.ts';
import { showConclusion, showFindings } from '../show-findings.ts';
import { afterDryRun, afterRelease, afterReplay, type Ended, type Seen, whileDown } from './findings.ts';

/** What a drill found. */
export interface ReplayDrillReport {
  readonly exitCode: ExitCode;
  /** Messages that lay in the queue. */
  readonly messages: number;
  readonly outageAt: string;
  readonly whileDown: KeptRun;
  readonly dryRun: KeptRun;
  readonly replay: KeptRun;
  readonly quarantine: readonly QuarantineEntry[];
  readonly released: readonly Released[];
  /** Of what was released; null where there was nothing. */
  readonly second: KeptRun | null;
  readonly findings: readonly Finding[];
}

/** With the application whose webhook is down. */
type Scene = AnyScene & { readonly sample: Sample };

/** Little data: the drill is about events. */
const SCALE = 0.01;

/** One answer in so many is lost on its way back. */
const LOST_ANSWERS = 400;

/**
 * The drill of a webhook that was down: its dead letters are replayed, and every number of the account is compared.
 *
 * @param messages dead letters in the queue
 * @throws NoSampleData
 */
export async function drillWebhookOutage(
  order: DrillOrder,
  { messages }: { messages: number },
): Promise<Result> {
  const sample = sampleOf(order.found.plan);
  return holdDrill(order, {
    title: `Replay drill of ${order.found.plan.workload}`,
    run: (scene) => runReplayDrill({ ...scene, sample }, messages),
    remark: 'The rate is that of this machine, with an AWS, a database and a webhook on the same cores.',
    afterwards: {
      verbs: ['status', 'replay quarantine list'],
      words: 'What could not be delivered is in quarantine. The webhook has ended with the drill.',
    },
  });
}

/**
 * The drill itself: a webhook that is down, dead letters of every kind, a replay that comes too early, one that comes in
 * time, and its account compared with what the webhook saw and the database has. Chapters count from 2: the first is the
 * start of the local AWS.
 */
async function runReplayDrill(scene: Scene, messages: number): Promise<ReplayDrillReport> {
  const { aws, workload, sample, screen } = scene;
  showChapter(screen, 2, 'An application at work');
  await showStep(screen, 'its data loaded', () => sample.load(aws, SCALE));
  const application = await showStep(screen, 'its webhook up, and subscribed', () =>
    startApplication(aws, workload, sample),
  );
  try {
    return await rehearse(scene, application, messages);
  } finally {
    await application.webhook.stop();
  }
}

async function rehearse(
  scene: Scene,
  application: Application,
  messages: number,
): Promise<ReplayDrillReport> {
  const { screen, workload, sample } = scene;
  const { webhook } = application;
  const queue = await openDeadLetterQueue(scene.aws, workload, sample.queue);
  const letters = composeDeadLetters(messages, { topicArn: queue.topicArn, at: new Date() });
  await showStep(
    screen,
    'its webhook takes events',
    () => application.receive(letters.before),
    () => `${count(letters.before.length, 'event')} of SES in its database`,
  );

  showChapter(screen, 3, 'Outage');
  await showStep(screen, 'the webhook is down', () => webhook.down());
  const outageAt = new Date().toISOString();
  await showStep(
    screen,
    'its events end as dead letters',
    () => queue.fill(letters.bodies),
    () => count(letters.bodies.length, 'message'),
  );
  showLetters(screen, letters);

  showChapter(screen, 4, 'A replay that comes too early');
  const early = await observe(application, queue, () => replay(scene, {}));
  const stopped = whileDown(early);
  showFindings(screen, stopped);

  showChapter(screen, 5, 'The webhook comes back; a dry run first');
  await showStep(
    screen,
    'the webhook is up',
    () => webhook.up(),
    () => `but one answer in ${LOST_ANSWERS} is lost on its way back`,
  );
  const dry = await observe(application, queue, () => replay(scene, { options: { dryRun: true } }));
  const looked = afterDryRun(dry);
  showFindings(screen, looked);

  showChapter(screen, 6, 'Replay');
  webhook.inject({ fault: { cut: 'after the effect' }, oneIn: LOST_ANSWERS });
  const real = await observe(application, queue, () => replay(scene, { incident: { failedAt: outageAt } }));
  webhook.inject(undefined);

  showChapter(screen, 7, 'The account, compared with the webhook and the database');
  const { total, messages: quarantine } = await quarantineOf(workload, sample.queue).list(QUARANTINE_LISTED);
  const replayed = afterReplay({
    ...real,
    letters,
    recorded: await application.recorded([...letters.known, ...letters.fresh, ...letters.refused]),
    quarantined: total,
    left: real.after,
  });
  showFindings(screen, replayed);

  showChapter(screen, 8, 'What could not be delivered');
  showQuarantine(screen, 'quarantine, in the vault', { total, messages: quarantine }, new Date());
  const again = await releaseOne(scene, application, quarantine);

  const findings = [...stopped, ...looked, ...replayed, ...again.findings];
  showConclusion(screen, findings);
  return {
    exitCode: judge(real.kept, findings),
    messages: letters.bodies.length,
    outageAt,
    whileDown: early.kept,
    dryRun: dry.kept,
    replay: real.kept,
    quarantine,
    released: again.released,
    second: again.run,
    findings,
  };
}

const QUARANTINE_LISTED = 100;

/** Runs a replay, and looks at the queue and the webhook before and after. */
async function observe(
  { webhook }: Application,
  queue: FilledQueue,
  work: () => Promise<KeptRun>,
): Promise<{ kept: KeptRun; run: Ended; before: number; after: number; seen: Seen }> {
  const before = await queue.depth();
  const { requests, effects, known } = webhook.counts();
  const kept = await work();
  const then = webhook.counts();
  return {
    kept,
    run: { outcome: kept.evidence?.outcome ?? null, account: kept.evidence?.account ?? null },
    before,
    after: await queue.depth(),
    seen: {
      requests: then.requests - requests,
      effects: then.effects - effects,
      known: then.known - known,
    },
  };
}

async function replay(
  { workload, sample, screen, signal }: Scene,
  asked: Pick<AskedReplay, 'options' | 'incident'>,
): Promise<KeptRun> {
  const requestId = crypto.randomUUID();
  const started = await startReplay(workload, {
    queue: sample.queue,
    startedBy: 'drill',
    requestId,
    ...asked,
  });
  const kept = await keepEvidence(await followToEnd(workload, started, screen, signal));
  showVerdict(screen, kept, kept.evidenceFile ?? kept.evidenceLocation);
  return kept;
}

/** Puts right why one message was refused, and lets it go. */
async function releaseOne(
  scene: Scene,
  application: Application,
  quarantine: readonly QuarantineEntry[],
): Promise<{ released: Released[]; run: KeptRun | null; findings: Finding[] }> {
  const { screen, workload, sample } = scene;
  const chosen = quarantine.find(({ kind }) => kind === 'refused');
  if (chosen?.key == null) return { released: [], run: null, findings: [] };
  screen.line();
  await showStep(screen, 'the lost campaign is put back', () => application.putCampaignBack());
  const released = await releaseAll(await releasePorts(workload, sample.queue), sample.queue, [chosen.id], {
    by: 'drill',
    again: false,
  });
  showReleased(screen, released);
  screen.line();
  const run = await replay(scene, {});
  const findings = afterRelease({
    run: { outcome: run.evidence?.outcome ?? null, account: run.evidence?.account ?? null },
    id: chosen.key,
    recorded: await application.recorded([chosen.key]),
  });
  showFindings(screen, findings);
  return { released, run, findings };
}

function judge(run: KeptRun, findings: readonly Finding[]): ExitCode {
  const ended = exitCodeOf(run);
  if (ended !== EXIT.good) return ended;
  return findings.every(({ good }) => good) ? EXIT.good : EXIT.bad;
}

function showLetters({ line, paint }: Screen, letters: DeadLetters): void {
  const { fresh, known, copies, refused, unparsable, mismatched } = letters;
  const parts = [
    `${count(fresh.length, 'new event')}`,
    `${known.length} that the application has`,
    `${count(copies, 'copy', 'copies')}`,
    `${refused.length} about a campaign that is lost`,
    `${unparsable} that are no events`,
    `${mismatched} with the MessageId of another`,
  ];
  line(shown`  ${paint('dim', parts.join(', '))}`);
}
