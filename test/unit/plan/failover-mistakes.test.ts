import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

const SECTION = `failover:
  signals:
    endpoint: { health: { url: https://api.shop.example.com/health, status: 204 }, failsFor: 2m }
    database: { connect: main, failsFor: 1m }
    writes: { heartbeat: { database: main, olderThan: 5m }, failsFor: 1m }
    instance: { rds: main, failsFor: 2m }
    errors: { alarm: shop-5xx-rate, failsFor: 3m }
  decide:
    of: [endpoint, database, writes, errors]
    atLeast: 2
    notWithin: 12h
    blackout:
      - { schedule: cron(0 2 ? * SUN *), for: 2h, why: patches of the operating system }
  lagGate: { maxLoss: 1m }
`;
const inTwoRegions = planWith(
  '  standby: us-west-2\n',
  `  standby: us-west-2
  standbyNetwork:
    subnets: [subnet-0a1b2c3d4e5f60009]
    securityGroups: [sg-0a1b2c3e]
`,
).replace('    heartbeat:\n', '    rds: { instance: shop }\n    heartbeat:\n');
const whole = inTwoRegions + SECTION;
const withSection = (from: string, to: string) => planWith(from, to, whole);

describe('the failover of a plan', () => {
  it('is right as it stands', () => {
    expect(mistakesIn(whole)).toEqual([]);
    expect(parsePlan(whole, 'x.yml').failover?.decide).toMatchObject({ atLeast: 2, notWithin: 43_200_000 });
  });

  it('may be absent', () => {
    expect(parsePlan(PLAN, 'x.yml')).not.toHaveProperty('failover');
  });

  it('waits six hours between two automatic runs, expects 200 and has no blackout unless told otherwise', () => {
    const least = whole
      .replace(', status: 204', '')
      .replace('    notWithin: 12h\n', '')
      .replace(/ {4}blackout:\n.*\n/, '')
      .replace(/ {2}lagGate.*\n/, '');
    expect(parsePlan(least, 'x.yml').failover).toMatchObject({
      signals: { endpoint: { health: { status: 200 } } },
      decide: { notWithin: 21_600_000, blackout: [] },
    });
    expect(parsePlan(least, 'x.yml').failover).not.toHaveProperty('lagGate');
  });

  it.each([
    ['health: { url: https', 'heath: { url: https', 'unknown key "heath"; did you mean "health"?'],
    ['https://api', 'http://api', 'failover.signals.endpoint.health.url: expected an address such as'],
    ['https://api', 'https://user:secret@api', 'without a user and password'],
    [
      'status: 204',
      'status: 99',
      'failover.signals.endpoint.health.status: expected an HTTP status from 200',
    ],
    [
      'connect: main',
      'connect: mian',
      'failover.signals.database.connect: expected a database of this plan (main)',
    ],
    ['{ connect: main, failsFor: 1m }', '{ connect: main }', 'failover.signals.database.failsFor'],
    [
      'connect: main, failsFor: 1m',
      'connect: main, failsFor: 30s',
      'a duration of whole minutes from 1m to 1h',
    ],
    [
      'connect: main, failsFor: 1m',
      'connect: main, failsFor: 2h',
      'a duration of whole minutes from 1m to 1h',
    ],
    [
      'connect: main,',
      'connect: main, rds: main,',
      'expected exactly one of health, connect, heartbeat, rds and alarm',
    ],
    ['olderThan: 5m', 'olderThan: 1m', 'failover.signals.writes.heartbeat.olderThan: expected at least 2m'],
    ['rds: main', 'rds: mian', 'failover.signals.instance.rds: expected a database of this plan'],
    ['    rds: { instance: shop }\n', '', 'failover.signals.instance.rds: expected a database on RDS'],
    [
      'alarm: shop-5xx-rate',
      'alarm: ""',
      'failover.signals.errors.alarm: expected the name of a CloudWatch alarm',
    ],
    ['errors]', 'mistakes]', 'failover.decide.of[3]: expected a signal of failover.signals'],
    ['errors]', 'database]', 'failover.decide.of[3]: expected each signal once'],
    ['atLeast: 2', 'atLeast: 1', 'failover.decide.atLeast: expected at least 2'],
    ['atLeast: 2', 'atLeast: 4', 'failover.decide.atLeast: expected at most 3'],
    [
      'cron(0 2 ? * SUN *)',
      'rate(1 hour)',
      'failover.decide.blackout[0].schedule: expected a schedule such as cron',
    ],
    ['cron(0 2 ? * SUN *)', 'cron(0 2 * * SUN *)', 'failover.decide.blackout[0].schedule: expected'],
    ['for: 2h', 'for: 2d', 'failover.decide.blackout[0].for: expected a duration of at most 1d'],
    ['why: patches of the operating system', 'why: ""', 'failover.decide.blackout[0].why: expected a reason'],
    ['maxLoss: 1m', 'maxLoss: some', 'failover.lagGate.maxLoss: expected a duration such as'],
    ['alarm: shop-5xx-rate', 'connect: main', 'another look than that of "database"'],
  ])('with %j as %j has one mistake with its place', (from, to, says) => {
    const mistakes = mistakesIn(withSection(from, to));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^x\.yml:\d+:\d+ failover/);
    expect(mistakes[0]).toContain(says);
  });

  it('names the network of the standby where the database has one', () => {
    const mistakes = mistakesIn(whole.replace(/ {2}standbyNetwork:\n.*\n.*\n/, ''));
    expect(mistakes).toHaveLength(2);
    for (const mistake of mistakes) expect(mistake).toContain('name regions.standbyNetwork');
  });
});
