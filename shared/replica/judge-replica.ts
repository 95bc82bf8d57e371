import type { ReplicaState } from '../database/engine.ts';
import type { RdsReplica } from './replica.ts';

/** More than clocks that are set by NTP differ. */
const CLOCKS_DIFFER_MS = 5_000;

/**
 * Why an instance is no replica to promote, before it is asked; null if it is one.
 *
 * @param source the plan's instance, and its Region
 */
export function unfit(
  found: RdsReplica | null,
  named: string,
  source: { readonly instance: string; readonly region: string },
): string | null {
  if (found === null) return `there is no instance "${named}"`;
  if (found.source === null) return `"${named}" is no read replica: it was promoted, or never was one`;
  if (!follows(found.source, source))
    return `"${named}" follows "${found.source}", and not "${source.instance}" in ${source.region}`;
  return found.address === null ? `"${named}" is ${found.status} and has no address yet` : null;
}

/** RDS names the source in another Region by its ARN: `arn:aws:rds:us-east-1:123456789012:db:shop`. */
function follows(named: string, { instance, region }: { instance: string; region: string }): boolean {
  const [, , , ofRegion, , , name] = named.split(':');
  return name === instance && ofRegion === region;
}

/** How far a replica is, by what it says of itself. */
export interface ReplicaReach {
  readonly completeTo: Date | null;
  readonly lossMs: number | null;
  readonly problem: string | null;
}

/**
 * Judges what a promotion would lose. Each of three times is a moment up to which the replica has everything, so the newest counts:
 *
 * - the newest heartbeat in it;
 * - the commit of the newest transaction that it applied. On an idle source this gets old, and nothing is missing;
 * - where it received all that its source had written: when the source said so. It may still have to apply some of that, and a
 *   promotion does. A replica that is cut off has applied all that it received as well, so its own positions prove nothing.
 */
export function judgeReplica(state: ReplicaState): ReplicaReach {
  const { standby, now, heartbeatAt, appliedTo, receivedTo } = state;
  const unknown = (problem: string): ReplicaReach => ({ completeTo: null, lossMs: null, problem });
  if (!standby) return unknown('its server is no standby: it was promoted, and takes writes');
  const times = [heartbeatAt, appliedTo, receivedTo].flatMap((time) => time?.getTime() ?? []);
  if (times.length === 0)
    return unknown(
      'it has no heartbeat and has applied nothing since it started: nothing shows how far it is',
    );
  const completeTo = Math.max(...times);
  const ahead = completeTo - now.getTime();
  if (ahead > CLOCKS_DIFFER_MS)
    return unknown(
      `its clock is ${Math.round(ahead / 1000)} s behind what it received: no lag can be told by it`,
    );
  return {
    completeTo: new Date(completeTo),
    lossMs: Math.max(0, -ahead),
    problem: state.streaming === false ? 'it receives nothing from its source' : null,
  };
}
