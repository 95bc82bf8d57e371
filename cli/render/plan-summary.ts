import { unwatchedSchedules } from '../../resources/silence-alarms.ts';
import { subjectsOf } from '../../shared/failover/subjects.ts';
import { untestedBackups, worstLosses } from '../../shared/plan/promises.ts';
import type { Plan } from '../../shared/plan/schema.ts';
import { isTakenByLifeboat, LIFEBOAT, methodOf, takerOf } from '../../shared/plan/sections/backups.ts';
import type { Rehydration } from '../../shared/plan/sections/rehydrations.ts';
import type { Replay, Target } from '../../shared/plan/sections/replays.ts';
import { formatDuration } from '../../shared/plan/values/duration.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';
import { type Cell, createTable } from './table.ts';

/** A row of the summary's tables, by cell. */
export type Row = readonly string[];

/** Objectives: the general ones, then by scenario, each with how it is measured. */
export function objectiveRows({ objectives, restoreTests, replays }: Plan): Row[] {
  const testers = (scenario: string) => [
    ...Object.entries(restoreTests)
      .filter(([, restoreTest]) => restoreTest.scenario === scenario)
      .map(([name]) => `the restore test ${name}`),
    ...Object.entries(replays)
      .filter(([, queue]) => queue.scenario === scenario)
      .map(([queue]) => `the replay of ${queue}`),
  ];
  return [
    ['(any)', lossInWords(objectives.rpo), formatDuration(objectives.rto), ''],
    ...Object.entries(objectives.scenarios).map(([scenario, { rpo, rto }]) => [
      scenario,
      lossInWords(rpo),
      formatDuration(rto),
      testers(scenario).join(', ') || 'nothing on a schedule',
    ]),
  ];
}

/** An objective for the loss of data. */
function lossInWords(rpo: number | null): string {
  return rpo === null ? 'any loss' : formatDuration(rpo);
}

/** Every backup of every database, with the system that takes it. */
export function backupRows({ databases }: Plan): Row[] {
  return Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).map(([name, backup]) => [
      database,
      name,
      methodOf(backup),
      backup.schedule,
      formatDuration(backup.retention),
      takerOf(backup),
    ]),
  );
}

/** For each database: the worst-case data loss with Lifeboat's backups, and the plan's objective. */
export function lossLines(plan: Plan): { text: string; met: boolean }[] {
  return worstLosses(plan).map(({ database, loss, objective, met }) => {
    const worst = loss === null ? 'not bounded, as it takes nothing on a schedule' : formatDuration(loss);
    return {
      text: `${database}: worst loss by what Lifeboat takes: ${worst}, objective ${lossInWords(objective)}`,
      met,
    };
  });
}

/** Warnings that are not errors: an objective that is not met, a backup that was never restored. */
export function planWarnings(plan: Plan): string[] {
  return [
    ...lossLines(plan)
      .filter(({ met }) => !met)
      .map(({ text }) => text),
    ...untestedBackups(plan).map(
      ({ database, backup }) => `backup ${database}/${backup}: no restore test restores it`,
    ),
    ...startedOnce(plan),
    ...unwatchedSchedules(plan).map(
      (what) =>
        `${what}: no alarm notices when its schedule stops, because CloudWatch looks back a week at most: run it more often, or watch it yourself`,
    ),
  ];
}

/**
 * Replays that an alarm alone starts. An alarm acts on its transition, and an idle queue's metrics may be late.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
function startedOnce({ replays }: Plan): string[] {
  return Object.entries(replays).flatMap(([name, { start, schedule }]) =>
    start !== undefined && !/^(?:rate|cron)\(/.test(schedule)
      ? [
          `replay ${name}: only its alarm starts it. An alarm that stays in ALARM starts nothing a second time, and the metrics of a queue ` +
            'that was idle may be 15 minutes late: add `schedule: rate(15 minutes)`',
        ]
      : [],
  );
}

/** Every restore test: its source, schedule and checks. */
export function restoreTestRows({ restoreTests }: Plan): Row[] {
  return Object.entries(restoreTests).map(([name, { from, ...restoreTest }]) => [
    name,
    `${from.choose} of "${from.backup}" of ${from.database}`,
    restoreTest.schedule,
    restoreTest.scenario,
    String(restoreTest.checks.length),
    formatDuration(restoreTest.freshness),
  ]);
}

/** The replay of every dead-letter queue: source, target, schedule and rate. */
export function replayRows({ replays }: Plan): Row[] {
  return Object.entries(replays).map(
    ([name, { deadLetters, target, sources, alreadyApplied, start, schedule, pace }]) => {
      const alarm = start && `${start.depth} messages for ${formatDuration(start.for)}`;
      return [
        name,
        deadLetters,
        targetsInWords({ target, sources }),
        alreadyApplied?.database ?? 'nothing',
        [...(alarm ? [alarm] : []), ...(alarm && schedule === 'on-demand' ? [] : [schedule])].join(', '),
        `${pace.rate}/s, ${pace.inFlight} in flight`,
      ];
    },
  );
}

/** Where a replay delivers to, sources with a target of their own included. */
export function targetsInWords({ target, sources }: Pick<Replay, 'target' | 'sources'>): string {
  const own = typeof sources === 'object' ? Object.entries(sources) : [];
  return [targetOf(target), ...own.map(([name, { target: other }]) => `of ${name}: ${targetOf(other)}`)].join(
    '; ',
  );
}

function targetOf(target: Target): string {
  if ('webhook' in target) return `webhook of ${target.webhook.secret}`;
  if ('queue' in target) return `queue ${target.queue}`;
  return 'topic' in target ? `topic ${target.topic}` : `function ${target.function.name}`;
}

/** The queues that can be refilled from a database. */
export function rehydrationRows({ rehydrations }: Plan): Row[] {
  return Object.entries(rehydrations).map(([name, { database, into }]) => [name, database, intoWhat(into)]);
}

function intoWhat(into: Rehydration['into']): string {
  return 'queue' in into
    ? `queue ${into.queue}`
    : `Redis list ${into.redisList.list} of ${into.redisList.secret}`;
}

/** The backups outside the databases. */
export function artifactRows({ artifacts }: Plan): Row[] {
  return Object.entries(artifacts).map(([name, { takenBy, schedule, retention, where }]) => [
    name,
    schedule,
    formatDuration(retention),
    where,
    takenBy,
  ]);
}

/** The signals of the primary Region, and what they are for. */
export function signalRows({ failover }: Pick<Plan, 'failover'>): Row[] {
  if (!failover) return [];
  const subjects = subjectsOf(failover.signals);
  return Object.entries(failover.signals).map(([name, { failsFor }]) => [
    name,
    subjects[name] ?? '',
    formatDuration(failsFor),
    failover.decide.of.includes(name) ? `decides, with ${failover.decide.atLeast} or more` : 'only shown',
  ]);
}

/** Everything in the plan that this version leaves to other tools, in one phrase each. */
export function notTaken({ databases, artifacts }: Plan): string[] {
  return [
    ...Object.entries(databases).flatMap(([database, { backups }]) =>
      Object.entries(backups)
        .filter(([, backup]) => !isTakenByLifeboat(backup))
        .map(([name, backup]) => `backup ${database}/${name} (${methodOf(backup)}, by ${takerOf(backup)})`),
    ),
    ...Object.entries(artifacts).map(([name, { takenBy }]) => `artifact ${name} (by ${takenBy})`),
  ];
}

const OCCASIONS = { succeeded: 'runs that succeeded', failed: 'runs that failed', alarm: 'alarms' } as const;

/** Shows a summary of a plan. */
export function showPlan(screen: Screen, path: string, plan: Plan): void {
  const { paint } = screen;
  const { workload, description, regions, vault, notifications } = plan;
  const table = (title: string, head: readonly string[], rows: readonly (readonly Cell[])[]) => {
    if (rows.length === 0) return;
    const cells = createTable(screen, head);
    cells.push(...rows);
    screen.line();
    screen.line(paint('bold', title));
    screen.line(cells.shown());
  };
  screen.line();
  screen.line(shown`${paint('green', '✔')} ${paint('bold', path)}  ${workload}: ${description}`);
  screen.line(
    `  primary ${regions.primary}, standby ${regions.standby}, vault locked in ${vault.lock} mode, ` +
      `evidence kept ${formatDuration(vault.evidenceRetention)}`,
  );
  for (const [name, { email, on }] of Object.entries(notifications))
    screen.line(
      `  ${name}: e-mail to ${email.join(', ')} of ${on.map((occasion) => OCCASIONS[occasion]).join(', ')}`,
    );
  table('Objectives', ['scenario', 'RPO', 'RTO', 'measured by'], objectiveRows(plan));
  const marked = (rows: readonly Row[]) =>
    rows.map((row) =>
      row.map((cell, at) => (at === row.length - 1 && cell !== LIFEBOAT ? paint('yellow', cell) : cell)),
    );
  table(
    'Backups',
    ['database', 'backup', 'method', 'schedule (UTC)', 'kept', 'taken by'],
    marked(backupRows(plan)),
  );
  table(
    'Restore tests',
    ['restore test', 'restores', 'schedule (UTC)', 'scenario', 'own checks', 'freshness'],
    restoreTestRows(plan),
  );
  table(
    'Replays',
    ['queue', 'dead letters', 'delivered to', 'asked first', 'started by (UTC)', 'at most'],
    replayRows(plan),
  );
  table('Rehydrations', ['rehydration', 'rows of', 'become messages of'], rehydrationRows(plan));
  table('Signals of the primary', ['signal', 'looks at', 'fails for', 'decides'], signalRows(plan));
  table('Artifacts', ['artifact', 'schedule (UTC)', 'kept', 'where', 'taken by'], marked(artifactRows(plan)));
  showPromises(screen, plan);
}

function showPromises(screen: Screen, plan: Plan): void {
  screen.line();
  for (const { text, met } of lossLines(plan))
    if (met) screen.line(shown`${screen.paint('green', '✔')} ${text}`);
  for (const warning of planWarnings(plan)) screen.line(shown`${screen.paint('yellow', '⚠')} ${warning}`);
}
