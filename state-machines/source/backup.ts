import { onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

export const backup = machine({
  kind: 'backup',
  comment: 'Takes a backup of one database, proves that the vault keeps it, and leaves evidence.',
  limitSeconds: 7_200,
  title: 'BACKUP',
  subject: 'database',
  record: { backup: jsonata('$states.input.backup') },
  variables: {
    database: jsonata('$states.input.database'),
    backup: jsonata('$states.input.backup'),
  },
  unproven: 'failed',
  first: 'Copy the database',
  phases: {
    'Copy the database': invoke('CopyDatabase', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'database', 'backup'),
      assign: {
        recoveryPoint: answered('recoveryPoint'),
        facts: jsonata("$merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}])"),
      },
      step: 'copy',
      limitSeconds: 930,
      retry: retry([...passing.lambda, ...passing.database, 'ObjectExists'], {
        times: 3,
        afterSeconds: 10,
      }),
      catch: [onFailure({ reason: 'the database was not copied', next: 'Record the run' })],
      next: 'Prove what was stored',
    }),
    'Prove what was stored': invoke('ProveStored', {
      payload: variables('database', 'backup', 'recoveryPoint'),
      assign: {
        outcome: 'taken',
        reason: answered('summary'),
      },
      step: 'prove',
      limitSeconds: 330,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [onFailure({ reason: 'the copy is not proven to be in the vault', next: 'Record the run' })],
      next: 'Record the run',
    }),
  },
  ends: { succeed: { taken: 'BackupTaken' }, fail: {}, otherwise: 'BackupFailed' },
});
