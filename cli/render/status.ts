import type { JournalRecord } from '../../shared/journal/journal.ts';
import type { LossNow } from '../../shared/objectives/loss-now.ts';
import { measureInWords } from '../../shared/objectives/measure-in-words.ts';
import { formatDuration } from '../../shared/plan/values/duration.ts';
import type { LastVerified, OpenRun, Status } from '../../shared/status/gather.ts';
import type { QueueStatus } from '../../shared/status/queues.ts';
import type { Workload } from '../workload.ts';
import { notTaken, type Row } from './plan-summary.ts';
import { reportInWords } from './report.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';
import { type Cell, createTable, wrapped } from './table.ts';
import { ago, took, utc } from './words.ts';

const SHOWN_RUNS = 10;
/** Of each backup. */
const SHOWN_LABELS = 5;

/** Shows a workload's status: its recovery points, whether a restore proved them, and its runs. */
export function showStatus(screen: Screen, workload: Workload, status: Status, now: Date): void {
  const { plan, deployment, region } = workload;
  const table = (
    title: string,
    head: readonly string[],
    rows: readonly (readonly Cell[])[],
    none: string,
  ) => {
    screen.line();
    screen.line(screen.paint('bold', title));
    if (rows.length === 0) return screen.line(`  ${none}`);
    const cells = createTable(screen, head);
    cells.push(...rows);
    screen.line(cells.shown());
  };
  screen.line();
  screen.line(shown`${screen.paint('bold', plan.workload)}  ${deployment.stackName}, ${region}`);
  table(
    'If it failed now',
    ['database', 'backup', 'recovery points', 'newest', 'lost', 'RPO of the plan', 'newest verified'],
    status.losses.map(lossRow),
    'Lifeboat sees no backup of the plan',
  );
  for (const { database, backup, unusual } of status.losses)
    for (const words of [unusual.duration, unusual.size])
      if (words !== null)
        screen.line(shown`  ${screen.paint('yellow', 'unusual:')} ${backup} of ${database} ${words}`);
  const labelled = status.losses.flatMap(labelRows);
  if (labelled.length > 0)
    table(
      'Labelled recovery points',
      ['label', 'database', 'backup', 'recovery point', 'age', 'verified'],
      labelled,
      '',
    );
  const copied = status.losses.filter(({ copy }) => copy !== null);
  if (copied.length > 0)
    table(
      `If ${plan.regions.primary} failed now`,
      ['database', 'backup', 'newest copy', 'in', 'lost'],
      copied.map(copyRow),
      '',
    );
  for (const { topic, address, problem } of status.unheard)
    screen.line(
      shown`  ${screen.paint('yellow', 'unheard:')} ${topic}${address ? ` to ${address}` : ''}, ${problem}`,
    );
  table(
    'Last verified restore',
    ['restore test', 'verified', 'RPO', 'RTO', 'recovery point'],
    status.verified.map((verified) => verifiedRow(verified, status.looked, now)),
    'the plan has no restore test',
  );
  if (status.queues.length > 0)
    table(
      'Dead-letter queues',
      ['queue', 'dead letters', 'messages', 'last replay', 'ended as'],
      status.queues.map((queue) => queueRow(queue, status.looked, now)),
      '',
    );
  if (status.open.length > 0)
    table(
      'Not recorded yet',
      ['run', 'of', 'for', 'doing'],
      status.open.map((run) => openRow(run, now)),
      '',
    );
  table(
    'Recent runs',
    ['started (UTC)', 'machine', 'of', 'outcome', 'took', 'RPO', 'RTO', 'started by'],
    status.recent.slice(0, SHOWN_RUNS).map(runRow),
    'none yet',
  );
  const left = notTaken(plan);
  if (left.length > 0) {
    screen.line();
    screen.line(
      shown`${screen.paint('yellow', 'Recorded in the plan, not taken by Lifeboat:')} ${left.join(', ')}`,
    );
  }
}

/** What would be lost if the database failed now and this backup alone had to bring it back. */
export function lossRow(loss: LossNow): Row {
  const { database, backup, points, since, newest, newestVerified, targetSeconds, met } = loss;
  const judged = met === null ? 'any loss' : met ? 'met' : 'missed by this backup alone';
  return [
    database,
    backup,
    since ? `any since ${utc(since)}` : String(points),
    newest?.id ?? 'none',
    newest ? took(newest.ageSeconds * 1000) : 'everything',
    targetSeconds === null ? judged : `${formatDuration(targetSeconds * 1000)}: ${judged}`,
    newestVerified ? `${took(newestVerified.ageSeconds * 1000)} old` : 'none',
  ];
}

/** The recovery points of a backup that a person gave a label, the newest first. */
export function labelRows({ database, backup, labelled }: LossNow): Row[] {
  const rows = labelled
    .slice(0, SHOWN_LABELS)
    .map(
      ({ label, id, ageSeconds, verified }): Row => [
        label,
        database,
        backup,
        id,
        took(ageSeconds * 1000),
        verified ? 'yes' : 'not yet',
      ],
    );
  const more = labelled.length - rows.length;
  return more > 0 ? [...rows, [`and ${more} older`, database, backup, '', '', '']] : rows;
}

/** What would be lost if the primary Region failed now and the copies of this backup had to bring the database back. */
export function copyRow({ database, backup, copy }: LossNow): Row {
  const { region = '', newest = null, problem = null } = copy ?? {};
  const lost = newest ? took(newest.ageSeconds * 1000) : 'everything';
  return [database, backup, newest?.id ?? 'none', region, problem === null ? lost : `unknown: ${problem}`];
}

/** When a restore was last verified, and its measured times. */
export function verifiedRow({ restoreTest, record, evidence }: LastVerified, looked: number, now: Date): Row {
  if (!record) return [restoreTest, `not in the last ${looked.toLocaleString('en-US')} runs`, '', '', ''];
  const { objectives } = evidence ?? {};
  const bare = (seconds: number | undefined) =>
    seconds === undefined ? 'not measured' : took(seconds * 1_000);
  return [
    restoreTest,
    ago(new Date(record.finishedAt ?? record.startedAt), now),
    objectives ? measureInWords(objectives.rpo) : bare(record.rpoSeconds),
    objectives ? measureInWords(objectives.rto) : bare(record.rtoSeconds),
    record.recoveryPoint ?? 'unknown',
  ];
}

/** The messages waiting in a dead-letter queue, and the result of its last replay. */
export function queueRow(
  { queue, deadLetters, depth, lastReplay }: QueueStatus,
  looked: number,
  now: Date,
): Cell[] {
  const messages =
    'problem' in depth
      ? wrapped(depth.problem, 40)
      : `${depth.visible.toLocaleString('en-US')}${depth.hidden > 0 ? `, ${depth.hidden.toLocaleString('en-US')} hidden` : ''}`;
  if (!lastReplay)
    return [queue, deadLetters, messages, `not in the last ${looked.toLocaleString('en-US')} runs`, ''];
  const { finishedAt, startedAt, status, reason } = lastReplay;
  return [
    queue,
    deadLetters,
    messages,
    ago(new Date(finishedAt ?? startedAt), now),
    wrapped(reason === undefined ? status : `${status}: ${reason}`, 40),
  ];
}

/** A run that the journal lists as running. */
export function openRow({ record, executionState, progress }: OpenRun, now: Date): Row {
  const since = took(Math.floor((now.getTime() - Date.parse(record.startedAt)) / 1_000) * 1_000);
  const place = [record.runId, record.subject];
  if (executionState.kind === 'forgotten')
    return [...place, since, 'unknown: Step Functions has forgotten it'];
  if (executionState.kind === 'elsewhere')
    return [...place, since, `unknown: it runs in ${executionState.region}`];
  if (executionState.kind === 'ended unrecorded')
    return [
      ...place,
      '',
      `ended ${executionState.end.status} without a record: ${executionState.end.error ?? 'no error named'}`,
    ];
  const far = progress ? ` · ${reportInWords(progress, null)}` : '';
  return [...place, since, `${executionState.state ?? 'starting'}${far}`];
}

/** A run as a line of the journal. */
export function runRow(record: JournalRecord): Row {
  const { startedAt, finishedAt, machine, subject, status, rpoSeconds, rtoSeconds, startedBy } = record;
  const seconds = (value: number | undefined) => (value === undefined ? '' : took(value * 1_000));
  return [
    utc(new Date(startedAt)),
    machine,
    subject,
    status,
    finishedAt === undefined ? '' : took(Date.parse(finishedAt) - Date.parse(startedAt)),
    seconds(rpoSeconds),
    seconds(rtoSeconds),
    startedBy,
  ];
}
