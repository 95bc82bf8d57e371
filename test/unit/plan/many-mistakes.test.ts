import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

const NAME = 'a name of at most 31 lower-case letters, digits and hyphens that starts with a letter';
const SCHEDULE = 'a schedule: cron(0 2 * * ? *), rate(15 minutes), rate(1 hour), on-demand or on-change';

describe('a text that is no plan at all', () => {
  it.each([
    ['', '1:1: expected a plan; the file is empty'],
    ['# only a comment\n', '1:1: expected a plan; the file is empty'],
    ['just words', '1:1: expected a map, found "just words"'],
    ['- a list', '1:1: expected a map, found a list'],
    [`${PLAN}---\nworkload: second\n`, '109:1: expected one document, without a second one after ---'],
    [
      // Nine times nine times nine …: 43 million texts out of 300 characters.
      [...'abcdefgh']
        .map((c, i, all) => `${c}: &${c} [${Array(9).fill(i ? `*${all[i - 1]}` : 'x')}]`)
        .join('\n'),
      '1:1: expected aliases that unfold into a plan of a sane size',
    ],
  ])('%j', (text, mistake) => {
    expect(mistakesIn(text)).toEqual([`x.yml:${mistake}`]);
  });

  it('is refused once, not a crash, when its brackets are nested deeper than the parser can follow', () => {
    const mistakes = mistakesIn('['.repeat(50_000));
    expect(mistakes[0]).toContain('expected valid YAML');
    expect(new Set(mistakes).size).toBe(mistakes.length);
  });

  it('does not repeat the text of a broken line, which may hold a password', () => {
    const mistakes = mistakesIn('"workload":{"a":1}\n? [password]\n: hunter2\n').join('\n');
    expect(mistakes).toContain('x.yml:3:3: expected valid YAML: Unexpected scalar token in YAML stream');
    expect(mistakes).not.toContain('hunter2');
  });
});

describe('a plan in another language', () => {
  it.each([
    [
      'lifeboat: 1\n',
      '',
      '1:1 lifeboat: missing, expected lifeboat: 1 as the first key: the version of the plan language',
    ],
    [
      'lifeboat: 1',
      'lifeboat: 2',
      '1:11 lifeboat: expected 1, the version of the plan language that this Lifeboat reads, found 2',
    ],
    [
      'lifeboat: 1',
      'lifeboat: "1"',
      '1:11 lifeboat: expected 1, the version of the plan language that this Lifeboat reads, found "1"',
    ],
    [
      'lifeboat: 1\nworkload: shop',
      'workload: shop\nlifeboat: 1',
      '2:1 lifeboat: expected lifeboat: 1 as the first key',
    ],
  ])('with %j replaced by %j is refused for that alone', (passage, replacement, mistake) => {
    const alsoWrong = planWith('lock: governance', 'lock: none', planWith(passage, replacement));
    expect(mistakesIn(alsoWrong)).toEqual([`x.yml:${mistake}`]);
  });
});

describe('a mistake behind an alias', () => {
  it('is reported where the anchored value is written, with the path of each use', () => {
    const anchored = planWith('- name: orders came back', '- &check\n        name: orders came back');
    const twice = planWith('{ atLeast: 1 }', '{ atLeast: x }\n      - *check', anchored);
    expect(mistakesIn(twice)).toEqual([
      'x.yml:53:15 restoreTests.nightly.checks[1].name: expected a name that no check above has, found "orders came back"',
      'x.yml:55:28 restoreTests.nightly.checks[0].expect.atLeast: expected a number, found "x"',
      'x.yml:55:28 restoreTests.nightly.checks[1].expect.atLeast: expected a number, found "x"',
    ]);
  });
});

describe('several mistakes', () => {
  const wrong = [
    ['lock: governance', 'lock: none'],
    ['standby: us-west-2', 'standby: us-east-1'],
    ['retention: 30d', 'retenton: 30d'],
    ['backup: full', 'backup: fulll'],
    ['      wal:', '      WAL:'],
    ['rate(15 minutes)', 'hourly'],
    ['artifacts:', 'description: again\nartifacts:'],
  ].reduce((text, [passage = '', replacement = '']) => planWith(passage, replacement, text), PLAN);

  it('lists every mistake with its line and column, in the order of the file', () => {
    expect(mistakesIn(wrong)).toEqual([
      'x.yml:6:12 regions.standby: expected another Region than the primary, found "us-east-1"',
      'x.yml:13:9 vault.lock: expected one of governance, compliance, found "none"',
      'x.yml:29:9 databases.main.backups.full: unknown key "retenton"; did you mean "retention"?',
      `x.yml:30:7 databases.main.backups.WAL: expected ${NAME}, found "WAL"`,
      `x.yml:33:19 databases.main.backups.WAL.schedule: expected ${SCHEDULE}, found "hourly"`,
      'x.yml:39:15 restoreTests.nightly.from.backup: expected a backup of this database that Lifeboat takes (full), found "fulll"; did you mean "full"?',
      'x.yml:58:1: expected each key once, found this one a second time',
    ]);
  });

  it('carries them as data too', () => {
    expect(() => parsePlan(wrong, 'x.yml')).toThrow(
      expect.objectContaining({
        name: 'PlanInvalid',
        source: 'x.yml',
        mistakes: expect.arrayContaining([
          {
            kind: 'unknown key',
            path: 'databases.main.backups.full',
            line: 29,
            column: 9,
            expected: 'one of logical, schedule, retention, verify',
            found: '"retenton"',
            suggestion: 'retention',
          },
        ]),
      }),
    );
  });
});

describe('a mistake in one place', () => {
  it('hides no mistake of another, neither in the same entry nor in another section', () => {
    const wrong = [
      ['canary: 2', 'canary: 0'],
      ['workers: 4', 'workers: 21'],
      ['deadLetters: mails-dlq.fifo', 'deadLetters: payments-dlq'],
      ['every: 1m', 'every: 90s'],
      ['choose: newest', 'choose: oldest'],
      ['      backup: full', '      backup: wal'],
      ['jobs:\n    database: main', 'jobs:\n    database: jobs'],
    ].reduce((text, [passage = '', replacement = '']) => planWith(passage, replacement, text), PLAN);
    const paths = mistakesIn(wrong).map((line) => line.replace(/^x\.yml:\d+:\d+ ([^ ]+): .*/, '$1'));
    expect(paths).toEqual([
      'databases.main.heartbeat.every',
      'restoreTests.nightly.from.backup',
      'restoreTests.nightly.from.choose',
      // More than pace.inFlight, and more than the connections of the database that each worker asks.
      'replays.payments.pace.workers',
      'replays.payments.pace.workers',
      'replays.payments.canary',
      'replays.mails.deadLetters',
      'replays.mails.target.queue',
      'rehydrations.jobs.database',
    ]);
  });
});
