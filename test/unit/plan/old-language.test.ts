import { describe, expect, it } from 'vitest';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

/** A plan as it was written before `lifeboat: 1`. */
const OLD = `workload: shop
databases:
  main:
    engine: postgres
    secret: shop/database
    certificateAuthority: shop/database-ca
    backups:
      full: { method: logical, schedule: on-demand, retention: 30d, rows: text }
      wal: { method: point-in-time, schedule: on-demand, retention: 7d }
    restoreTest:
      backup: full
queues:
  payments:
    probe: { database: main, sql: SELECT 1 }
notifications:
  email: [oncall@shop.example.com]
`;

const IS_OLD = 'is of an earlier plan language; write instead:';
const POSTGRES = `${IS_OLD} postgres: { secret, certificateAuthority, network }`;

describe('a plan of the earlier language', () => {
  it('is told what to write instead of each old key, and nothing else', () => {
    expect(mistakesIn(OLD)).toEqual([
      'x.yml:1:1 lifeboat: missing, expected lifeboat: 1 as the first key: the version of the plan language',
      `x.yml:4:5 databases.main.engine: ${POSTGRES}`,
      `x.yml:5:5 databases.main.secret: ${POSTGRES}`,
      `x.yml:6:5 databases.main.certificateAuthority: ${POSTGRES}`,
      `x.yml:8:15 databases.main.backups.full.method: ${IS_OLD} logical: {}`,
      `x.yml:8:69 databases.main.backups.full.rows: ${IS_OLD} logical: { rows: … }`,
      `x.yml:9:14 databases.main.backups.wal.method: ${IS_OLD} pointInTime: {}, and takenBy with who takes it`,
      `x.yml:10:5 databases.main.restoreTest: ${IS_OLD} restoreTests at the top level, by name, with from and into`,
      `x.yml:12:1 queues: ${IS_OLD} replays:`,
      `x.yml:14:5 queues.payments.probe: ${IS_OLD} alreadyApplied:`,
      `x.yml:16:3 notifications.email: ${IS_OLD} a named channel: oncall: { email: [...] }`,
    ]);
  });

  it.each([
    ['schema', 'schema: {}, and takenBy with who takes it'],
    ['snapshot', 'rdsSnapshot: {}, and takenBy with who takes it'],
    ['tape', 'the method as a key: logical: {}'],
  ])('with the method %s is told the key of today', (method, key) => {
    expect(mistakesIn(OLD.replace('point-in-time', method))).toContain(
      `x.yml:9:14 databases.main.backups.wal.method: ${IS_OLD} ${key}`,
    );
  });

  it('is told so in place of an unknown key where it is half rewritten', () => {
    expect(mistakesIn(planWith('    alreadyApplied:\n', '    probe:\n'))).toEqual([
      expect.stringMatching(
        /replays\.payments\.probe: is of an earlier plan language; write instead: alreadyApplied:$/,
      ),
    ]);
    expect(mistakesIn(planWith('\nreplays:\n', '\nqueues:\n'))[0]).toContain(`queues: ${IS_OLD} replays:`);
  });

  it('is nothing that the language of today calls a plan', () => {
    expect(mistakesIn(PLAN)).toEqual([]);
    expect(mistakesIn(planWith('  oncall: {', '  email: {'))).toEqual([]);
  });
});
