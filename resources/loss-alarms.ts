import { isCopiedByRds } from '../shared/backup/open-method.ts';
import { LOSS } from '../shared/objectives/loss-metrics.ts';
import { longestGapOf } from '../shared/plan/promises.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { type Backup, isTakenByLifeboat, isWatched } from '../shared/plan/sections/backups.ts';
import type { Objective } from '../shared/plan/sections/objectives.ts';
import { formatDuration, HOUR, MINUTE } from '../shared/plan/values/duration.ts';
import { longestGap } from '../shared/plan/values/longest-gap.ts';
import { alarm } from './alarm.ts';
import { logicalId } from './named-resources.ts';

/** How often measure-rpo looks. */
export const MEASURED_EVERY = 5 * MINUTE;

/** Three looks in a row, so that one that failed raises no alarm. */
const LOOKS = 3;

/** What a backup or a restore test may take after its scheduled time. */
const RUN = HOUR;

/** Copies between Regions queue, and AWS promises no time for them. take-snapshot gives up later. */
const COPIED_WITHIN = 9 * HOUR;

/**
 * Alarms on what would be lost if a database failed now, for each backup with a schedule: its newest recovery point is too old,
 * its newest verified one is, its newest copy in the standby Region is, or the newest one is unlike those before it. No age measured
 * is an alarm as well: there is no recovery point, or nobody looks.
 *
 * What others take of an RDS instance is watched by its age alone.
 */
export function lossAlarms(plan: Plan): [string, object][] {
  const { workload, databases, objectives } = plan;
  return Object.entries(databases).flatMap(([database, planned]) =>
    Object.entries(planned.backups).flatMap(([name, backup]): [string, object][] => {
      const gap = isWatched(backup, planned) ? longestGapOf(backup) : null;
      if (gap === null) return [];
      const of: Of = { workload, database, backup: name };
      const id = `${logicalId(database)}${logicalId(name)}`;
      const limit = limitOf(backup, gap, objectives);
      const alarms = [
        {
          id: 'RecoveryPointAgeAlarm',
          alarm: tooOld(LOSS.newest, 'the newest recovery point', of, limit),
        },
        ...(isWatched(backup, planned) && isCopiedByRds(backup)
          ? [
              {
                id: 'StandbyAgeAlarm',
                alarm: tooOld(
                  LOSS.copy,
                  'the newest copy in the standby Region',
                  of,
                  copyLimitOf(backup, gap),
                ),
              },
            ]
          : []),
        ...(isTakenByLifeboat(backup) && !('pointInTime' in backup) ? unusualAlarms(of) : []),
        ...verifiedAlarm(plan, of, gap),
      ];
      return alarms.map((each) => [`${id}${each.id}`, each.alarm]);
    }),
  );
}

/**
 * The plan's RPO where the schedule can meet it. A backup that is taken less often has its own schedule as the limit, because an
 * alarm that is always on is no alarm. `lifeboat plan check` says that such a schedule cannot meet the RPO.
 *
 * RDS archives a log every five minutes, so the newest moment is always up to five minutes old, and a little more: one archive
 * late is the least that an alarm can tell.
 */
function limitOf(backup: Backup, gap: number, { rpo }: Pick<Objective, 'rpo'>): number {
  if ('pointInTime' in backup) return Math.max(rpo ?? 0, 2 * gap);
  return rpo !== null && rpo >= gap ? rpo : gap + RUN;
}

function copyLimitOf(backup: Backup, gap: number): number {
  return 'pointInTime' in backup ? HOUR : gap + COPIED_WITHIN;
}

function verifiedAlarm({ restoreTests }: Plan, of: Of, gap: number): { id: string; alarm: object }[] {
  const tested = Object.values(restoreTests)
    .filter(({ from }) => from.database === of.database && from.backup === of.backup)
    .flatMap(({ schedule }) => longestGap(schedule) ?? [])
    .toSorted((one, other) => one - other)[0];
  if (tested === undefined) return [];
  const limit = gap + tested + 2 * RUN;
  return [
    { id: 'VerifiedAgeAlarm', alarm: tooOld(LOSS.verified, 'the newest verified recovery point', of, limit) },
  ];
}

function unusualAlarms(of: Of): { id: string; alarm: object }[] {
  const name = nameOf(of);
  return [
    { id: 'DurationAlarm', alarm: unusual(LOSS.duration, `${name} took more than twice its usual time`, of) },
    {
      id: 'SizeAlarm',
      alarm: unusual(LOSS.size, `${name} is larger or smaller than usual by more than half`, of),
    },
  ];
}

const nameOf = ({ database, backup }: Of) => `backup "${backup}" of "${database}"`;

interface Of {
  readonly workload: string;
  readonly database: string;
  readonly backup: string;
}

function tooOld(MetricName: string, what: string, of: Of, limit: number): object {
  return alarm({
    AlarmDescription: `${what} of ${nameOf(of)} is older than ${formatDuration(limit)}, or there is none: see "lifeboat status"`,
    ...measured(MetricName, of),
    EvaluationPeriods: LOOKS,
    DatapointsToAlarm: LOOKS,
    Threshold: limit / 1000,
    TreatMissingData: 'breaching',
  });
}

/** Stands until a backup is as usual again. */
function unusual(MetricName: string, what: string, of: Of): object {
  return alarm({ AlarmDescription: `${what}: see "lifeboat status"`, ...measured(MetricName, of) });
}

function measured(MetricName: string, of: Of) {
  return {
    Namespace: LOSS.namespace,
    MetricName,
    Dimensions: Object.entries({ service: LOSS.service, ...of }).map(([Name, Value]) => ({ Name, Value })),
    Statistic: 'Maximum',
    Period: MEASURED_EVERY / 1000,
  };
}
