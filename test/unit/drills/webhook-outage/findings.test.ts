import { describe, expect, it } from 'vitest';
import { showConclusion, showFindings } from '../../../../drills/show-findings.ts';
import {
  afterRelease,
  afterReplay,
  type Ended,
  whileDown,
} from '../../../../drills/webhook-outage/findings.ts';
import { recordingScreen } from '../../cli/recording-screen.ts';

const letters = {
  before: ['k1'],
  bodies: Array.from({ length: 10 }, (_, index) => `body ${index}`),
  known: ['k1'],
  fresh: ['f1', 'f2', 'f3', 'f4'],
  refused: ['r1'],
  copies: 2,
  unparsable: 1,
  mismatched: 1,
};
const account = {
  received: 10,
  delivered: 4,
  duplicates: 3,
  quarantined: 3,
  returned: 0,
  unknown: 1,
  attempts: 7,
  sources: {},
  reasons: {},
};
const good = {
  letters,
  run: { outcome: 'replayed', account } as Ended,
  seen: { requests: 6, effects: 4, known: 1 },
  recorded: new Map([...letters.known, ...letters.fresh].map((id) => [id, 1])),
  quarantined: 3,
  left: 0,
};
const amiss = (changed: Partial<typeof good>) =>
  afterReplay({ ...good, ...changed }).filter((finding) => !finding.good);

describe('the account of a replay, compared with the facts', () => {
  it('is good where all of them agree', () => {
    expect(amiss({})).toEqual([]);
  });

  it.each([
    ['an event was lost', { recorded: new Map([...good.recorded].slice(1)) }, /exactly once/],
    ['an event took effect twice', { recorded: new Map([...good.recorded, ['f1', 2]]) }, /exactly once/],
    ['a refused event took effect', { recorded: new Map([...good.recorded, ['r1', 1]]) }, /refused/],
    [
      'the webhook saw more effects than were delivered',
      { seen: { ...good.seen, effects: 5 } },
      /took effect/,
    ],
    [
      'the webhook was sent more again than is called unknown',
      { seen: { ...good.seen, known: 2 } },
      /unknown/,
    ],
    ['something is left in the queue', { left: 1 }, /queue is empty/],
    ['quarantine lost a message', { quarantined: 2 }, /in the vault/],
    [
      'the account does not add up',
      { run: { outcome: 'replayed', account: { ...account, received: 11 } } },
      /adds up/,
    ],
    [
      'messages went back',
      { run: { outcome: 'replayed', account: { ...account, duplicates: 2, returned: 1 } } },
      /none went back/,
    ],
    ['the run was not proven', { run: { outcome: 'not-proven', account } }, /came to its end/],
    ['the run left no account', { run: { outcome: 'not-proven', account: null } }, /has an account/],
  ] as const)('is not where %s', (_, changed, what) => {
    expect(amiss(changed).map((finding) => finding.what)).toContainEqual(expect.stringMatching(what));
  });

  it('shows of what is not so both sides', () => {
    const screen = recordingScreen();
    showFindings(screen, afterReplay({ ...good, left: 2 }));
    expect(screen.text()).toContain('✖ the queue is empty: expected 0, found 2');
    expect(screen.text()).toContain('✔ every event is in the database exactly once: 5');
  });
});

it('concludes with what does not hold, once more', () => {
  const concluded = (left: number) => {
    const screen = recordingScreen();
    showConclusion(screen, afterReplay({ ...good, left }));
    return screen.text();
  };
  expect(concluded(0)).toMatch(/IT ADDS UP {2}12 findings/);
  expect(concluded(2)).toMatch(
    /IT DOES NOT ADD UP {2}1 of 12 findings:\n {2}✖ the queue is empty: expected 0, found 2$/,
  );
});

describe('a replay that comes too early', () => {
  const stopped = { run: { outcome: 'stopped', account: null }, before: 10, after: 10 };
  const nothing = { requests: 0, effects: 0, known: 0 };

  it('is good where it stopped, lost nothing and sent nothing', () => {
    expect(whileDown({ ...stopped, seen: nothing }).every((finding) => finding.good)).toBe(true);
  });

  it.each([
    { ...stopped, seen: nothing, after: 9 },
    { ...stopped, seen: { ...nothing, requests: 1 } },
    { ...stopped, seen: nothing, run: { outcome: 'replayed', account: null } },
  ])('is not where it did not: %j', (seen) => {
    expect(whileDown(seen).filter((finding) => !finding.good)).toHaveLength(1);
  });
});

it('what was released must be delivered, and once', () => {
  const run = { outcome: 'replayed', account: { ...account, delivered: 1 } };
  const goods = (recorded: Map<string, number>) =>
    afterRelease({ run, id: 'r1', recorded }).map((finding) => finding.good);
  expect(goods(new Map([['r1', 1]]))).toEqual([true, true]);
  expect(goods(new Map())).toEqual([true, false]);
  expect(goods(new Map([['r1', 2]]))).toEqual([true, false]);
});
