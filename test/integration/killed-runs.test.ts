import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Killed, openKilled, type Scenario, tasksOf } from './support/killed-runs.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 });

/*
 * Runs whose functions lose their answers, that are killed in each state and started again, and that are started twice at once. What
 * is there at the end is counted: a second snapshot, a scratch that is left, a second evidence would show.
 *
 * Each broke another tool: a backup whose answer was late was taken again (longhorn/longhorn#2278); one that was stopped and continued
 * made its snapshots again (scylladb/scylla-manager#2225); one that was interrupted left its snapshot (plattfot/baksnapper#19); a lock that a
 * killed process left stopped all later backups (EnterpriseDB/barman#554 and #632, bit-team/backintime#601, github/backup-utils#145,
 * pgbackrest/pgbackrest#430); the snapshot of an earlier attempt was an error (xombiemp/rds-copy-snapshots-lambda#1); throttling failed a
 * state machine after its retries (awslabs/aurora-snapshot-tool#11, aws-samples/aws-rds-snapshot-management#3); a second delivery set the
 * status of a run that had succeeded to failed (aws-solutions-library-samples/accelerated-intelligent-document-processing-on-aws#989);
 * a second backup was refused without saying what to do (splicemachine/spliceengine#648).
 */

let it: Killed;
beforeAll(async () => {
  it = await openKilled();
});
afterAll(() => it?.stop());

const logical = { database: 'main', backup: 'full' };
const snapshot = { database: 'shop', backup: 'hourly' };

/** Each way through a machine, what it ends as, and what it leaves more than there was. */
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a logical backup',
    machine: 'backup',
    input: logical,
    ends: 'SUCCEEDED',
    leaves: { recoveryPoints: 1 },
  },
  {
    name: 'an RDS snapshot',
    machine: 'backup',
    input: snapshot,
    ends: 'SUCCEEDED',
    leaves: { snapshots: 1, copies: 1 },
  },
  {
    name: 'a point in time that RDS does not keep',
    machine: 'backup',
    input: { database: 'shop', backup: 'moments' },
    ends: 'BackupFailed',
    leaves: {},
  },
  {
    name: 'a restore test of a logical backup',
    machine: 'restore-test',
    input: { restoreTest: 'nightly' },
    ends: 'SUCCEEDED',
    leaves: {},
  },
  {
    name: 'a restore test of an RDS snapshot',
    machine: 'restore-test',
    input: { restoreTest: 'snapshots' },
    ends: 'SUCCEEDED',
    leaves: {},
  },
  {
    name: 'a restore test of what is not there',
    machine: 'restore-test',
    input: { restoreTest: 'nightly', choose: '20260101T000000Z-00000000-00000000' },
    ends: 'RestoreNotProven',
    leaves: {},
  },
  {
    name: 'a restore that stays',
    machine: 'restore',
    input: { restore: 'production', choose: 'newest' },
    into: 'killed',
    ends: 'SUCCEEDED',
    leaves: { secrets: 1, restored: 2 },
  },
  {
    name: 'a restore of a table that the recovery point does not have',
    machine: 'restore',
    input: { restore: 'production', choose: 'newest', only: ['public.nothing'] },
    into: 'never',
    ends: 'RestoreRefused',
    leaves: {},
  },
];

const RECORDING = { 'Announce that recording failed': 'nothing follows it, and nothing is recorded' };

/** Tasks in which no test here kills a run, each with its reason. */
const NOT_KILLED: Readonly<Record<'backup' | 'restore-test' | 'restore', Readonly<Record<string, string>>>> =
  {
    backup: RECORDING,
    'restore-test': RECORDING,
    restore: {
      ...RECORDING,
      'Restore the instance': 'instance-that-stays.test.ts does',
      'Validate the instance': 'instance-that-stays.test.ts does',
      'Hand the instance over': 'instance-that-stays.test.ts does',
      'Read every block': 'it calls the function of a restore test, which is killed there',
      'Delete the scratch instance': 'it calls the function of a restore test, which is killed there',
    },
  };

describe.each(SCENARIOS)('$name', (scenario) => {
  test('whose functions all lose their first answer ends right, once', async () => {
    const before = await it.count();
    const { runId } = await it.losingAnswers(scenario);
    expect(await it.count()).toEqual(it.after(before, scenario));
    await it.stack.evidence(scenario.machine, runId);
  });

  test('killed in each state and started again under its run id ends right, once', async () => {
    const before = await it.count();
    const { runIds } = await it.killingInEach(scenario);
    expect(await it.count()).toEqual(it.after(before, scenario, runIds.length));
    for (const runId of runIds) await it.stack.evidence(scenario.machine, runId);
  });

  test('started twice at the same moment is done by one of them, and the other says so', async () => {
    const before = await it.count();
    const { ends, runId } = await it.startingTwice(scenario);
    expect(ends).toEqual(['RunAlreadyRunning', scenario.ends].sort());
    expect(await it.count()).toEqual(it.after(before, scenario));
    // The one that was refused is no run: it changes nothing of what is known of the other.
    const { outcome } = await it.stack.evidence(scenario.machine, runId);
    const records = (await it.stack.journal.recent(50)).filter((record) => record.runId === runId);
    expect(records.map(({ status }) => status)).toEqual([outcome]);
  });
});

test.each(['backup', 'restore-test', 'restore'] as const)('every task of %s was killed', (machine) => {
  const killed = it.killedIn(machine);
  const explained = Object.keys(NOT_KILLED[machine]);
  expect(
    tasksOf(machine)
      .filter((name) => !killed.has(name))
      .sort(),
  ).toEqual(explained.sort());
});
