import { onFailedStep, onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

/** A look at a snapshot each minute, for longer than the nine hours after which take-snapshot gives up by itself. */
const POLL_SECONDS = 60;
const MOST_POLLS = 560;

/** The template fills in the plan's backups by a method of RDS, so that no function has to be asked. */
const isOneOf = (backups: string) => `$contains(' \${${backups}} ', ' ' & $database & '/' & $backup & ' ')`;

export const backup = machine({
  kind: 'backup',
  comment: 'Takes a backup of one database, proves that it is kept, and leaves evidence.',
  // Nearly all of it for a copy to another Region, at every poll of which everything goes wrong. take-snapshot gives up far earlier.
  limitSeconds: 680_000,
  title: 'BACKUP',
  subject: 'database',
  record: { backup: jsonata('$backup') },
  variables: {
    database: jsonata('$states.input.database'),
    backup: jsonata('$states.input.backup'),
    label: jsonata('$exists($states.input.label) ? $states.input.label : null'),
    polls: 0,
  },
  unproven: 'failed',
  first: 'By which method',
  phases: {
    'By which method': {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata(isOneOf('SnapshotBackups')), Next: 'Take the snapshot' },
        { Condition: jsonata(isOneOf('PointInTimeBackups')), Next: 'Keep the point in time' },
      ],
      Default: 'Copy the database',
    },
    'Copy the database': invoke('CopyDatabase', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'database', 'backup', 'label'),
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
    'Take the snapshot': invoke('TakeSnapshot', {
      payload: variables('runId', 'runStartedAt', 'database', 'backup', 'label'),
      assign: {
        recoveryPoint: answered('recoveryPoint'),
        complete: answered('complete'),
        facts: jsonata(
          "$states.result.Payload.complete ? $merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}]) : $facts",
        ),
        polls: jsonata('$polls + 1'),
      },
      step: 'snapshot',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: [onFailure({ reason: 'the snapshot was not taken', next: 'Record the run' })],
      next: 'Is the snapshot complete',
    }),
    'Is the snapshot complete': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$polls >= ${MOST_POLLS}`),
          Assign: { reason: 'the snapshot was not complete when the machine had waited long enough' },
          Next: 'Record the run',
        },
        { Condition: jsonata('$complete'), Next: 'Prove the snapshot' },
      ],
      Default: 'Wait for the snapshot',
    },
    'Wait for the snapshot': { Type: 'Wait', Seconds: POLL_SECONDS, Next: 'Take the snapshot' },
    'Prove the snapshot': invoke('ProveSnapshot', {
      payload: variables('database', 'backup', 'recoveryPoint'),
      assign: {
        outcome: 'taken',
        reason: answered('summary'),
      },
      step: 'prove',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [onFailure({ reason: 'the snapshot is not as it must be', next: 'Record the run' })],
      next: 'Prune the snapshots',
    }),
    'Prune the snapshots': invoke('PruneSnapshots', {
      payload: variables('database', 'backup'),
      step: 'prune',
      limitSeconds: 330,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [onFailedStep('prune', 'Record the run')],
      next: 'Record the run',
    }),
    'Keep the point in time': invoke('KeepPointInTime', {
      payload: variables('runId', 'runStartedAt', 'database', 'backup', 'label'),
      assign: {
        recoveryPoint: answered('recoveryPoint'),
        complete: answered('complete'),
        facts: jsonata(
          "$states.result.Payload.complete ? $merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}]) : $facts",
        ),
        polls: jsonata('$polls + 1'),
      },
      step: 'pointInTime',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: [onFailure({ reason: 'no point in time is kept as the plan says', next: 'Record the run' })],
      next: 'Is the point in time kept',
    }),
    'Is the point in time kept': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$polls >= ${MOST_POLLS}`),
          Assign: { reason: 'no point in time was kept when the machine had waited long enough' },
          Next: 'Record the run',
        },
        {
          Condition: jsonata('$complete'),
          Assign: { outcome: 'taken', reason: jsonata('$steps.pointInTime.summary') },
          Next: 'Record the run',
        },
      ],
      Default: 'Wait for the point in time',
    },
    'Wait for the point in time': {
      Type: 'Wait',
      Seconds: POLL_SECONDS,
      Next: 'Keep the point in time',
    },
  },
  ends: { succeed: { taken: 'BackupTaken' }, fail: {}, otherwise: 'BackupFailed' },
});
