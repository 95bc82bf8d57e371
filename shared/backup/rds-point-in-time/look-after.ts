import type { Clock } from '../../clock/clock.ts';
import { DAY } from '../../plan/values/duration.ts';
import { orWait } from '../or-wait.ts';
import type { AutomatedBackupsRegions, RestorableWindow } from './automated-backups.ts';
import { judgeCopies, judgeInstance } from './judge-automated-backups.ts';
import { momentId, wholeSecondsOf } from './moment.ts';
import { PointInTimeNotReady } from './point-in-time-errors.ts';

export interface PointInTimePorts {
  readonly regions: AutomatedBackupsRegions;
  readonly clock: Clock;
  /** The plan's name of the instance. */
  readonly instance: string;
  readonly retentionMs: number;
  /** From the start of the run until it waits no longer. */
  readonly longestMs: number;
  /** A moment that must be among those that can be restored, here and in the standby Region. */
  readonly moment?: Date | null;
}

/** How the automated backups of an instance stand. */
export type LookedAfter =
  | {
      readonly kind: 'kept';
      readonly window: RestorableWindow;
      /** In the standby Region; null where the plan wants no copies. */
      readonly copies: RestorableWindow | null;
    }
  | { readonly kind: 'waiting'; readonly waitingFor: string };

/**
 * Looks whether the automated backups of an instance are as the plan says, and returns at once. Starts their replication to the
 * standby Region where the plan wants it and nobody did, or somebody stopped it. Called again until they are kept.
 *
 * Changes nothing of the instance: switching automated backups on causes an outage. Never stops a replication.
 *
 * @throws InstanceMissing, InstanceStopped, InstanceStorageFull, InstanceUnusable, InstanceUnencrypted, AutomatedBackupsOff,
 * AutomatedBackupsTooShort, ArchiveLate, ReplicationLate, ReplicationUnencrypted, ReplicationKeyUnusable, PointInTimeNotReady
 */
export async function lookAfter(ports: PointInTimePorts, runStartedAt: Date): Promise<LookedAfter> {
  const looked = await orWait(() => look(ports));
  const limit = runStartedAt.getTime() + ports.longestMs;
  if (looked.kind === 'waiting' && ports.clock.now().getTime() > limit)
    throw new PointInTimeNotReady(
      `no moment of "${ports.instance}" could be restored after ${ports.longestMs / 3_600_000} hours: ${looked.waitingFor}`,
      { hint: 'look at both Regions: aws rds describe-db-instance-automated-backups' },
    );
  return looked;
}

async function look({
  regions: { primary, standby },
  clock,
  instance: name,
  retentionMs,
  moment = null,
}: PointInTimePorts): Promise<LookedAfter> {
  const waiting = (waitingFor: string): LookedAfter => ({ kind: 'waiting', waitingFor });
  const wanted = { retentionDays: retentionDaysOf(retentionMs), now: clock.now() };
  const instance = await primary.instance();
  const judged = judgeInstance(name, instance, wanted);
  if (judged.kind === 'impossible') throw judged.error;
  if (judged.kind === 'waiting' || instance === null)
    return waiting(judged.kind === 'waiting' ? judged.because : '');
  let copies: RestorableWindow | null = null;
  if (standby) {
    const { region } = standby;
    const found = judgeCopies(await standby.find(), instance, { ...wanted, region });
    if (found.kind === 'impossible') throw found.error;
    if (found.kind === 'waiting') return waiting(found.because);
    if (found.kind === 'start') {
      const requested = await standby.start(instance.arn, wanted.retentionDays);
      return waiting(
        requested.kind === 'begun'
          ? `${region}: replication was started, because ${found.because}`
          : requested.because,
      );
    }
    copies = wholeSecondsOf(found.window);
    if (!copies) return waiting(`${region}: the first whole second of the copies that can be restored`);
  }
  const found = await primary.find();
  // The instance can name a moment before its window has a whole second: no restore would find that moment.
  const window = found?.window && wholeSecondsOf(found.window);
  if (!window) return waiting(`${primary.region}: the first whole second of "${name}" that can be restored`);
  const { latest } = window;
  const behind =
    moment &&
    [{ ...primary, latest }, ...(standby && copies ? [{ ...standby, ...copies }] : [])].find(
      (each) => each.latest < moment,
    );
  if (moment && behind)
    return waiting(
      `${behind.region}: ${momentId(moment)}, the newest moment that can be restored is ${momentId(behind.latest)}`,
    );
  return { kind: 'kept', window, copies };
}

/** The plan's retention as RDS counts it. */
export function retentionDaysOf(milliseconds: number): number {
  return Math.ceil(milliseconds / DAY);
}
