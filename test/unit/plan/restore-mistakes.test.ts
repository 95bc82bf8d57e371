import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN } from './plan-text.ts';

const PLACE = `restores:
  production:
    from: { database: main, backup: full }
    into:
      server: { secret: shop/restores, certificateAuthority: shop/ca, expires: 1d }
    owner: app
    grants: ['GRANT CONNECT ON DATABASE {database} TO reporting']
    settings: { statement_timeout: 30s }
    scenario: SCENARIO
    freshness: 15m
`;
const scenario = Object.keys(parsePlan(PLAN, 'plan.yml').objectives.scenarios)[0] ?? '';
const place = PLACE.replace('SCENARIO', scenario);
const restoreTest = Object.keys(parsePlan(PLAN, 'plan.yml').restoreTests)[0] ?? '';
const source = parsePlan(PLAN, 'plan.yml').databases.main?.postgres.secret ?? '';
const withPlace = (from: string, to: string) => `${PLAN}\n${place.replace(from, to)}`;

describe('a place to restore to', () => {
  it('is right as it stands', () => {
    expect(mistakesIn(`${PLAN}\n${place}`)).toEqual([]);
  });

  it.each([
    ['production:', `${restoreTest}:`, 'a name that no restore test has'],
    ['database: main', 'database: mian', 'a database of this plan'],
    ['backup: full', 'backup: wal', 'a backup of this database that Lifeboat takes (full)'],
    ['shop/restores', source, 'another secret than that of a database of this plan'],
    [`scenario: ${scenario}`, 'scenario: flood', 'scenario'],
    ['expires: 1d', 'expires: 0s', 'a duration longer than 0s'],
    ['owner: app', 'owner: pg_read_all_data', 'the name of a PostgreSQL role'],
    ['{database} TO', '{name} TO', 'SQL in which {database} is the only name in braces'],
    ['statement_timeout: 30s', 'statement_timeout: [30s]', 'a text, a number, true or false'],
    [
      'statement_timeout: 30s',
      '"statement timeout": 30s',
      'settings."statement timeout": expected the name of a PostgreSQL setting, found "statement timeout"',
    ],
    ['freshness: 15m', 'freshness: 30s', 'more than heartbeat.every'],
    ['    owner: app', '    owners: app', 'owner'],
  ])('with %j as %j has one mistake with its place', (from, to, says) => {
    const mistakes = mistakesIn(withPlace(from, to));
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^x\.yml:\d+:\d+ restores/);
    expect(mistakes[0]).toContain(says);
  });
});
