import { onFailedStep } from './catches.ts';
import { counters, DELETE_INSTANCE, instanceStates } from './instance-states.ts';
import { jsonata, variables } from './jsonata.ts';
import { anyDamage, judge, manifestDamaged } from './restore-verdicts.ts';
import { passing, retry } from './retries.ts';
import { machine } from './shared-states.ts';
import { answered, invoke } from './tasks.ts';

const CREATE = 'Create the scratch database';
const DROP = 'Tear down the scratch database';
/** Where the database is on an instance of the run, both go together. */
const TEAR_DOWN = 'Is it on an instance of its own';

/** The instance that this run made to load the recovery point into. Null for a server of the plan. */
const onInstance = { instance: jsonata('$exists($steps.restore) ? $steps.restore.instance : null') };

const database = [...passing.lambda, ...passing.database];

const instance = instanceStates({
  entry: 'restoreTest',
  entries: 'InstanceRestoreTests',
  elsewhere: CREATE,
  loadsInto: CREATE,
  isKept: false,
  validated: {
    assign: { outcome: answered('verdict'), reason: answered('reason') },
    next: DELETE_INSTANCE,
  },
});

export const restoreTest = machine({
  kind: 'restore-test',
  comment:
    'Restores a recovery point into a scratch database or a scratch instance, looks whether the data came back, tears the scratch down on every path, and leaves evidence.',
  // Nearly all of it for an instance that is late, where everything goes wrong at every poll. restore-instance gives up far earlier.
  limitSeconds: 600_000,
  title: 'RESTORE TEST',
  subject: 'restoreTest',
  variables: {
    restoreTest: jsonata('$states.input.restoreTest'),
    choose: jsonata(
      "$exists($states.input.choose) ? $states.input.choose : $exists($states.input.label) ? 'newest' : 'as planned'",
    ),
    label: jsonata('$exists($states.input.label) ? $states.input.label : null'),
    ...counters,
  },
  facts: jsonata("$exists($states.input.incident) ? {'incident': $states.input.incident} : {}"),
  unproven: 'not-proven',
  first: 'Choose a recovery point',
  phases: {
    'Choose a recovery point': invoke('ChooseRecoveryPoint', {
      payload: {
        ...variables('runId', 'runStartedAt', 'restoreTest', 'choose', 'label'),
        before: jsonata('$exists($facts.incident) ? $facts.incident.failedAt : $runStartedAt'),
      },
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
    [CREATE]: invoke('CreateScratch', {
      mayBeAsleep: true,
      payload: { ...variables('runId', 'runStartedAt', 'restoreTest', 'recoveryPoint'), ...onInstance },
      step: 'create',
      limitSeconds: 430,
      retry: retry(database, { times: 3, afterSeconds: 5 }),
      catch: judge(manifestDamaged, 'no scratch database could be made', TEAR_DOWN),
      next: 'Load the scratch database',
    }),
    'Load the scratch database': invoke('LoadScratch', {
      mayBeAsleep: true,
      payload: {
        ...variables('runId', 'runStartedAt', 'restoreTest', 'recoveryPoint'),
        expiresAt: jsonata('$steps.create.expiresAt'),
        ...onInstance,
      },
      step: 'load',
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      catch: judge(
        { errors: anyDamage, reason: 'the recovery point could not be loaded' },
        'the load did not come to its end',
        TEAR_DOWN,
      ),
      next: 'Validate the restored copy',
    }),
    'Validate the restored copy': invoke('ValidateRestore', {
      mayBeAsleep: true,
      payload: { ...variables('runId', 'runStartedAt', 'restoreTest', 'recoveryPoint'), ...onInstance },
      step: 'validate',
      assign: { outcome: answered('verdict'), reason: answered('reason') },
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      catch: judge(
        { errors: anyDamage, reason: 'the recovery point could not be compared' },
        'the validation did not come to its end',
        TEAR_DOWN,
      ),
      next: TEAR_DOWN,
    }),
    [TEAR_DOWN]: {
      Type: 'Choice',
      Choices: [{ Condition: jsonata('$exists($steps.restore)'), Next: DELETE_INSTANCE }],
      Default: DROP,
    },
    [DROP]: invoke('DropScratch', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'restoreTest'),
      step: 'tearDown',
      limitSeconds: 430,
      retry: retry(database, { times: 3, afterSeconds: 5 }),
      catch: [onFailedStep('tearDown', 'Record the run')],
      next: 'Record the run',
    }),
  },
  ends: {
    succeed: { verified: 'RestoreVerified' },
    fail: { rejected: 'RestoreRejected' },
    otherwise: 'RestoreNotProven',
  },
});
