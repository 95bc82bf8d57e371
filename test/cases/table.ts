import Table from 'cli-table3';
import type { Reporter, TestModule } from 'vitest/node';
import { type CaseId, fieldCases } from './list.ts';

/** Prints, after the run, each case from the field that was tried: its input, what came out before, and what comes out now. */
export default class CaseTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows: [CaseId, string][] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { fieldCase } = test.meta();
        if (!fieldCase) continue;
        const { state } = test.result();
        const now = fieldCase.now ?? 'nothing';
        rows.push([fieldCase.id, state === 'passed' ? now : `${state.toUpperCase()}: ${now}`]);
      }
    }
    if (rows.length === 0) return;
    const ids = Object.keys(fieldCases);
    rows.sort(([one], [other]) => ids.indexOf(one) - ids.indexOf(other));
    const table = new Table({
      head: ['case', 'input', 'came out before', 'comes out now'],
      colWidths: [6, 52, 36, 40],
      wordWrap: true,
      style: { head: [], border: [] },
    });
    for (const [id, now] of rows) table.push([id, fieldCases[id].input, fieldCases[id].before, now]);
    console.log(`\nCases from the field: ${rows.length} of ${ids.length} were tried\n${table.toString()}`);
  }
}
