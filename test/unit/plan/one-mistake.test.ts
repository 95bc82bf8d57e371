import { describe, expect, it } from 'vitest';
import { mistakesIn } from './mistakes-in.ts';
import { PLAN, planWith } from './plan-text.ts';

const NAME = 'a name of at most 31 lower-case letters, digits and hyphens that starts with a letter';
const DURATION = 'a duration such as 15m or 30d';
const SECRET =
  'the name of a Secrets Manager secret (letters, digits and /_+=.@-), not an ARN, never the secret itself';
const LOGIN_HIDDEN = 'found a text that is not shown, as it may be a secret';
const SUBNET = 'the id of a subnet: subnet- and 8 to 17 hexadecimal digits';
const SCHEDULE = 'a schedule: cron(0 2 * * ? *), rate(15 minutes), rate(1 hour), on-demand or on-change';

describe('one mistake in an otherwise right plan', () => {
  it('is none in the plan itself', () => {
    expect(mistakesIn(PLAN)).toEqual([]);
  });

  it.each([
    // Names
    ['workload: shop', 'workload: Shop', `1:11 workload: expected ${NAME}, found "Shop"`],
    [
      'workload: shop',
      `workload: ${'a'.repeat(32)}`,
      `1:11 workload: expected ${NAME}, found "${'a'.repeat(32)}"`,
    ],
    ['workload: shop', 'workload: 42', `1:11 workload: expected ${NAME}, found 42`],
    ['      wal:', '      My WAL:', `29:7 databases.main.backups."My WAL": expected ${NAME}, found "My WAL"`],
    ['      wal:', '      9wal:', `29:7 databases.main.backups.9wal: expected ${NAME}, found "9wal"`],
    ['  templates:', '  t_s:', `53:3 artifacts.t_s: expected ${NAME}, found "t_s"`],
    ['description: A shop', 'description: " "', '2:14 description: expected a sentence, found " "'],
    // Regions and network
    [
      'standby: us-west-2',
      'standby: Oregon',
      '5:12 regions.standby: expected an AWS Region such as us-east-1, found "Oregon"',
    ],
    [
      'standby: us-west-2',
      'standby: us-east-1',
      '5:12 regions.standby: expected another Region than the primary, found "us-east-1"',
    ],
    [
      '[subnet-0a1b2c3d4e5f60001]',
      '[subnet-XYZ]',
      `19:17 databases.main.network.subnets[0]: expected ${SUBNET}, found "subnet-XYZ"`,
    ],
    [
      '[subnet-0a1b2c3d4e5f60001]',
      '[]',
      '19:16 databases.main.network.subnets: expected at least one subnet, found a list',
    ],
    [
      '[sg-0a1b2c3d]',
      'sg-0a1b2c3d',
      '20:23 databases.main.network.securityGroups: expected a list, found "sg-0a1b2c3d"',
    ],
    // Durations
    [
      'retention: 30d',
      'retention: 30 days',
      `27:20 databases.main.backups.full.retention: expected ${DURATION}, found "30 days"`,
    ],
    [
      'expires: 6h',
      'expires: 1.5h',
      `42:18 databases.main.restoreTest.scratch.expires: expected ${DURATION}, found "1.5h"`,
    ],
    [
      'expires: 6h',
      'expires: 0s',
      '42:18 databases.main.restoreTest.scratch.expires: expected a duration longer than 0s, found "0s"',
    ],
    ['  rto: 30m', '  rto: 30', `8:8 objectives.rto: expected ${DURATION}, found 30`],
    ['  rto: 30m', '  rto:', `8:3 objectives.rto: expected ${DURATION}, found null`],
    [
      'retention: 7d',
      'retention: 23h',
      '32:20 databases.main.backups.wal.retention: expected a retention from 1d to 36500d, found "23h"',
    ],
    [
      'retention: 90d',
      'retention: 36501d',
      '53:48 artifacts.templates.retention: expected a retention from 1d to 36500d, found "36501d"',
    ],
    [
      'every: 1m',
      'every: 90s',
      '22:14 databases.main.heartbeat.every: expected a duration of whole minutes, at least 1m, found "90s"',
    ],
    [
      'freshness: 5m',
      'freshness: 60s',
      '38:18 databases.main.restoreTest.freshness: expected more than heartbeat.every, which is 1m, found "60s"',
    ],
    // Schedules
    [
      'rate(15 minutes)',
      'rate(15 minute)',
      `31:19 databases.main.backups.wal.schedule: expected ${SCHEDULE}, found "rate(15 minute)"`,
    ],
    [
      'cron(0 2 * * ? *)',
      'cron(0 2 * * * *)',
      '26:19 databases.main.backups.full.schedule: expected exactly one ? in a cron, for day-of-month or for day-of-week, found "cron(0 2 * * * *)"',
    ],
    [
      'schedule: on-demand',
      'schedule: 5',
      '35:17 databases.main.restoreTest.schedule: expected a schedule such as cron(0 2 * * ? *) or rate(15 minutes), found 5',
    ],
    // One of a few words
    [
      'lock: governance',
      'lock: governence',
      '12:9 vault.lock: expected one of governance, compliance, found "governence"; did you mean "governance"?',
    ],
    [
      'engine: postgres',
      'engine: oracle',
      '15:13 databases.main.engine: expected one of postgres, found "oracle"',
    ],
    [
      'method: logical',
      'method: Logical',
      '25:17 databases.main.backups.full.method: expected one of logical, schema, point-in-time, snapshot, found "Logical"; did you mean "logical"?',
    ],
    [
      'choose: newest',
      'choose: true',
      '36:15 databases.main.restoreTest.choose: expected one of newest, random, found true',
    ],
    // Keys
    ['  rto: 30m', '  rtoo: 30m', '8:3 objectives: unknown key "rtoo"; did you mean "rto"?'],
    [
      'rows: text',
      'password: hunter2',
      '28:9 databases.main.backups.full: unknown key "password", expected one of method, schedule, retention, rows',
    ],
    [
      'rpo: 15m, rto: 20m',
      'rpo: 15m',
      `10:5 objectives.scenarios.corruption.rto: missing, expected ${DURATION}`,
    ],
    ['vault:\n  lock: governance\n', '', '1:1 vault: missing, expected a map'],
    ['    heartbeat:\n      every: 1m\n', '', '14:3 databases.main.heartbeat: missing, expected a map'],
    [
      '    heartbeat:\n      every: 1m',
      '    heartbeat: 1m',
      '21:16 databases.main.heartbeat: expected a map, found "1m"',
    ],
    // References
    [
      'backup: full',
      'backup: ful',
      '34:15 databases.main.restoreTest.backup: expected a backup of this database whose method is logical (full), found "ful"; did you mean "full"?',
    ],
    [
      'backup: full',
      'backup: wal',
      '34:15 databases.main.restoreTest.backup: expected a backup of this database whose method is logical (full), found "wal"',
    ],
    [
      'backup: full',
      'backup: constructor',
      '34:15 databases.main.restoreTest.backup: expected a backup of this database whose method is logical (full), found "constructor"',
    ],
    [
      '      scenario: corruption',
      '      scenario: corruptoin',
      '37:17 databases.main.restoreTest.scenario: expected a scenario of objectives.scenarios (corruption), found "corruptoin"; did you mean "corruption"?',
    ],
    [
      'name: no order is paid twice',
      'name: orders came back',
      '49:17 databases.main.restoreTest.checks[1].name: expected a name that no check above has, found "orders came back"',
    ],
    [
      'retention: 7d',
      'retention: 7d\n        rows: text',
      '33:15 databases.main.backups.wal.rows: expected rows only where the method is logical, found "text"',
    ],
    // Secrets: only names of them, and nothing shown that might be one
    [
      'secret: shop/scratch',
      'secret: shop/database',
      "40:17 databases.main.restoreTest.scratch.secret: expected another secret than the database's own",
    ],
    [
      'secret: shop/database',
      'secret: pa$$word',
      `16:13 databases.main.secret: expected ${SECRET}, ${LOGIN_HIDDEN}`,
    ],
    [
      'shop/scratch-ca',
      '-----BEGIN CERTIFICATE-----',
      `41:31 databases.main.restoreTest.scratch.certificateAuthority: expected ${SECRET}, ${LOGIN_HIDDEN}`,
    ],
    [
      'workload: shop',
      'workload: postgres://shop:hunter2@db/shop',
      `1:11 workload: expected ${NAME}, ${LOGIN_HIDDEN}`,
    ],
    [
      'workload: shop',
      `workload: ${'x'.repeat(61)}`,
      `1:11 workload: expected ${NAME}, found a text of 61 characters`,
    ],
    // Checks
    [
      '{ atLeast: 1 }',
      '{ atleast: 1 }',
      '48:21 databases.main.restoreTest.checks[0].expect: unknown key "atleast"; did you mean "atLeast"?',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: many }',
      '48:30 databases.main.restoreTest.checks[0].expect.atLeast: expected a number, found "many"',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: .nan }',
      '48:30 databases.main.restoreTest.checks[0].expect.atLeast: expected a number, found NaN',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: 1, atMost: 2 }',
      '48:19 databases.main.restoreTest.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found a map',
    ],
    [
      '{ atLeast: 1 }',
      '{}',
      '48:19 databases.main.restoreTest.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found a map',
    ],
    [
      '{ atLeast: 1 }',
      '1',
      '48:19 databases.main.restoreTest.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found 1',
    ],
    [
      '{ atLeast: 1 }',
      '{ equals: [1] }',
      '48:29 databases.main.restoreTest.checks[0].expect.equals: expected a number, a text, true, false or null, found a list',
    ],
    [
      '{ atLeast: 1 }',
      '{ equals: 9007199254740993 }',
      '48:29 databases.main.restoreTest.checks[0].expect.equals: expected an integer within ±(2^53 − 1); put a larger one in quotes, found 9007199254740992',
    ],
    [
      '{ noRows: true }',
      '{ noRows: false }',
      '51:29 databases.main.restoreTest.checks[1].expect.noRows: expected true, found false',
    ],
    [
      '          expect: { noRows: true }\n',
      '',
      '49:11 databases.main.restoreTest.checks[1].expect: missing, expected exactly one of equals, atLeast, atMost and noRows',
    ],
    [
      '- UPDATE jobs SET active = false',
      '- ""',
      '44:11 databases.main.restoreTest.afterRestore[0]: expected a SQL statement, found ""',
    ],
    // Whom to tell
    [
      '[oncall@shop.example.com]',
      '[oncall]',
      '55:11 notifications.email[0]: expected an e-mail address, found "oncall"',
    ],
    [
      '[oncall@shop.example.com]',
      '[]',
      '55:10 notifications.email: expected at least one e-mail address, found a list',
    ],
    // What YAML itself takes or refuses
    ['vault:', 'workload: again\nvault:', '11:1: expected each key once, found this one a second time'],
    ['A shop', '!secret A', '2:14: expected no custom tags: plain YAML 1.2 values only'],
    ['A shop', '*nothing', '2:14: expected an anchor &nothing above its alias'],
    ['A shop', 'a: b', '2:14: expected valid YAML: Nested mappings are not allowed in compact mappings'],
    ['  templates:', '  __proto__:', '53:3: expected another key than __proto__'],
  ])('replacing %j by %j is reported at its line and column', (passage, replacement, mistake) => {
    expect(mistakesIn(planWith(passage, replacement))).toEqual([`x.yml:${mistake}`]);
  });
});
