import type { Standing } from '../../local/rds/standing.ts';
import { type Finding, finding } from '../finding.ts';

/**
 * Compares what stands after the drill with what stood before it. Everything that runs made for themselves is gone: what is left is
 * the snapshot and its copy.
 */
export function whatStands(before: Standing, after: Standing): Finding[] {
  const added = (of: keyof Standing) => after[of].filter((name) => !before[of].includes(name));
  const nothing = (names: readonly string[]) => names.join(', ') || 'none';
  return [
    finding('instances that are left', 'none', nothing(added('instances'))),
    finding('secrets that are left', 'none', nothing(added('secrets'))),
    finding('snapshots, one in each Region', 2, added('snapshots').length),
  ];
}
