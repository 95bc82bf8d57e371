import { onFailedStep, onFailure } from './catches.ts';
import { handInstanceOver, handOverCounter } from './hand-instance-over.ts';
import { counters, instanceStates } from './instance-states.ts';
import { jsonata, variables } from './jsonata.ts';
import { anyDamage, judge, manifestDamaged } from './restore-verdicts.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

const TEAR_DOWN = 'Drop the unfinished copy';

const database = [...passing.lambda, ...passing.database];

/** Nothing is ever restored over a database that exists. */
const nameErrors = ['NameTaken', 'NameUnusable'];

const judged = {
  // A verified copy is of no use before it is handed over.
  outcome: jsonata(
    "$states.result.Payload.verdict = 'verified' ? 'not-handed-over' : $states.result.Payload.verdict",
  ),
  reason: answered('reason'),
  validated: jsonata('$states.result.Payload'),
};

const instance = instanceStates({
  entry: 'restore',
  entries: 'InstanceRestores',
  elsewhere: 'Create the database',
  given: ['into', 'only'],
  refusedBy: [...nameErrors, 'PartUnknown'],
  // To restore it again may take hours.
  isKept: true,
  handedOver: handInstanceOver.first,
  validated: { assign: judged, next: 'Is the instance verified' },
});

export const restore = machine({
  kind: 'restore',
  comment:
    'Restores a recovery point into a new database or a new RDS instance, looks whether the data came back, hands it over under its final name, and leaves evidence.',
  // Nearly all of it for an instance that is late, as in a restore test.
  limitSeconds: 1_000_000,
  title: 'RESTORE',
  subject: 'restore',
  variables: {
    restore: jsonata('$states.input.restore'),
    into: jsonata('$states.input.into'),
    choose: jsonata(
      "$exists($states.input.choose) ? $states.input.choose : $exists($states.input.label) ? 'newest' : 'newest verified'",
    ),
    label: jsonata('$exists($states.input.label) ? $states.input.label : null'),
    only: jsonata('$exists($states.input.only) ? $states.input.only : []'),
    before: jsonata(
      '$exists($states.input.at) ? $states.input.at : $exists($states.input.incident) ? $states.input.incident.failedAt : $states.context.Execution.StartTime',
    ),
    validated: jsonata('null'),
    ...counters,
    ...handOverCounter,
  },
  facts: jsonata("$exists($states.input.incident) ? {'incident': $states.input.incident} : {}"),
  unproven: 'not-proven',
  first: 'Choose the recovery point',
  phases: {
    'Choose the recovery point': invoke('ChooseRecoveryPoint', {
      payload: variables('runId', 'runStartedAt', 'restore', 'choose', 'label', 'before'),
      assign: {
        recoveryPoint: answered('recoveryPoint'),
        facts: jsonata("$merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}])"),
      },
      step: 'choose',
      limitSeconds: 120,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: judge(manifestDamaged, 'no recovery point was chosen', 'Record the run'),
      next: instance.first,
    }),
    ...instance.states,
    'Is the instance verified': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata("$outcome = 'not-handed-over'"), Next: handInstanceOver.first }],
      Default: 'Record the run',
    },
    ...handInstanceOver.states,
    'Create the database': invoke('CreateScratch', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'restore', 'recoveryPoint', 'into'),
      step: 'create',
      assign: {
        handedOver: jsonata(
          '$exists($states.result.Payload.handedOver) ? $states.result.Payload.handedOver : false',
        ),
      },
      limitSeconds: 430,
      retry: retry(database, { times: 3, afterSeconds: 5 }),
      catch: [
        onFailure(
          { reason: 'the database was not created', outcome: 'refused', next: 'Record the run' },
          nameErrors,
        ),
        ...judge(manifestDamaged, 'no database could be made', TEAR_DOWN),
      ],
      next: 'Was it handed over before',
    }),
    'Was it handed over before': {
      Type: 'Choice',
      // An earlier attempt of this run was killed after it gave the database its name.
      Choices: [{ Condition: jsonata('$handedOver'), Next: 'Hand the database over' }],
      Default: 'Load the database',
    },
    'Load the database': invoke('LoadScratch', {
      mayBeAsleep: true,
      payload: {
        ...variables('runId', 'runStartedAt', 'restore', 'recoveryPoint', 'only'),
        expiresAt: jsonata('$steps.create.expiresAt'),
      },
      step: 'load',
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      catch: [
        onFailure(
          { reason: 'the recovery point has no such table or schema', outcome: 'refused', next: TEAR_DOWN },
          ['PartUnknown'],
        ),
        ...judge(
          { errors: anyDamage, reason: 'the recovery point could not be loaded' },
          'the load did not come to its end',
          TEAR_DOWN,
        ),
      ],
      next: 'Validate the restored database',
    }),
    'Validate the restored database': invoke('ValidateRestore', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'restore', 'recoveryPoint', 'only'),
      step: 'validate',
      assign: judged,
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      // The copy is whole and stays until its expiry: to load it again may take hours.
      catch: judge(
        { errors: anyDamage, reason: 'the recovery point could not be compared' },
        'the validation did not come to its end',
        'Record the run',
      ),
      next: 'Is it verified',
    }),
    'Is it verified': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata("$outcome = 'not-handed-over'"), Next: 'Hand the database over' }],
      Default: 'Record the run',
    },
    'Hand the database over': invoke('HandOver', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'restore', 'into', 'recoveryPoint', 'validated'),
      step: 'handOver',
      assign: {
        outcome: 'restored',
        reason: jsonata('$states.result.Payload.validated.reason'),
        facts: jsonata("$merge([$facts, {'recoveryPoint': $states.result.Payload.recoveryPoint}])"),
      },
      limitSeconds: 430,
      retry: retry(database, { times: 5, afterSeconds: 5 }),
      catch: [
        onFailure({
          reason: 'the database was not handed over',
          outcome: 'not-handed-over',
          next: 'Record the run',
        }),
      ],
      next: 'Record the run',
    }),
    [TEAR_DOWN]: invoke('DropScratch', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'restore'),
      step: 'tearDown',
      limitSeconds: 430,
      retry: retry(database, { times: 3, afterSeconds: 5 }),
      catch: [onFailedStep('tearDown', 'Record the run')],
      next: 'Record the run',
    }),
  },
  ends: {
    succeed: { restored: 'DatabaseRestored' },
    fail: { rejected: 'CopyRejected', refused: 'RestoreRefused', 'not-handed-over': 'CopyNotHandedOver' },
    otherwise: 'CopyNotProven',
  },
});
