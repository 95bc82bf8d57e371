import { describe, expect, it } from 'vitest';
import { accountRows, showAccount, sumInWords } from '../../../cli/render/account.ts';
import type { Account } from '../../../shared/replay/account/account.ts';
import { unknownInWords } from '../../../shared/run/kinds/replay.ts';
import { recordingScreen } from './recording-screen.ts';

const account: Account = {
  received: 2_412,
  delivered: 1_800,
  duplicates: 402,
  quarantined: 10,
  returned: 200,
  unknown: 3,
  attempts: 1_950,
  sources: {},
  reasons: { 'done-before': 300, 'application-has-it': 102, refused: 7, unparsable: 3, filtered: 200 },
};

describe('the account of a replay', () => {
  it('adds up in front of the reader', () => {
    expect(sumInWords(account)).toBe(
      '2,412 received = 1,800 delivered + 402 duplicates + 10 quarantined + 200 returned',
    );
  });

  it('says what is missing, or too much, where it does not add up', () => {
    expect(sumInWords({ ...account, received: 2_413 })).toMatch(/^2,413 received ≠ .*: 1 missing$/);
    expect(sumInWords({ ...account, received: 2_400 })).toMatch(/^2,400 received ≠ .*: 12 too many$/);
  });

  it('has each reason beneath the kind that it is a reason of', () => {
    expect(accountRows(account)).toEqual([
      ['received', '2,412', ''],
      ['delivered', '1,800', ''],
      ['duplicates', '402', '300 delivered before, 102 the application has it already'],
      ['quarantined', '10', '7 refused by the receiver, 3 not in the format of the plan'],
      ['returned', '200', '200 not wanted by the filter'],
    ]);
  });

  it('drops no reason that it has no words for', () => {
    const rows = accountRows({ ...account, reasons: { 'struck-by-lightning': 2 } });
    expect(rows[0]).toEqual(['received', '2,412', '2 struck-by-lightning']);
  });

  it('says of unknown deliveries what they mean', () => {
    expect(unknownInWords(account)).toBe(
      '3 requests sent again because an answer never came: no double effect at a receiver that honours the key, at most so many at one that does not',
    );
    expect(unknownInWords({ ...account, unknown: 0 })).toMatch(/^none: /);
  });

  it('shows figures and reasons in a table', () => {
    const screen = recordingScreen();
    showAccount(screen, account);
    expect(screen.text()).toMatch(/│ quarantined │ +10 │ 7 refused by the receiver/);
  });
});
