import { type Account, unaccounted } from '../../shared/replay/account/account.ts';
import type { Row } from './plan-summary.ts';
import type { Screen } from './screen.ts';
import { shown } from './shown.ts';
import { createTable } from './table.ts';

const KINDS = ['delivered', 'duplicates', 'quarantined', 'returned'] as const;
type Kind = (typeof KINDS)[number];

/** The meaning of an account's reason codes, by disposition. */
const REASONS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  delivered: {},
  duplicates: {
    'done-before': 'delivered before',
    'application-has-it': 'the application has it already',
  },
  quarantined: {
    refused: 'refused by the receiver',
    'failed-repeatedly': 'failed in several runs, while others were accepted',
    unparsable: 'not in the format of the plan',
    'key-missing': 'without a key',
    'no-payload': 'a record of a failure, without what failed',
    mismatch: 'a known key with another body',
    'too-old': 'too old',
  },
  returned: {
    filtered: 'not wanted by the filter',
    failed: 'the receiver failed',
    suspect: 'the receiver failed, as in an earlier run',
    unknown: 'no answer',
    busy: 'held by another worker',
    behind: 'behind one of its group that went back',
    unrecorded: 'the ledger could not be told',
    error: 'the worker met an error',
    unsent: 'not sent before the end',
    'other-source': 'from another source than the others',
    'worker-died': 'held by a worker that died',
  },
};

/** `2,412 received = 1,800 delivered + 402 duplicates + 10 quarantined + 200 returned`, or what is missing. */
export function sumInWords(account: Account): string {
  const number = (value: number) => value.toLocaleString('en-US');
  const right = KINDS.map((kind) => `${number(account[kind])} ${kind}`).join(' + ');
  const missing = unaccounted(account);
  return missing === 0
    ? `${number(account.received)} received = ${right}`
    : `${number(account.received)} received ≠ ${right}: ${number(Math.abs(missing))} ${missing > 0 ? 'missing' : 'too many'}`;
}

/** The account by disposition, with the reasons for each. */
export function accountRows(account: Account): Row[] {
  const number = (value: number) => value.toLocaleString('en-US');
  const explained = new Set<string>();
  const why = (kind: Kind) =>
    Object.entries(REASONS[kind])
      .filter(([reason]) => (account.reasons[reason] ?? 0) > 0)
      .map(([reason, words]) => {
        explained.add(reason);
        return `${number(account.reasons[reason] ?? 0)} ${words}`;
      })
      .join(', ');
  const rows = KINDS.map((kind) => [kind, number(account[kind]), why(kind)]);
  const others = Object.entries(account.reasons)
    .filter(([reason]) => !explained.has(reason))
    .map(([reason, times]) => `${number(times)} ${reason}`);
  return [['received', number(account.received), others.join(', ')], ...rows];
}

/** Shows an account so that a reader can check its sum. */
export function showAccount(screen: Screen, account: Account): void {
  const { paint } = screen;
  const table = createTable(screen, ['', 'messages', 'which ones']);
  table.push(...accountRows(account));
  screen.line();
  screen.line(shown`  ${paint(unaccounted(account) === 0 ? 'bold' : ['bold', 'red'], sumInWords(account))}`);
  screen.line(table.shown());
}
