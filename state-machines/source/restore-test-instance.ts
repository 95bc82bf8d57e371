import type { States } from './asl.ts';
import { onFailedStep, onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { answered, invoke } from './tasks.ts';

/** A look each minute, for at least four hours: RDS takes minutes to hours, and longer while a quota is reached. */
const RESTORE_SECONDS = 60;
const MOST_RESTORE_POLLS = 240;

/** Each call reads for twelve minutes. */
const MOST_READS = 40;

/** A look each minute, for longer than delete-instance goes on. */
const DELETE_SECONDS = 60;
const MOST_DELETE_POLLS = 75;

/** The template fills in the plan's restore tests that restore into RDS instances, so that no function has to be asked. */
const IS_INSTANCE =
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
  "$contains(' ${InstanceRestoreTests} ', ' ' & $restoreTest & ' ')";

const TEAR_DOWN = 'Delete the scratch instance';
const database = [...passing.lambda, ...passing.database];

/** What the branch counts. */
export const counters = { restorePolls: 0, reads: 0, deletePolls: 0 };

/** The part of a restore test that restores into an RDS instance. @param elsewhere the state that follows for a database */
export function restoreIntoInstance(elsewhere: string): { first: string; states: States } {
  const unproven = (reason: string) => onFailure({ reason, outcome: 'not-proven', next: TEAR_DOWN });
  const states: States = {
    'Is it restored into an instance': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata(IS_INSTANCE), Next: 'Restore the instance' }],
      Default: elsewhere,
    },
    'Restore the instance': invoke('RestoreInstance', {
      payload: variables('runId', 'runStartedAt', 'restoreTest', 'recoveryPoint'),
      assign: { complete: answered('complete'), restorePolls: jsonata('$restorePolls + 1') },
      step: 'restore',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: [
        onFailure({ reason: 'RDS cannot restore the recovery point', outcome: 'rejected', next: TEAR_DOWN }, [
          'InstanceNotRestorable',
        ]),
        unproven('the instance was not restored'),
      ],
      next: 'Can the instance be used',
    }),
    'Can the instance be used': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$restorePolls >= ${MOST_RESTORE_POLLS}`),
          Assign: { reason: 'the instance could not be used when the machine had waited long enough' },
          Next: TEAR_DOWN,
        },
        { Condition: jsonata('$complete'), Next: 'Read every block' },
      ],
      Default: 'Wait for the instance',
    },
    'Wait for the instance': { Type: 'Wait', Seconds: RESTORE_SECONDS, Next: 'Restore the instance' },
    'Read every block': invoke('ReadInstance', {
      mayBeAsleep: true,
      payload: {
        ...variables('runId', 'runStartedAt', 'restoreTest'),
        instance: jsonata('$steps.restore.instance'),
        before: jsonata('$exists($steps.read) ? $steps.read : null'),
      },
      assign: { complete: answered('complete'), reads: jsonata('$reads + 1') },
      step: 'read',
      limitSeconds: 930,
      retry: retry(database, { times: 3, afterSeconds: 10 }),
      catch: [unproven('the instance was not read to its end')],
      next: 'Was every block read',
    }),
    'Was every block read': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$reads >= ${MOST_READS}`),
          Assign: { reason: 'not every block was read when the machine had waited long enough' },
          Next: TEAR_DOWN,
        },
        { Condition: jsonata('$complete'), Next: 'Validate the instance' },
      ],
      Default: 'Read every block',
    },
    'Validate the instance': invoke('ValidateInstance', {
      mayBeAsleep: true,
      payload: {
        ...variables('runId', 'runStartedAt', 'restoreTest'),
        takenAt: jsonata('$steps.choose.snapshotAt'),
        between: jsonata('$exists($steps.choose.between) ? $steps.choose.between : null'),
        restored: jsonata('$steps.restore'),
        read: jsonata('$steps.read'),
      },
      step: 'validate',
      assign: { outcome: answered('verdict'), reason: answered('reason') },
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      catch: [unproven('the validation did not come to its end')],
      next: TEAR_DOWN,
    }),
    [TEAR_DOWN]: invoke('DeleteInstance', {
      payload: {
        ...variables('runId', 'runStartedAt'),
        before: jsonata('$exists($steps.tearDown) ? $steps.tearDown : null'),
      },
      assign: { complete: answered('complete'), deletePolls: jsonata('$deletePolls + 1') },
      step: 'tearDown',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: [onFailedStep('tearDown', 'Record the run')],
      next: 'Is the instance gone',
    }),
    'Is the instance gone': {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata(`$deletePolls >= ${MOST_DELETE_POLLS}`), Next: 'Record the run' },
        { Condition: jsonata('$complete'), Next: 'Record the run' },
      ],
      Default: 'Wait for the deletion',
    },
    'Wait for the deletion': { Type: 'Wait', Seconds: DELETE_SECONDS, Next: TEAR_DOWN },
  };
  return { first: 'Is it restored into an instance', states };
}
