import * as z from 'zod';
import type { Evidence } from '../../shared/evidence/evidence.ts';
import { describe, outcomeInWords } from '../../shared/notify/announcement.ts';
import type { FinishedRun } from '../follow/run-machine.ts';
import { showAccount, unknownInWords } from './account.ts';
import { showWouldBe } from './dry-run.ts';
import type { Screen } from './screen.ts';
import { createTable } from './table.ts';
import { bytes, count, took } from './words.ts';

/**
 * Shows how a run ended, what it measured, and where that can be read again.
 *
 * @param evidenceAt where the evidence can be read; in the vault unless told otherwise
 */
export function showVerdict(screen: Screen, run: FinishedRun, evidenceAt = run.evidenceLocation): void {
  const { evidence, end } = run;
  screen.line();
  screen.line(headline(screen.paint, run));
  if (!evidence || end.error === 'OutcomeNotAnnounced') {
    const cause = end.cause ?? 'no cause was given';
    screen.line(`  ${end.status}${end.error === null ? '' : `: ${end.error}: ${cause}`}`);
  }
  for (const [label, text] of evidence ? facts(evidence) : []) screen.line(fact(screen, label, text));
  const problem = run.evidenceProblem === null ? '' : `${run.evidenceProblem}: `;
  screen.line(fact(screen, 'evidence', `${problem}${evidenceAt}`));
  if (!evidence) return;
  showFailedChecks(screen, evidence);
  if (evidence.outcome === 'dry-run') showWouldBe(screen, evidence);
  if (evidence.account && evidence.account.received > 0) showAccount(screen, evidence.account);
}

/** A line of a label and its text, in columns. */
export function fact({ paint }: Screen, label: string, text: string): string {
  return `  ${paint('dim', label.padEnd(15))} ${text}`;
}

function headline(paint: Screen['paint'], { evidence, end, machine }: FinishedRun): string {
  // The machine's own end is the last word: an outcome that nobody was told of is not a good one.
  if (!evidence || end.error === 'OutcomeNotAnnounced')
    return `  ${paint(['bold', 'red'], end.error ?? `${machine} ${end.status}`)}`;
  const good = end.status === 'SUCCEEDED';
  return `  ${paint(['bold', good ? 'green' : 'red'], outcomeInWords(evidence).toUpperCase())}  ${evidence.reason}`;
}

/** What the evidence says, as labels and texts. */
export function facts(evidence: Evidence): Fact[] {
  const { machine, objectives, failure, recoveryPoint, phases, account } = evidence;
  const data = figures(evidence);
  const left = leftInQueue(evidence);
  const all: (Fact | null)[] = [
    failure && ['error', `${failure.error}: ${failure.cause}`],
    objectives && ['RPO', describe(objectives.rpo)],
    objectives && ['RTO', describe(objectives.rto)],
    objectives && ['scenario', objectives.scenario],
    data === null ? null : ['data', data],
    [
      'phases',
      phases.map(({ name, seconds }) => `${phaseName(name)} ${took(seconds * 1_000)}`).join(', ') || 'none',
    ],
    KEEPS_POINTS.has(machine) ? ['recovery point', recoveryPoint ?? 'none'] : null,
    account && ['unknown', unknownInWords(account)],
    left === null ? null : ['left in queue', `${count(left, 'message')}, by SQS's own approximation`],
  ];
  return all.filter((each) => each !== null);
}

type Fact = readonly [label: string, text: string];

/** Machines whose runs are about a recovery point. */
const KEEPS_POINTS: ReadonlySet<Evidence['machine']> = new Set(['backup', 'restore-test']);

const Settled = z.object({ left: z.number() });

/** How many messages a replay left in its queue; null where it did not come to look. */
export function leftInQueue({ steps }: Evidence): number | null {
  return Settled.safeParse(steps.account).data?.left ?? null;
}

const Figures = z.object({
  tables: z.number(),
  rows: z.number(),
  rawBytes: z.number(),
  storedBytes: z.number().optional(),
});

/** How much was copied or loaded: `14 tables, 137,391 rows, 58 MB, stored as 21 MB`. */
export function figures({ steps }: Evidence): string | null {
  const parsed = Figures.safeParse(steps.copy ?? steps.load);
  if (!parsed.success) return null;
  const { tables, rows, rawBytes, storedBytes } = parsed.data;
  const stored = storedBytes === undefined ? [] : [`stored as ${bytes(storedBytes)}`];
  return [count(tables, 'table'), count(rows, 'row'), bytes(rawBytes), ...stored].join(', ');
}

function phaseName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function showFailedChecks(screen: Screen, { checks }: Evidence): void {
  const amiss = checks.filter(({ outcome }) => outcome !== 'passed');
  if (amiss.length === 0) return;
  const table = createTable(screen, ['check', 'outcome', 'expected', 'found']);
  for (const { name, outcome, expected, found } of amiss)
    table.push([name, outcome === 'failed' ? 'failed' : 'could not be run', expected, found]);
  screen.line();
  screen.line(table.toString());
}
