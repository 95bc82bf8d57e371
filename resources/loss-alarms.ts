import { LOSS } from '../shared/objectives/loss-metrics.ts';
import type { Plan } from '../shared/plan/schema.ts';
import { isTakenByLifeboat } from '../shared/plan/sections/backups.ts';
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

/**
 * Alarms on what would be lost if a database failed now, for each backup with a schedule: its newest recovery point is too old,
 * its newest verified one is, or the newest one is unlike those before it. No age measured is an alarm as well: there is no
 * recovery point, or nobody looks.
 *
 * The limit is the plan's RPO where the schedule can meet it. A backup that is taken less often has its own schedule as the limit,
 * because an alarm that is always on is no alarm. `lifeboat plan check` says that such a schedule cannot meet the RPO.
 */
export function lossAlarms({
  workload,
  databases,
  restoreTests,
  objectives: { rpo },
}: Plan): [string, object][] {
  return Object.entries(databases).flatMap(([database, { backups }]) =>
    Object.entries(backups).flatMap(([backup, planned]): [string, object][] => {
      const gap = isTakenByLifeboat(planned) ? longestGap(planned.schedule) : null;
      if (gap === null) return [];
      const id = `${logicalId(database)}${logicalId(backup)}`;
      const of = { workload, database, backup };
      const limit = rpo !== null && rpo >= gap ? rpo : gap + RUN;
      const name = `backup "${backup}" of "${database}"`;
      const tested = Object.values(restoreTests)
        .filter(({ from }) => from.database === database && from.backup === backup)
        .flatMap(({ schedule }) => longestGap(schedule) ?? [])
        .toSorted((one, other) => one - other)[0];
      const verified = `the newest verified recovery point of ${name}`;
      const alarms: [string, object][] = [
        [
          `${id}RecoveryPointAgeAlarm`,
          tooOld(LOSS.newest, `the newest recovery point of ${name}`, of, limit),
        ],
        [`${id}DurationAlarm`, unusual(LOSS.duration, `${name} took more than twice its usual time`, of)],
        [
          `${id}SizeAlarm`,
          unusual(LOSS.size, `${name} is larger or smaller than usual by more than half`, of),
        ],
      ];
      if (tested !== undefined)
        alarms.push([`${id}VerifiedAgeAlarm`, tooOld(LOSS.verified, verified, of, gap + tested + 2 * RUN)]);
      return alarms;
    }),
  );
}

interface Of {
  readonly workload: string;
  readonly database: string;
  readonly backup: string;
}

function tooOld(MetricName: string, what: string, of: Of, limit: number): object {
  return alarm({
    AlarmDescription: `${what} is older than ${formatDuration(limit)}, or there is none: see "lifeboat status"`,
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
