import type { Assign, States } from './asl.ts';
import { onFailedStep, onFailure } from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { manifestDamaged } from './restore-verdicts.ts';
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

/** The template fills in which entries of the plan make RDS instances, so that no function has to be asked. */
const isInstance = (names: string, entry: string) => `$contains(' \${${names}} ', ' ' & $${entry} & ' ')`;

/** The state that deletes the instance of the run. */
export const DELETE_INSTANCE = 'Delete the scratch instance';
const TEAR_DOWN = DELETE_INSTANCE;
const database = [...passing.lambda, ...passing.database];

/** What the branch counts. */
export const counters = { restorePolls: 0, reads: 0, deletePolls: 0 };

/** In what the instances of a restore test and of a restore that stays differ. */
interface Branch {
  /** The variable that names the entry of the plan, which is also a field of each payload. */
  readonly entry: 'restoreTest' | 'restore';
  /** The substitution that lists the entries that make instances. */
  readonly entries: string;
  /** The state that follows where a database is made. */
  readonly elsewhere: string;
  /** More that `restore-instance` is given, by variable. */
  readonly given?: readonly string[];
  /** Errors that refuse the run before anything is made. */
  readonly refusedBy?: readonly string[];
  /** True where an instance that came up stays until its expiry, to look at. */
  readonly isKept: boolean;
  /** The state that loads a logical recovery point into an instance that was created empty; absent where none is. */
  readonly loadsInto?: string;
  /** Where an earlier attempt of the run handed its instance over; absent where none ever is. */
  readonly handedOver?: string;
  readonly validated: { readonly assign: Assign; readonly next: string };
}

/** The states that restore into an RDS instance, read it, validate it and delete it: the same for a restore test and for a restore that stays. */
export function instanceStates(branch: Branch): { first: string; states: States } {
  const { entry, given = [], refusedBy = [], loadsInto, handedOver, validated } = branch;
  const ofRun = variables('runId', 'runStartedAt', entry);
  const afterwards = branch.isKept ? 'Record the run' : TEAR_DOWN;
  const unproven = (reason: string, next: string) => onFailure({ reason, outcome: 'not-proven', next });
  const states: States = {
    'Is it restored into an instance': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata(isInstance(branch.entries, entry)), Next: 'Restore the instance' }],
      Default: branch.elsewhere,
    },
    'Restore the instance': invoke('RestoreInstance', {
      payload: { ...ofRun, ...variables('recoveryPoint', ...given) },
      assign: {
        complete: answered('complete'),
        restorePolls: jsonata('$restorePolls + 1'),
        ...(handedOver && {
          handedOver: jsonata(
            '$exists($states.result.Payload.handedOver) ? $states.result.Payload.handedOver : false',
          ),
        }),
      },
      step: 'restore',
      limitSeconds: 90,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 10 }),
      catch: [
        ...(refusedBy.length === 0
          ? []
          : [
              onFailure({ reason: 'the instance was not made', outcome: 'refused', next: 'Record the run' }, [
                ...refusedBy,
              ]),
            ]),
        onFailure({ reason: 'RDS cannot restore the recovery point', outcome: 'rejected', next: TEAR_DOWN }, [
          'InstanceNotRestorable',
        ]),
        // It says how large an empty instance must be.
        ...(loadsInto
          ? [
              onFailure(
                { reason: manifestDamaged.reason, outcome: 'rejected', next: TEAR_DOWN },
                manifestDamaged.errors,
              ),
            ]
          : []),
        unproven('the instance was not restored', TEAR_DOWN),
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
        // An earlier attempt of this run was killed after it gave the instance its name.
        ...(handedOver ? [{ Condition: jsonata('$handedOver'), Next: handedOver }] : []),
        ...(loadsInto
          ? [{ Condition: jsonata('$complete and $exists($steps.restore.isEmpty)'), Next: loadsInto }]
          : []),
        { Condition: jsonata('$complete'), Next: 'Read every block' },
      ],
      Default: 'Wait for the instance',
    },
    'Wait for the instance': { Type: 'Wait', Seconds: RESTORE_SECONDS, Next: 'Restore the instance' },
    'Read every block': invoke('ReadInstance', {
      mayBeAsleep: true,
      payload: {
        ...ofRun,
        instance: jsonata('$steps.restore.instance'),
        before: jsonata('$exists($steps.read) ? $steps.read : null'),
      },
      assign: { complete: answered('complete'), reads: jsonata('$reads + 1') },
      step: 'read',
      limitSeconds: 930,
      retry: retry(database, { times: 3, afterSeconds: 10 }),
      catch: [unproven('the instance was not read to its end', afterwards)],
      next: 'Was every block read',
    }),
    'Was every block read': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata(`$reads >= ${MOST_READS}`),
          Assign: { reason: 'not every block was read when the machine had waited long enough' },
          Next: afterwards,
        },
        { Condition: jsonata('$complete'), Next: 'Validate the instance' },
      ],
      Default: 'Read every block',
    },
    'Validate the instance': invoke('ValidateInstance', {
      mayBeAsleep: true,
      payload: {
        ...ofRun,
        takenAt: jsonata('$steps.choose.snapshotAt'),
        between: jsonata('$exists($steps.choose.between) ? $steps.choose.between : null'),
        restored: jsonata('$steps.restore'),
        read: jsonata('$steps.read'),
      },
      step: 'validate',
      assign: validated.assign,
      limitSeconds: 930,
      retry: retry(database, { times: 2, afterSeconds: 10 }),
      catch: [unproven('the validation did not come to its end', afterwards)],
      next: validated.next,
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
