import type { Assessment, SignalState } from '../../shared/failover/assess.ts';
import type { Gate } from '../../shared/failover/gate-on-lag.ts';
import type { FailoverSeen } from '../aws/failover.ts';
import type { Workload } from '../workload.ts';
import type { Row } from './plan-summary.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';
import { createTable, wrapped } from './table.ts';
import { ago, took, utc } from './words.ts';

/** Shows the signals of the primary Region, and what a failover would do now. Nothing where nothing watches from here. */
export function showFailover(
  screen: Screen,
  { plan }: Pick<Workload, 'plan'>,
  failover: FailoverSeen | null,
  now: Date,
): void {
  if (failover === null) return;
  const { assessment, gates } = failover;
  screen.line();
  screen.line(screen.paint('bold', `${plan.regions.primary}, seen from ${plan.regions.standby}`));
  const cells = createTable(screen, ['signal', 'seen', 'since', 'last healthy', 'what the last look found']);
  for (const signal of assessment.signals) {
    const [detail = '', ...others] = signalRow(signal, now).toReversed();
    cells.push([...others.toReversed(), wrapped(detail, 50)]);
  }
  screen.line(cells.shown());
  const colour = { lost: 'red', healthy: 'green', undecided: 'yellow' } as const;
  for (const [index, line] of assessmentLines(assessment).entries())
    screen.line(shown`  ${index === 0 ? screen.paint(colour[assessment.primary], line) : line}`);
  for (const { database, decision } of gates) screen.line(shown`  ${database}: ${gateInWords(decision)}`);
}

/** A signal, since when it is so, and what was found. */
export function signalRow(
  { name, seen, since, lastHealthy, detail, flaps, counts, decides }: SignalState,
  now: Date,
): Row {
  const marks = [
    ...(counts ? ['counts'] : []),
    ...(flaps ? ['flaps'] : []),
    ...(decides ? [] : ['only shown']),
  ];
  return [
    name,
    marks.length > 0 ? `${seen} (${marks.join(', ')})` : seen,
    since ? ago(since, now) : 'never looked at',
    lastHealthy ? ago(lastHealthy, now) : 'never',
    detail,
  ];
}

/** The decision, and then its reasons, a line each. */
export function assessmentLines(assessment: Assessment): string[] {
  if (assessment.primary === 'healthy') return ['not lost: too few signals fail'];
  if (assessment.primary === 'undecided') return ['not decided whether it is lost:', ...assessment.because];
  const { since, lastHealthy, held } = assessment;
  const before = lastHealthy ? `, still healthy at ${utc(lastHealthy)}` : '';
  return [
    `LOST since ${utc(since)}${before}`,
    ...held.map((reason) => `no failover starts by itself: ${reason}`),
  ];
}

/** Whether a promotion would go on by itself, and what it would lose. */
export function gateInWords(gate: Gate): string {
  if (gate.gate === 'ask') return `a failover would ask first: ${gate.question}`;
  const { way, id, loss } = gate.with;
  return `a failover would use ${way} "${id}" and lose ${took(loss ?? 0)}`;
}
