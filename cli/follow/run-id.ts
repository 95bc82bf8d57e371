import { randomBytes } from 'node:crypto';
import os from 'node:os';

/**
 * A run's id, which is also its execution's name: `backup-20261122T040000Z-3f9a1c`. Ids sort by time within a machine and
 * are no longer than the 80 characters that Step Functions allows.
 */
export function newRunId(
  machine: string,
  now: Date,
  random: string = randomBytes(3).toString('hex'),
): string {
  return `${machine}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${random}`;
}

/** The person who starts a run, as written in its evidence: `operator ada@workstation`. */
export function operator(): string {
  return `operator ${os.userInfo().username}@${os.hostname()}`;
}
