import { randomBytes } from 'node:crypto';
import os from 'node:os';

/**
 * A run's id, which is its execution's name: `backup-20261122T040000Z-3f9a1c`. It sorts by time within a machine and is
 * no longer than the 80 characters that Step Functions allows.
 */
export function newRunId(
  machine: string,
  now: Date,
  random: string = randomBytes(3).toString('hex'),
): string {
  return `${machine}-${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${random}`;
}

/** Who starts a run, as its evidence will say: `operator ada@workstation`. */
export function operator(): string {
  return `operator ${os.userInfo().username}@${os.hostname()}`;
}
