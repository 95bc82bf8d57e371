import { LOOKED_EVERY_MS } from '../shared/failover/sighting.ts';
import {
  databaseRestoresOf,
  databaseTestsOf,
  instancePlacesOf,
  leasedDatabases,
} from '../shared/plan/lookup.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat, isWatched } from '../shared/plan/sections/backups.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { HOUR, MINUTE } from '../shared/plan/values/duration.ts';
import { replicasOf } from '../shared/replica/measure-replica.ts';
import type { MadeFor } from '../shared/restore/made-for.ts';
import { hasFunction } from './in-standby.ts';
import { MEASURED_EVERY } from './loss-alarms.ts';
import { TO_LOST_EVENTS } from './lost-events.ts';
import { logicalId, resourcesById } from './named-resources.ts';
import { REPLICA_MEASURED_EVERY } from './replica-alarms.ts';

/** How often to look for expired scratch databases. */
export const SWEEP = 'rate(1 hour)';

/** The name of the schedule. No restore test of a plan can be mistaken for it: each of theirs ends in `-sweep` after a name. */
const INSTANCES_SWEEP = 'scratch-instances';

/** How often check-secrets reads the secrets: each read costs, and a secret changes seldom. */
export const SECRETS_CHECKED_EVERY = HOUR;

/**
 * How often to look for a lost subscription. Nothing fails while one is missing: no message comes, and none becomes a dead
 * letter.
 */
export const SUBSCRIPTION = 'rate(15 minutes)';

/**
 * Who started a run, and its id. EventBridge Scheduler delivers at least once, and each delivery is an execution of its own. The
 * id is that of the time for which the start was planned, so that the second delivery finds the run taken.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
function startedBySchedule(name: string) {
  return { startedBy: `schedule ${name}`, runId: `${name}-<aws.scheduler.scheduled-time>` };
}

/**
 * Every schedule of the plan as an EventBridge Scheduler resource. Backups that Lifeboat does not take itself, and
 * `on-demand` and `on-change` schedules, have no resource.
 *
 * In the standby Region only looking and sweeping is scheduled. What works on the database, or takes effect once, runs in one
 * Region: two at once would back up, test and replay twice.
 *
 * @throws NotDeployable if two schedules would be one resource
 */
export function deriveSchedules(plan: Plan, role: StackRole = 'alone'): Record<string, object> {
  const resources: [string, object][] = [];
  const add = (name: string, description: string, expression: string, target: object, input: object) => {
    const resource = {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        GroupName: { Ref: 'ScheduleGroup' },
        Description: description,
        ScheduleExpression: expression,
        ScheduleExpressionTimezone: 'UTC',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: target,
          RoleArn: { 'Fn::GetAtt': ['SchedulerRole', 'Arn'] },
          Input: JSON.stringify(input),
          RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
          DeadLetterConfig: TO_LOST_EVENTS,
        },
      },
    };
    resources.push([`${logicalId(name)}Schedule`, resource]);
  };
  const databases = role === 'standby' ? [] : Object.entries(plan.databases);
  const replays = role === 'standby' ? [] : Object.entries(plan.replays);
  for (const [database, { backups, heartbeat }] of databases) {
    for (const [backup, planned] of Object.entries(backups))
      if (isTakenByLifeboat(planned) && isExpression(planned.schedule))
        add(
          `${database}-backup-${backup}`,
          `Backup "${backup}" of "${database}"`,
          planned.schedule,
          { Ref: 'BackupMachine' },
          {
            database,
            backup,
            ...startedBySchedule(`${database}-backup-${backup}`),
          },
        );
    for (const [backup, planned] of Object.entries(backups))
      if ('logical' in planned && planned.verify && isExpression(planned.verify.schedule))
        add(
          `${database}-verify-${backup}`,
          `Reading of recovery points of backup "${backup}" of "${database}"`,
          planned.verify.schedule,
          { Ref: 'VerifyMachine' },
          { database, backup, ...startedBySchedule(`${database}-verify-${backup}`) },
        );
    add(
      `${database}-heartbeat`,
      `Heartbeat of "${database}"`,
      rate(heartbeat.every),
      functionArn('WriteHeartbeat'),
      { database },
    );
  }
  if (hasFunction(role, 'renew-lease'))
    for (const database of leasedDatabases(plan))
      add(
        `${database}-lease`,
        `Renewals of the lease of "${database}"`,
        rate(MINUTE),
        functionArn('RenewLease'),
        { database },
      );
  for (const [restoreTest, { schedule }] of Object.entries(plan.restoreTests))
    if (isExpression(schedule) && role !== 'standby')
      add(
        `${restoreTest}-restore-test`,
        `Restore test "${restoreTest}"`,
        schedule,
        { Ref: 'RestoreTestMachine' },
        { restoreTest, ...startedBySchedule(`${restoreTest}-restore-test`) },
      );
  for (const { name, madeFor } of sweeps(plan))
    add(
      `${name}-sweep`,
      `Sweep of the scratch databases of "${name}"`,
      SWEEP,
      functionArn('SweepScratch'),
      madeFor,
    );
  // All scratch instances are in one account and Region, whatever made them.
  if (instancePlacesOf(plan).length > 0)
    add(INSTANCES_SWEEP, 'Sweep of the scratch instances', SWEEP, functionArn('SweepInstances'), {});
  for (const [queue, { subscription }] of replays)
    if (subscription !== undefined)
      add(
        `${queue}-subscription`,
        `Subscription of the webhook of "${queue}"`,
        SUBSCRIPTION,
        functionArn('EnsureSubscription'),
        { queue, announce: true },
      );
  for (const [queue, { schedule }] of replays)
    if (isExpression(schedule))
      add(`${queue}-replay`, `Replay of "${queue}"`, schedule, functionArn('StartReplay'), {
        queue,
        startedBy: `schedule ${queue}-replay`,
        // The same for each attempt at one scheduled time: https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
        requestId: '<aws.scheduler.scheduled-time>',
        ifNeeded: true,
      });
  const watched = Object.values(plan.databases).some((database) =>
    Object.values(database.backups).some((backup) => isWatched(backup, database)),
  );
  if (watched)
    add(
      'measure-rpo',
      'What would be lost if a database failed now',
      rate(MEASURED_EVERY),
      functionArn('MeasureRpo'),
      {},
    );
  if (hasFunction(role, 'measure-replication'))
    add(
      'measure-replication',
      'What of the vault is not in the standby Region yet',
      rate(MEASURED_EVERY),
      functionArn('MeasureReplication'),
      {},
    );
  if (hasFunction(role, 'check-secrets'))
    add(
      'check-secrets',
      'Whether the secrets of the plan can be read in the standby Region',
      rate(SECRETS_CHECKED_EVERY),
      functionArn('CheckSecrets'),
      {},
    );
  if (hasFunction(role, 'measure-replica') && replicasOf(plan).length > 0)
    add(
      'measure-replica',
      'What the promotion of a read replica would lose',
      rate(REPLICA_MEASURED_EVERY),
      functionArn('MeasureReplica'),
      {},
    );
  if (hasFunction(role, 'watch-primary') && plan.failover)
    add(
      'watch-primary',
      'Whether the primary Region is healthy, as seen from the standby Region',
      rate(LOOKED_EVERY_MS),
      functionArn('WatchPrimary'),
      {},
    );
  return resourcesById('schedules', resources);
}

/**
 * What is swept: one entry for each server. Restore tests and restores on the same server share its sweep: two at once would drop
 * the same databases.
 */
export function sweeps(plan: Plan): { name: string; madeFor: MadeFor }[] {
  const swept = [
    ...databaseTestsOf(plan).map(([name, { scratchDatabase }]) => ({
      name,
      madeFor: { restoreTest: name },
      server: scratchDatabase.secret,
    })),
    ...databaseRestoresOf(plan).map(([name, { server }]) => ({
      name,
      madeFor: { restore: name },
      server: server.secret,
    })),
  ];
  const first = new Map(swept.toReversed().map((each) => [each.server, each]));
  return swept
    .filter((each) => first.get(each.server) === each)
    .map(({ name, madeFor }) => ({ name, madeFor }));
}

function isExpression(schedule: string): boolean {
  return schedule.startsWith('cron(') || schedule.startsWith('rate(');
}

/** The plan allows whole minutes only. */
function rate(milliseconds: number): string {
  const minutes = milliseconds / MINUTE;
  return `rate(${minutes} ${minutes === 1 ? 'minute' : 'minutes'})`;
}

function functionArn(name: string): object {
  return { 'Fn::GetAtt': [`${name}LambdaFunction`, 'Arn'] };
}
