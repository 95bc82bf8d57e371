import { StateFailure } from '../errors/state-failure.ts';
import type { Json } from '../json.ts';

/** "Maximum input or output size for a task, state, or execution: 256 KiB" (developer guide, "Step Functions service quotas"). */
const MOST_BYTES = 256 * 1024;

/** Throws States.DataLimitExceeded for data too large for a state to receive, return, pass on or assign. */
export function withinDataLimit(value: Json, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > MOST_BYTES) {
    throw new StateFailure(
      'States.DataLimitExceeded',
      `${what} is ${bytes} bytes, more than the ${MOST_BYTES} allowed`,
    );
  }
}
