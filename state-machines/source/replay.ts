import type { Catcher } from './asl.ts';
import {
  caughtErrorAsObject,
  caughtErrorCut,
  type FailureRoute,
  onFailedStep,
  onFailure,
} from './catches.ts';
import { jsonata, variables } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { machine, unfinished } from './shared-states.ts';
import { answered, callService, invoke } from './tasks.ts';

/** What every execution of a run is told, and tells the one that continues it. */
const CARRIED = [
  'runStartedAt',
  'options',
  'facts',
  'failure',
  'steps',
  'shares',
  'lease',
  'deadline',
  'drainStartedAt',
  'round',
  'fruitless',
];

/**
 * Longer than a round takes with every retry of its tasks, and the wait for the leases of dead workers. A test computes how long
 * that can be.
 */
const LOCK_MS = 12_000_000;

/** The queue's entry in the ledger's table while a replay holds it. */
const lock = { S: jsonata("'lock#replay#' & $queue") };

/** The run fails here; what was sent until then is accounted for. */
const notProven = (reason: string): Catcher =>
  onFailure({ reason, outcome: 'not-proven', next: 'Settle the account' } satisfies FailureRoute);

export const replay = machine({
  kind: 'replay',
  comment:
    'Delivers the messages of a dead-letter queue, each once, at the speed that their target bears, and accounts for every one of them.',
  limitSeconds: 120_000,
  title: 'REPLAY',
  subject: 'queue',
  variables: {
    queue: jsonata('$states.input.queue'),
    options: jsonata('$exists($states.input.options) ? $states.input.options : {}'),
    round: 0,
    fruitless: 0,
    rounds: 0,
  },
  facts: jsonata(
    "$exists($states.input.incident) ? {'incident': $merge([$states.input.incident, {'failedAt': $fromMillis($toMillis($states.input.incident.failedAt))}])} : {}",
  ),
  unproven: 'not-proven',
  startAt: 'Start or continue',
  first: 'Inspect the queue',
  phases: {
    'Start or continue': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata('$exists($states.input.continues)'),
          Assign: {
            runId: jsonata('$states.input.runId'),
            startedBy: jsonata('$states.input.startedBy'),
            queue: jsonata('$states.input.queue'),
            ...Object.fromEntries(CARRIED.map((name) => [name, jsonata(`$states.input.continues.${name}`)])),
            rounds: 0,
            ...unfinished('not-proven'),
          },
          Next: 'Lock the queue',
        },
      ],
      Default: 'Claim the run',
    },
    'Inspect the queue': invoke('InspectQueue', {
      mayBeAsleep: true,
      payload: variables('runId', 'runStartedAt', 'queue', 'options'),
      assign: {
        shares: answered('shares'),
        lease: answered('leaseSeconds'),
        deadline: answered('deadline'),
        subscription: answered('subscription'),
      },
      step: 'inspect',
      limitSeconds: 930,
      retry: retry([...passing.lambda, 'LedgerUnavailable', 'SecretUnavailable'], {
        times: 3,
        afterSeconds: 5,
      }),
      catch: [
        onFailure({
          reason: 'the queue was not inspected',
          outcome: 'not-proven',
          next: 'Record the run',
        }),
      ],
      next: 'Dry run or replay',
    }),
    'Dry run or replay': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata('$steps.inspect.dryRun'),
          Assign: { outcome: 'dry-run', reason: jsonata('$steps.inspect.summary') },
          Next: 'Record the run',
        },
      ],
      Default: 'Lock the queue',
    },
    'Lock the queue': callService('dynamodb:putItem', {
      arguments: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
        TableName: '${LedgerTable}',
        Item: {
          key: lock,
          owner: { S: jsonata('$runId') },
          until: { N: jsonata(`$string($millis() + ${LOCK_MS})`) },
          expiration: { N: jsonata('$string($floor($millis() / 1000) + 86400)') },
        },
        ConditionExpression: 'attribute_not_exists(#key) OR #owner = :run OR #until < :now',
        ExpressionAttributeNames: { '#key': 'key', '#owner': 'owner', '#until': 'until' },
        ExpressionAttributeValues: {
          ':run': { S: jsonata('$runId') },
          ':now': { N: jsonata('$string($millis())') },
        },
      },
      limitSeconds: 60,
      retry: retry(passing.dynamodb, { times: 5, afterSeconds: 2 }),
      catch: [
        {
          ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'],
          Assign: {
            outcome: 'stopped',
            reason:
              'another replay holds this queue: wait for its end, or stop it and take it up again under its run id',
          },
          Next: 'Settle the account',
        },
        notProven('the queue could not be locked'),
      ],
      next: 'First round or next',
    }),
    'First round or next': {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata('$rounds >= 13'), Next: 'Continue as a new execution' },
        { Condition: jsonata('$round > 0'), Next: 'Drain the queue' },
        { Condition: jsonata('$subscription'), Next: 'Ensure the subscription' },
      ],
      Default: 'Send the canary',
    },
    'Ensure the subscription': invoke('EnsureSubscription', {
      payload: variables('runId', 'runStartedAt', 'queue'),
      step: 'subscription',
      limitSeconds: 120,
      retry: retry([...passing.lambda, 'SecretUnavailable'], { times: 3, afterSeconds: 5 }),
      catch: [onFailedStep('subscription', 'Send the canary')],
      next: 'Send the canary',
    }),
    'Send the canary': invoke('DrainQueue', {
      mayBeAsleep: true,
      payload: {
        ...variables('runId', 'runStartedAt', 'queue', 'round', 'options', 'deadline'),
        worker: 'canary',
        share: jsonata('$shares[0]'),
        canary: true,
      },
      assign: {
        workers: jsonata('[$states.result.Payload]'),
        drainStartedAt: jsonata('$now()'),
      },
      step: 'canary',
      limitSeconds: 930,
      retry: retry([...passing.lambda, ...passing.database], { times: 3, afterSeconds: 5 }),
      catch: [notProven('the canary did not come to its end')],
      next: 'Assess the round',
    }),
    'Drain the queue': {
      Type: 'Map',
      Items: jsonata('$shares'),
      MaxConcurrency: 40,
      ItemProcessor: {
        ProcessorConfig: { Mode: 'INLINE' },
        StartAt: 'Drain a share',
        States: {
          'Drain a share': invoke('DrainQueue', {
            payload: {
              ...variables('runId', 'runStartedAt', 'queue', 'round', 'options', 'deadline'),
              worker: jsonata('$string($states.context.Map.Item.Index)'),
              share: jsonata('$states.context.Map.Item.Value'),
              canary: false,
            },
            output: jsonata('$states.result.Payload'),
            limitSeconds: 930,
            retry: retry([...passing.lambda, ...passing.database], { times: 3, afterSeconds: 5 }),
            catch: [
              {
                ErrorEquals: ['States.ALL'],
                Output: { ended: 'died', failure: caughtErrorCut },
                Next: 'Worker died',
              },
            ],
          }),
          'Worker died': { Type: 'Pass', End: true },
        },
      },
      Assign: { workers: jsonata('$states.result') },
      Catch: [notProven('the queue was not drained')],
      Next: 'Assess the round',
    },
    'Assess the round': invoke('AssessRound', {
      payload: variables(
        'runId',
        'runStartedAt',
        'queue',
        'round',
        'options',
        'deadline',
        'drainStartedAt',
        'shares',
        'fruitless',
        'workers',
      ),
      assign: {
        decision: answered('decision'),
        shares: answered('shares'),
        fruitless: answered('fruitless'),
        steps: jsonata('$merge([$steps, $states.result.Payload.steps])'),
        round: jsonata('$round + 1'),
        rounds: jsonata('$rounds + 1'),
      },
      limitSeconds: 60,
      retry: retry(passing.lambda, { times: 3, afterSeconds: 5 }),
      catch: [notProven('the round was not assessed')],
      next: 'Another round or done',
    }),
    'Another round or done': {
      Type: 'Choice',
      Choices: [
        {
          Condition: jsonata("$decision.next = 'settle'"),
          Assign: { outcome: jsonata('$decision.outcome'), reason: jsonata('$decision.reason') },
          Next: 'Settle the account',
        },
        { Condition: jsonata("$decision.next = 'wait'"), Next: 'Wait for expired leases' },
      ],
      Default: 'Lock the queue',
    },
    'Wait for expired leases': {
      Type: 'Wait',
      Seconds: jsonata('$lease'),
      Next: 'Lock the queue',
    },
    'Continue as a new execution': callService('states:startExecution', {
      comment:
        'To start it again under the same name changes nothing, so that an answer that was lost is asked for again.',
      arguments: {
        StateMachineArn: jsonata('$states.context.StateMachine.Id'),
        Name: jsonata(
          "$substring($runId, 0, 60) & '-' & $string($round) & '-' & $substring($hash($states.context.Execution.Id, 'SHA-256'), 0, 8)",
        ),
        Input: { ...variables('queue', 'runId', 'startedBy'), continues: variables(...CARRIED) },
      },
      output: {
        ...variables('runId'),
        continuedBy: jsonata('$states.result.ExecutionArn'),
      },
      limitSeconds: 60,
      retry: retry([...passing.stepFunctions, 'States.Timeout'], { times: 5, afterSeconds: 5 }),
      catch: [notProven('the run could not be continued')],
      next: 'ContinuedElsewhere',
    }),
    ContinuedElsewhere: { Type: 'Succeed' },
    'Settle the account': invoke('SettleAccount', {
      payload: {
        ...variables('runId', 'runStartedAt', 'queue', 'outcome', 'reason'),
        hiddenBefore: jsonata('$steps.inspect.inFlight + $steps.inspect.delayed'),
      },
      assign: { outcome: answered('outcome'), reason: answered('reason') },
      step: 'account',
      limitSeconds: 210,
      retry: retry(passing.lambda, { times: 5, afterSeconds: 5 }),
      catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: {
            failure: jsonata(`$failure ? $failure : ${caughtErrorAsObject}`),
            reason: jsonata("$reason & '; the account could not be settled: ' & $states.errorOutput.Error"),
            outcome: 'not-proven',
          },
          Next: 'Unlock the queue',
        },
      ],
      next: 'Unlock the queue',
    }),
    'Unlock the queue': callService('dynamodb:deleteItem', {
      arguments: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
        TableName: '${LedgerTable}',
        Key: { key: lock },
        ConditionExpression: '#owner = :run',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':run': { S: jsonata('$runId') } },
      },
      limitSeconds: 60,
      retry: retry(passing.dynamodb, { times: 5, afterSeconds: 2 }),
      catch: [{ ErrorEquals: ['States.ALL'], Next: 'Record the run' }],
      next: 'Record the run',
    }),
  },
  ends: {
    succeed: { replayed: 'Replayed', 'dry-run': 'DryRunDone' },
    fail: { stopped: 'ReplayStopped' },
    otherwise: 'ReplayNotProven',
  },
});
