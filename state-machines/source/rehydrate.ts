import { onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { invoke } from './tasks.ts';

export const rehydrate = machine({
  kind: 'rehydrate',
  comment: 'Fills a queue again from rows of the database, each row once.',
  limitSeconds: 7_200,
  title: 'REHYDRATION',
  subject: 'rehydration',
  variables: {
    rehydration: jsonata('$states.input.rehydration'),
    dryRun: jsonata('$exists($states.input.dryRun) and $states.input.dryRun'),
  },
  unproven: 'failed',
  first: 'Fill the queue',
  phases: {
    'Fill the queue': invoke('RehydrateQueue', {
      payload: variables('runId', 'runStartedAt', 'rehydration', 'dryRun'),
      step: 'fill',
      assign: {
        outcome: jsonata("$dryRun ? 'dry-run' : 'rehydrated'"),
        reason: jsonata(
          "$string($states.result.Payload.rows) & ' rows: ' & $string($states.result.Payload.sent) & ($dryRun ? ' would be sent, ' : ' sent, ') & $string($states.result.Payload.alreadySent) & ' sent before' & ($states.result.Payload.unknown > 0 ? '; of those sent, ' & $string($states.result.Payload.unknown) & ' may have been sent before too' : '')",
        ),
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
    succeed: { rehydrated: 'Rehydrated', 'dry-run': 'DryRunDone' },
    fail: {},
    otherwise: 'RehydrationFailed',
  },
});
