import Table from 'cli-table3';
import type { Reporter, TestModule } from 'vitest/node';
import { type CaseId, fieldCases } from './list.ts';

/** What a run found out about one case. */
export interface TriedCase {
  readonly id: CaseId;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  /** What came out, in a few words. */
  readonly now?: string | undefined;
  /** Why this machine cannot try it. */
  readonly skipped?: string | undefined;
}

/**
 * Prints, after a run of all cases from the field, each with its input, what came out before, and what comes out now. The run
 * fails for a case that did not pass, or that no file of the run tries. A case that this machine cannot try is skipped with a
 * reason, and fails nothing.
 */
export default class CaseTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tried = modules.flatMap((module) =>
      [...module.children.allTests()].flatMap((test) => {
        const { fieldCase } = test.meta();
        return fieldCase ? [{ ...fieldCase, state: test.result().state }] : [];
      }),
    );
    const missing = unproven(tried);
    console.log(`\n${caseTable(tried)}`);
    if (missing.length === 0) return;
    console.log(`\nCases without a passed result: ${missing.join(', ')}`);
    process.exitCode = 1;
  }
}

const IDS = Object.keys(fieldCases) as CaseId[];

/**
 * The cases of the list that have neither passed nor a reason why this machine cannot try them, in its order. A case that is
 * tried twice must pass twice.
 */
export function unproven(tried: readonly TriedCase[]): CaseId[] {
  return IDS.filter((id) => {
    const results = tried.filter((each) => each.id === id);
    return results.length === 0 || results.some((each) => each.state !== 'passed' && !isSkipped(each));
  });
}

function isSkipped({ state, skipped }: TriedCase): boolean {
  return state === 'skipped' && skipped !== undefined;
}

/** Every case of the list as a row, tried or not. */
export function caseTable(tried: readonly TriedCase[]): string {
  const table = new Table({
    head: ['case', 'input', 'came out before', 'comes out now'],
    colWidths: [6, 52, 36, 40],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const id of IDS) {
    const { input, before } = fieldCases[id];
    const results = tried.filter((each) => each.id === id);
    table.push([id, input, before, results.map(inWords).join('\n') || 'NOT TRIED']);
  }
  const skipped = tried.filter(isSkipped).length;
  const passed = IDS.length - unproven(tried).length - skipped;
  const count = `${passed} of ${IDS.length} passed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return `Cases from the field: ${count}\n${table.toString()}`;
}

function inWords({ state, skipped, now = skipped ?? 'nothing' }: TriedCase): string {
  return state === 'passed' ? now : `${state.toUpperCase()}: ${now}`;
}
