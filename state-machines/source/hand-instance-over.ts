import type { States } from './asl.ts';
import { onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { answered, invoke } from './tasks.ts';

/** A look every half minute, for longer than hand-over-instance goes on: RDS takes up to ten minutes to rename an instance. */
const LOOK_SECONDS = 30;
const MOST_POLLS = 190;

const HAND_OVER = 'Hand the instance over';

/** What the states count. */
export const handOverCounter = { handOverPolls: 0 };

/** The states that give a validated instance its name, its password and its protection. */
export const handInstanceOver: { readonly first: string; readonly states: States } = {
  first: HAND_OVER,
  states: {
    [HAND_OVER]: invoke('HandOverInstance', {
      payload: {
        ...variables('runId', 'runStartedAt', 'restore', 'into', 'recoveryPoint', 'validated'),
        before: jsonata('$exists($steps.handOver) ? $steps.handOver : null'),
      },
      step: 'handOver',
      assign: { complete: answered('complete'), handOverPolls: jsonata('$handOverPolls + 1') },
      limitSeconds: 90,
      retry: retry([...passing.lambda, 'SecretUnavailable'], { times: 5, afterSeconds: 5 }),
      catch: [
        onFailure({
          reason: 'the instance was not handed over',
          outcome: 'not-handed-over',
          next: 'Record the run',
        }),
      ],
      next: 'Was the instance handed over',
    }),
    'Was the instance handed over': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$handOverPolls >= ${MOST_POLLS}`),
          Assign: {
            outcome: 'not-handed-over',
            reason: 'the instance was not handed over when the machine had waited long enough',
          },
          Next: 'Record the run',
        },
        {
          Condition: jsonata('$complete'),
          Assign: {
            outcome: 'restored',
            reason: jsonata('$steps.handOver.validated.reason'),
            facts: jsonata("$merge([$facts, {'recoveryPoint': $steps.handOver.recoveryPoint}])"),
          },
          Next: 'Record the run',
        },
      ],
      Default: 'Wait for the hand-over',
    },
    'Wait for the hand-over': { Type: 'Wait', Seconds: LOOK_SECONDS, Next: HAND_OVER },
  },
};
