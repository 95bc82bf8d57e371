import type { CopyCompared } from '../../shared/handover/step-answers.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';
import { createTable } from './table.ts';

/** What was found of a copy, as `--json` prints it too. */
export type Comparison = Omit<CopyCompared, 'next'> & { readonly copy: string };

/** Shows where a restored copy differs from its live source. Tables that are the same are counted only. */
export function showComparison(
  screen: Screen,
  { copy, recoveryPoint, only, sourceAt, schema, tables }: Comparison,
): void {
  const differing = tables.filter(({ outcome }) => outcome !== 'same');
  const same = tables.length - differing.length;
  screen.line();
  screen.line(
    shown`${copy}, restored from ${recoveryPoint}, against its source of ${sourceAt}: ${differing.length} of ${tables.length} tables differ`,
  );
  if (only.length > 0) screen.line(shown`Only ${only.join(', ')} was restored: nothing else was compared.`);
  if (differing.length > 0) {
    const table = createTable(screen, ['table', 'source', 'copy', 'lacking', 'extra', 'changed', '']);
    for (const each of differing) {
      const count = (value: string | number | null) => (value === null ? '-' : String(value));
      table.push([
        each.table,
        count(each.sourceRows),
        count(each.copyRows),
        count(each.lacking),
        count(each.extra),
        count(each.changed),
        each.outcome === 'differs' ? '' : each.outcome,
      ]);
    }
    screen.line(table.shown());
  }
  if (differing.length > 0 && same > 0)
    screen.line(shown`${same === 1 ? '1 table is' : `${same} tables are`} the same, row by row.`);
  for (const difference of schema?.differences ?? []) screen.line(shown`Definition differs: ${difference}`);
  for (const title of schema?.leftOut ?? []) screen.line(shown`Not allowed to the copy: ${title}`);
}
