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
    ['workload: shop', 'workload: Shop', `2:11 workload: expected ${NAME}, found "Shop"`],
    [
      'workload: shop',
      `workload: ${'a'.repeat(32)}`,
      `2:11 workload: expected ${NAME}, found "${'a'.repeat(32)}"`,
    ],
    ['workload: shop', 'workload: 42', `2:11 workload: expected ${NAME}, found 42`],
    ['      wal:', '      My WAL:', `30:7 databases.main.backups."My WAL": expected ${NAME}, found "My WAL"`],
    ['      wal:', '      9wal:', `30:7 databases.main.backups.9wal: expected ${NAME}, found "9wal"`],
    ['  templates:', '  t_s:', `59:3 artifacts.t_s: expected ${NAME}, found "t_s"`],
    ['description: A shop', 'description: " "', '3:14 description: expected a sentence, found " "'],
    // Regions and network
    [
      'standby: us-west-2',
      'standby: Oregon',
      '6:12 regions.standby: expected an AWS Region such as us-east-1, found "Oregon"',
    ],
    [
      'standby: us-west-2',
      'standby: us-east-1',
      '6:12 regions.standby: expected another Region than the primary, found "us-east-1"',
    ],
    [
      '[subnet-0a1b2c3d4e5f60001]',
      '[subnet-XYZ]',
      `20:19 databases.main.postgres.network.subnets[0]: expected ${SUBNET}, found "subnet-XYZ"`,
    ],
    [
      '[subnet-0a1b2c3d4e5f60001]',
      '[]',
      '20:18 databases.main.postgres.network.subnets: expected at least one subnet, found a list',
    ],
    [
      '[sg-0a1b2c3d]',
      'sg-0a1b2c3d',
      '21:25 databases.main.postgres.network.securityGroups: expected a list, found "sg-0a1b2c3d"',
    ],
    // Durations
    [
      'retention: 30d',
      'retention: 30 days',
      `29:20 databases.main.backups.full.retention: expected ${DURATION}, found "30 days"`,
    ],
    [
      'expires: 6h',
      'expires: 1.5h',
      `45:18 restoreTests.nightly.into.scratchDatabase.expires: expected ${DURATION}, found "1.5h"`,
    ],
    [
      'expires: 6h',
      'expires: 0s',
      '45:18 restoreTests.nightly.into.scratchDatabase.expires: expected a duration longer than 0s, found "0s"',
    ],
    ['  rto: 30m', '  rto: 30', `9:8 objectives.rto: expected ${DURATION}, found 30`],
    ['  rto: 30m', '  rto:', `9:3 objectives.rto: expected ${DURATION}, found null`],
    [
      'retention: 7d',
      'retention: 23h',
      '34:20 databases.main.backups.wal.retention: expected a retention from 1d to 36500d, found "23h"',
    ],
    [
      'retention: 90d',
      'retention: 36501d',
      '59:68 artifacts.templates.retention: expected a retention from 1d to 36500d, found "36501d"',
    ],
    [
      'every: 1m',
      'every: 90s',
      '23:14 databases.main.heartbeat.every: expected a duration of whole minutes, at least 1m, found "90s"',
    ],
    [
      'freshness: 5m',
      'freshness: 60s',
      '48:16 restoreTests.nightly.freshness: expected more than heartbeat.every of the database, which is 1m, found "60s"',
    ],
    // Schedules
    [
      'rate(15 minutes)',
      'rate(15 minute)',
      `33:19 databases.main.backups.wal.schedule: expected ${SCHEDULE}, found "rate(15 minute)"`,
    ],
    [
      'cron(0 2 * * ? *)',
      'cron(0 2 * * * *)',
      '28:19 databases.main.backups.full.schedule: expected exactly one ? in a cron, for day-of-month or for day-of-week, found "cron(0 2 * * * *)"',
    ],
    [
      'schedule: on-demand',
      'schedule: 5',
      '46:15 restoreTests.nightly.schedule: expected a schedule such as cron(0 2 * * ? *) or rate(15 minutes), found 5',
    ],
    // One of a few words
    [
      'lock: governance',
      'lock: governence',
      '13:9 vault.lock: expected one of governance, compliance, found "governence"; did you mean "governance"?',
    ],
    [
      '    postgres:\n',
      '    postgress:\n',
      '16:5 databases.main: unknown key "postgress"; did you mean "postgres"?',
    ],
    [
      'rows: text',
      'rows: Text',
      '27:17 databases.main.backups.full.logical.rows: expected one of binary, text, found "Text"; did you mean "text"?',
    ],
    [
      'choose: newest',
      'choose: true',
      '40:15 restoreTests.nightly.from.choose: expected one of newest, random, found true',
    ],
    // Keys
    ['  rto: 30m', '  rtoo: 30m', '9:3 objectives: unknown key "rtoo"; did you mean "rto"?'],
    [
      'rows: text',
      'password: hunter2',
      '27:11 databases.main.backups.full.logical: unknown key "password", expected one of rows',
    ],
    [
      '        retention: 30d\n',
      '        retention: 30d\n        password: hunter2\n',
      '30:9 databases.main.backups.full: unknown key "password", expected one of logical, schedule, retention, verify',
    ],
    // The method of a backup, and who takes it
    [
      'pointInTime: {}',
      'pointInTIme: {}',
      '31:9 databases.main.backups.wal: unknown key "pointInTIme"; did you mean "pointInTime"?',
    ],
    [
      'pointInTime: {}',
      'pointInTime: {}\n        logical: {}',
      '31:9 databases.main.backups.wal: expected exactly one of logical, pointInTime, schema and rdsSnapshot, found a map',
    ],
    [
      '        pointInTime: {}\n',
      '',
      '31:9 databases.main.backups.wal: expected exactly one of logical, pointInTime, schema and rdsSnapshot, found a map',
    ],
    [
      '        takenBy: pgBackRest on the database host\n',
      '',
      '31:22 databases.main.backups.wal.pointInTime: expected rds: { instance: … } beside postgres, or takenBy to name what takes it, found a map',
    ],
    [
      'retention: 30d',
      'retention: 30d\n        takenBy: cron',
      '30:18 databases.main.backups.full.takenBy: expected no takenBy: Lifeboat itself takes a logical backup, found "cron"',
    ],
    [
      'takenBy: the build, ',
      '',
      '59:3 artifacts.templates.takenBy: missing, expected the name of what takes it',
    ],
    [
      'rpo: 15m, rto: 20m',
      'rpo: 15m',
      `11:5 objectives.scenarios.corruption.rto: missing, expected ${DURATION}`,
    ],
    ['vault:\n  lock: governance\n', '', '1:1 vault: missing, expected a map'],
    ['    heartbeat:\n      every: 1m\n', '', '15:3 databases.main.heartbeat: missing, expected a map'],
    [
      '    heartbeat:\n      every: 1m',
      '    heartbeat: 1m',
      '22:16 databases.main.heartbeat: expected a map, found "1m"',
    ],
    // References
    [
      'backup: full',
      'backup: ful',
      '39:15 restoreTests.nightly.from.backup: expected a backup of this database that Lifeboat takes (full), found "ful"; did you mean "full"?',
    ],
    [
      'backup: full',
      'backup: wal',
      '39:15 restoreTests.nightly.from.backup: expected a backup of this database that Lifeboat takes (full), found "wal"',
    ],
    [
      'backup: full',
      'backup: constructor',
      '39:15 restoreTests.nightly.from.backup: expected a backup of this database that Lifeboat takes (full), found "constructor"',
    ],
    [
      '    scenario: corruption\n    freshness',
      '    scenario: corruptoin\n    freshness',
      '47:15 restoreTests.nightly.scenario: expected a scenario of objectives.scenarios (corruption), found "corruptoin"; did you mean "corruption"?',
    ],
    [
      'name: no order is paid twice',
      'name: orders came back',
      '55:15 restoreTests.nightly.checks[1].name: expected a name that no check above has, found "orders came back"',
    ],
    [
      'pointInTime: {}',
      'pointInTime: { rows: text }',
      '31:24 databases.main.backups.wal.pointInTime: unknown key "rows", expected one of copyToStandby',
    ],
    // Secrets: only names of them, and nothing shown that might be one
    [
      'secret: shop/scratch',
      'secret: shop/database',
      '43:17 restoreTests.nightly.into.scratchDatabase.secret: expected another secret than that of a database of this plan',
    ],
    [
      'secret: shop/database',
      'secret: pa$$word',
      `17:15 databases.main.postgres.secret: expected ${SECRET}, ${LOGIN_HIDDEN}`,
    ],
    [
      'shop/scratch-ca',
      '-----BEGIN CERTIFICATE-----',
      `44:31 restoreTests.nightly.into.scratchDatabase.certificateAuthority: expected ${SECRET}, ${LOGIN_HIDDEN}`,
    ],
    [
      'workload: shop',
      'workload: postgres://shop:hunter2@db/shop',
      `2:11 workload: expected ${NAME}, ${LOGIN_HIDDEN}`,
    ],
    [
      'workload: shop',
      `workload: ${'x'.repeat(61)}`,
      `2:11 workload: expected ${NAME}, found a text of 61 characters`,
    ],
    // Checks
    [
      '{ atLeast: 1 }',
      '{ atleast: 1 }',
      '54:19 restoreTests.nightly.checks[0].expect: unknown key "atleast"; did you mean "atLeast"?',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: many }',
      '54:28 restoreTests.nightly.checks[0].expect.atLeast: expected a number, found "many"',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: .nan }',
      '54:28 restoreTests.nightly.checks[0].expect.atLeast: expected a number, found NaN',
    ],
    [
      '{ atLeast: 1 }',
      '{ atLeast: 1, atMost: 2 }',
      '54:17 restoreTests.nightly.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found a map',
    ],
    [
      '{ atLeast: 1 }',
      '{}',
      '54:17 restoreTests.nightly.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found a map',
    ],
    [
      '{ atLeast: 1 }',
      '1',
      '54:17 restoreTests.nightly.checks[0].expect: expected exactly one of equals, atLeast, atMost and noRows, found 1',
    ],
    [
      '{ atLeast: 1 }',
      '{ equals: [1] }',
      '54:27 restoreTests.nightly.checks[0].expect.equals: expected a number, a text, true, false or null, found a list',
    ],
    [
      '{ atLeast: 1 }',
      '{ equals: 9007199254740993 }',
      '54:27 restoreTests.nightly.checks[0].expect.equals: expected an integer within ±(2^53 − 1); put a larger one in quotes, found 9007199254740992',
    ],
    [
      '{ noRows: true }',
      '{ noRows: false }',
      '57:27 restoreTests.nightly.checks[1].expect.noRows: expected true, found false',
    ],
    [
      '        expect: { noRows: true }\n',
      '',
      '55:9 restoreTests.nightly.checks[1].expect: missing, expected exactly one of equals, atLeast, atMost and noRows',
    ],
    [
      '- UPDATE jobs SET active = false',
      '- ""',
      '50:9 restoreTests.nightly.afterRestore[0]: expected a SQL statement, found ""',
    ],
    // Whom to tell
    [
      '[oncall@shop.example.com]',
      '[oncall]',
      '61:21 notifications.oncall.email[0]: expected an e-mail address, found "oncall"',
    ],
    [
      '[oncall@shop.example.com]',
      '[]',
      '61:20 notifications.oncall.email: expected at least one e-mail address, found a list',
    ],
    [
      'on: [failed, alarm]',
      'on: [failure]',
      '61:52 notifications.oncall.on[0]: expected one of succeeded, failed, alarm, found "failure"',
    ],
    [
      'on: [failed, alarm]',
      'on: []',
      '61:51 notifications.oncall.on: expected at least one of succeeded, failed and alarm, found a list',
    ],
    // What YAML itself takes or refuses
    ['vault:', 'workload: again\nvault:', '12:1: expected each key once, found this one a second time'],
    ['A shop', '!secret A', '3:14: expected no custom tags: plain YAML 1.2 values only'],
    ['A shop', '*nothing', '3:14: expected an anchor &nothing above its alias'],
    ['A shop', 'a: b', '3:14: expected valid YAML: Nested mappings are not allowed in compact mappings'],
    ['  templates:', '  __proto__:', '59:3: expected another key than __proto__'],
  ])('replacing %j by %j is reported at its line and column', (passage, replacement, mistake) => {
    expect(mistakesIn(planWith(passage, replacement))).toEqual([`x.yml:${mistake}`]);
  });
});
