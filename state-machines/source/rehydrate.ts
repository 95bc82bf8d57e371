import { onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

export const rehydrate = machine({
  kind: 'rehydrate',
  comment: 'Fills a queue again from rows of the database, each row once.',
  limitSeconds: 9_000,
  title: 'REHYDRATION',
  subject: 'rehydration',
  variables: {
    rehydration: jsonata('$states.input.rehydration'),
    dryRun: jsonata('$exists($states.input.dryRun) and $states.input.dryRun'),
  },
  unproven: 'failed',
  first: 'Rehydrate the queue',
  phases: {
    'Rehydrate the queue': invoke('RehydrateQueue', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'rehydration', 'dryRun'),
      step: 'fill',
      assign: {
        outcome: answered('outcome'),
        reason: answered('summary'),
      },
      limitSeconds: 930,
      retry: retry([...passing.lambda, ...passing.database, 'LedgerUnavailable', 'DestinationUnavailable'], {
        times: 3,
        afterSeconds: 10,
      }),
      catch: [
        onFailure({ reason: 'the queue was not filled again', outcome: 'failed', next: 'Record the run' }),
      ],
      next: 'Record the run',
    }),
  },
  ends: {
    succeed: { rehydrated: 'Rehydrated', 'nothing-sent': 'NothingSent', 'dry-run': 'DryRunDone' },
    fail: {},
    otherwise: 'RehydrationFailed',
  },
});
