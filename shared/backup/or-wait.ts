import { classifyServiceError, wordsOf } from '../aws/service-error.ts';

/** A step that the caller repeats until it is done. */
interface Waiting {
  readonly kind: 'waiting';
  readonly waitingFor: string;
}

/** Takes one step. Where RDS throttles or does not respond, also when it is only asked, the next call tries again. */
export async function orWait<Step>(step: () => Promise<Step>): Promise<Step | Waiting> {
  try {
    return await step();
  } catch (error) {
    const kind = classifyServiceError(error);
    if (kind === 'throttled') return { kind: 'waiting', waitingFor: `RDS throttles: ${wordsOf(error)}` };
    if (kind === 'unavailable' || kind === 'unreachable')
      return { kind: 'waiting', waitingFor: `RDS did not respond: ${wordsOf(error)}` };
    throw error;
  }
}
