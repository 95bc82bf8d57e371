import type { Catcher } from './asl.ts';
import { onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

/** Calls of one run: each reads for about nine minutes, so that this is fifteen hours of reading. */
const MOST_CALLS = 100;

const damage = ['RecoveryPointDamaged', 'BlockDamaged', 'ManifestDamaged'];

const judgeReading: Catcher[] = [
  onFailure({ reason: 'the recovery point is damaged', outcome: 'damaged', next: 'Record the run' }, damage),
  onFailure(
    {
      reason: 'the recovery point is not kept as the plan demands',
      outcome: 'unprotected',
      next: 'Record the run',
    },
    ['StoredBackupUnproven'],
  ),
  onFailure({
    reason: 'the recovery point was not read to its end',
    outcome: 'not-proven',
    next: 'Is anything hidden',
  }),
];

/** What is hidden is not protected, whatever else was found. */
const HIDDEN = '$count($steps.choose.hidden) > 0';

export const verify = machine({
  kind: 'verify',
  comment:
    'Reads every byte of a recovery point against its seals and hashes, proves that the vault lets nobody delete it, and leaves evidence.',
  // Nearly all of it for calls that are cut off at their last second, again and again.
  limitSeconds: 500_000,
  title: 'VERIFY',
  subject: 'database',
  record: { backup: jsonata('$backup') },
  variables: {
    database: jsonata('$states.input.database'),
    backup: jsonata('$states.input.backup'),
    choose: jsonata("$exists($states.input.choose) ? $states.input.choose : 'as planned'"),
    next: 0,
    storedBytes: 0,
    calls: 0,
  },
  unproven: 'not-proven',
  first: 'Choose a recovery point to read',
  phases: {
    'Choose a recovery point to read': invoke('ChooseToRead', {
      payload: variables('database', 'backup', 'choose'),
      assign: {
        recoveryPoint: answered('recoveryPoint'),
        facts: jsonata("$merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}])"),
      },
      step: 'choose',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [
        onFailure(
          { reason: 'every recovery point is hidden', outcome: 'unprotected', next: 'Record the run' },
          ['RecoveryPointsHidden'],
        ),
        onFailure({ reason: 'no recovery point was chosen', outcome: 'not-proven', next: 'Record the run' }),
      ],
      next: 'Read the next objects',
    }),
    'Read the next objects': invoke('ReadRecoveryPoint', {
      payload: variables(
        'runId',
        'runStartedAt',
        'database',
        'backup',
        'recoveryPoint',
        'next',
        'storedBytes',
      ),
      assign: {
        next: answered('next'),
        storedBytes: answered('storedBytes'),
        calls: jsonata('$calls + 1'),
      },
      step: 'read',
      limitSeconds: 930,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: judgeReading,
      next: 'Are all objects read',
    }),
    'Are all objects read': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$calls >= ${MOST_CALLS}`),
          Assign: { reason: 'the recovery point was not read to its end in the time of a run' },
          Next: 'Is anything hidden',
        },
        { Condition: jsonata('$next = null'), Next: 'Try to change the vault' },
      ],
      Default: 'Read the next objects',
    },
    'Try to change the vault': invoke('TryToChange', {
      payload: variables('runId', 'runStartedAt'),
      assign: {
        outcome: 'intact',
        reason: jsonata(
          "'every byte of ' & $string($steps.read.objects) & ' objects is as it was written, and the vault refuses every change'",
        ),
      },
      step: 'change',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [
        onFailure({ reason: 'the vault allows changes', outcome: 'unprotected', next: 'Record the run' }, [
          'VaultUnprotected',
        ]),
        onFailure({
          reason: 'it is not known whether the vault refuses changes',
          outcome: 'not-proven',
          next: 'Is anything hidden',
        }),
      ],
      next: 'Is anything hidden',
    }),
    'Is anything hidden': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(HIDDEN),
          Assign: {
            outcome: 'unprotected',
            reason: jsonata(
              "'a delete marker or a later version hides ' & $join($steps.choose.hidden, ', ') & '; of the recovery point that was read: ' & $reason",
            ),
          },
          Next: 'Record the run',
        },
      ],
      Default: 'Record the run',
    },
  },
  ends: {
    succeed: { intact: 'RecoveryPointIntact' },
    fail: { damaged: 'RecoveryPointNotIntact', unprotected: 'VaultNotProtected' },
    otherwise: 'RecoveryPointNotRead',
  },
});
