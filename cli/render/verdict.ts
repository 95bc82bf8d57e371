import { measureInWords, worstLossInWords } from '../../shared/objectives/measure-in-words.ts';
import type { AnyEvidence } from '../../shared/run/evidence.ts';
import type { Fact, FactTable, Kind } from '../../shared/run/kind.ts';
import { KINDS, kindOf } from '../../shared/run/kinds.ts';
import { outcomeInWords } from '../../shared/run/outcome-lookup.ts';
import { NO_CAUSE } from '../../shared/run/unwrap-cause.ts';
import type { CheckResult } from '../../shared/validation/verdict.ts';
import type { FinishedRun } from '../follow/run-machine.ts';
import { showAccount } from './account.ts';
import type { Screen } from './screen.ts';
import { Shown, shown } from './shown.ts';
import { createTable } from './table.ts';
import { took } from './words.ts';

/**
 * Shows how a run ended, its measured times, and where to read them again.
 *
 * @param evidenceAt where the evidence can be read; defaults to the vault
 */
export function showVerdict(
  screen: Screen,
  run: FinishedRun,
  evidenceAt = run.evidenceLocation,
  kinds: readonly Kind[] = KINDS,
): void {
  const { evidence, end } = run;
  const kind = kindOf(run.machine, kinds);
  screen.line();
  screen.line(headline(screen.paint, run, kinds));
  if (!evidence || end.error === 'OutcomeNotAnnounced') {
    const cause = end.cause ?? NO_CAUSE;
    screen.line(`  ${end.status}${end.error === null ? '' : `: ${end.error}: ${cause}`}`);
  }
  for (const { label, text } of evidence ? factsOf(evidence, kind) : [])
    screen.line(fact(screen, label, text));
  const problem = run.evidenceProblem === null ? '' : `${run.evidenceProblem}: `;
  screen.line(fact(screen, 'evidence', `${problem}${evidenceAt}`));
  if (!evidence) return;
  showFailedChecks(screen, evidence);
  showTables(screen, kind.tables?.(evidence) ?? []);
  if (evidence.account && evidence.account.received > 0) showAccount(screen, evidence.account);
}

/** A line of a label and its text, in columns. */
export function fact({ paint }: Screen, label: string, text: string): Shown {
  return shown`  ${paint('dim', label.padEnd(15))} ${text}`;
}

function headline(
  paint: Screen['paint'],
  { evidence, end, machine }: FinishedRun,
  kinds: readonly Kind[],
): Shown {
  // The execution's end decides: an outcome that was not announced does not count as good.
  if (!evidence || end.error === 'OutcomeNotAnnounced')
    return shown`  ${paint(['bold', 'red'], end.error ?? `${machine} ${end.status}`)}`;
  const good = end.status === 'SUCCEEDED' && !evidence.leftBehind;
  return shown`  ${paint(['bold', good ? 'green' : 'red'], outcomeInWords(evidence, kinds).toUpperCase())}  ${evidence.reason}${causeOf(evidence)}`;
}

/** Enough to know what happened; the whole cause has a line of its own. */
const LONGEST_CAUSE = 300;

/** The cause behind the reason: an error's name alone tells a person little. */
function causeOf({ failure }: AnyEvidence): Shown {
  return failure ? shown`: ${Shown.of(failure.cause, LONGEST_CAUSE)}` : Shown.of('');
}

/** The evidence, line by line: first the fields of every kind of run, then those of its own kind. */
function factsOf(evidence: AnyEvidence, kind: Kind): Fact[] {
  const { objectives, failure, phases } = evidence;
  const durations = phases.map(({ name, seconds }) => `${wordsOf(kind, name)} ${took(seconds * 1_000)}`);
  return [
    ...(failure ? [{ label: 'error', text: `${failure.error}: ${failure.cause}` }] : []),
    ...(objectives
      ? [
          { label: 'RPO', text: measureInWords(objectives.rpo) },
          ...(objectives.available
            ? [{ label: 'available', text: measureInWords(objectives.available) }]
            : []),
          { label: 'RTO', text: measureInWords(objectives.rto) },
          ...(objectives.worstLoss
            ? [{ label: 'worst loss', text: worstLossInWords(objectives.worstLoss) }]
            : []),
          { label: 'scenario', text: objectives.scenario },
        ]
      : []),
    { label: 'phases', text: durations.join(', ') || 'none' },
    ...kind.facts(evidence),
  ];
}

function wordsOf({ steps }: Kind, step: string): string {
  return steps[step]?.words ?? step;
}

function showTables(screen: Screen, tables: readonly FactTable[]): void {
  for (const { head, rows } of tables) {
    const table = createTable(screen, head);
    table.push(...rows);
    screen.line();
    screen.line(table.shown());
  }
}

const IN_WORDS = {
  passed: 'passed',
  failed: 'failed',
  'not-run': 'could not be run',
  'left-out': 'left out',
  differs: 'differs',
} as const satisfies Record<CheckResult['outcome'], string>;

function showFailedChecks(screen: Screen, { checks }: AnyEvidence): void {
  const amiss = checks.filter(({ outcome }) => outcome !== 'passed');
  if (amiss.length === 0) return;
  const table = createTable(screen, ['check', 'outcome', 'expected', 'found']);
  for (const { name, outcome, expected, found } of amiss)
    table.push([name, IN_WORDS[outcome], expected, found]);
  screen.line();
  screen.line(table.shown());
}
