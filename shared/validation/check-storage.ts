import type { StorageFault } from '../database/engine.ts';
import type { CheckResult } from './verdict.ts';

/** What a check of storage found. */
interface Findings {
  readonly faults: readonly StorageFault[];
  /** What could not be checked, in words. */
  readonly unchecked: readonly string[];
}

/** The most faults that are named one by one. A rotten disk has thousands. */
const NAMED = 20;

/** Fails for each table of which a block could not be read. What was not read at all is not proven. */
export function checkBlocks({
  bytes,
  damaged,
  unread,
}: {
  bytes: number;
  damaged: readonly StorageFault[];
  unread: readonly string[];
}): CheckResult[] {
  const base = { kind: 'blocks', expected: 'every block has its checksum' } as const;
  if (damaged.length > 0) return failures(base, damaged);
  if (unread.length > 0)
    return [
      {
        ...base,
        name: 'every block was read',
        outcome: 'not-run',
        found: `not read: ${unread.slice(0, 5).join(', ')}${unread.length > 5 ? ` and ${unread.length - 5} more` : ''}; let the master user read them: GRANT pg_read_all_data`,
      },
    ];
  return [{ ...base, name: 'every block was read', outcome: 'passed', found: `${bytes} bytes` }];
}

/** Without checksums a flipped bit is not seen, so nothing is known of the blocks. */
export function checkChecksums(on: boolean): CheckResult {
  return {
    kind: 'blocks',
    name: 'the server writes checksums',
    outcome: on ? 'passed' : 'not-run',
    expected: 'data_checksums = on',
    found: on ? 'on' : 'off: damage on the disk cannot be seen',
  };
}

export function checkStructure({ faults, unchecked }: Findings): CheckResult[] {
  return judged('structure', 'tables and indexes are in order (amcheck)', { faults, unchecked });
}

export function checkConstraints({ faults, unchecked }: Findings): CheckResult[] {
  return judged('constraints', 'every foreign key leads to a row', { faults, unchecked });
}

function judged(
  kind: 'structure' | 'constraints',
  name: string,
  { faults, unchecked }: Findings,
): CheckResult[] {
  const base = { kind, expected: 'no fault' } as const;
  const leftOut: CheckResult[] =
    unchecked.length === 0
      ? []
      : [
          {
            ...base,
            kind: 'coverage',
            name,
            outcome: 'left-out',
            found: unchecked.slice(0, NAMED).join('; '),
          },
        ];
  if (faults.length > 0) return [...failures(base, faults), ...leftOut];
  return unchecked.length > 0 ? leftOut : [{ ...base, name, outcome: 'passed', found: 'no fault' }];
}

function failures(
  base: Pick<CheckResult, 'kind' | 'expected'>,
  faults: readonly StorageFault[],
): CheckResult[] {
  const byTable = [...Map.groupBy(faults, ({ table }) => table)];
  return byTable.slice(0, NAMED).map(([name, [first, ...others]]) => ({
    ...base,
    name,
    outcome: 'failed',
    found: `${first?.reason}${others.length > 0 ? `; and ${others.length} more` : ''}`,
  }));
}
