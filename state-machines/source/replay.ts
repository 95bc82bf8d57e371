import type { Catcher } from './asl.ts';
import { CAUSE, caughtErrorAsObject, type FailureRoute, onFailedStep, onFailure } from './catches.ts';
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

/** The queue's entry in the ledger's table while a replay holds it. */
const lock = { S: jsonata("'lock#replay#' & $queue") };

const TIME_IS_OVER = jsonata("$deadline = '' ? false : $millis() >= $toMillis($deadline)");

/** The run fails here; what was sent until then is accounted for. */
const notProven = (reason: string): Catcher =>
  onFailure({ reason, outcome: 'not-proven', next: 'Settle the account' } satisfies FailureRoute);

const ends = (Condition: string, outcome: string, reason: string) => ({
  Condition,
  Assign: { outcome, reason },
  Next: 'Settle the account',
});

export const replay = machine({
  kind: 'replay',
  comment:
    'Delivers the messages of a dead-letter queue, each once, at the speed that their target bears, and accounts for every one of them.',
  limitSeconds: 86_400,
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
          Next: 'Hold the queue',
        },
      ],
      Default: 'Open the run',
    },
    'Inspect the queue': invoke('InspectQueue', {
      payload: variables('runId', 'runStartedAt', 'queue', 'options'),
      assign: {
        shares: answered('shares'),
        lease: answered('leaseSeconds'),
        deadline: answered('deadline'),
        subscription: answered('subscription'),
        outcome: jsonata("$exists($options.dryRun) and $options.dryRun ? 'dry-run' : 'not-proven'"),
        reason: jsonata(
          "$exists($options.dryRun) and $options.dryRun ? $states.result.Payload.words : 'the run did not come to its end'",
        ),
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
      Choices: [{ Condition: jsonata("$outcome = 'dry-run'"), Next: 'Record the run' }],
      Default: 'Hold the queue',
    },
    'Hold the queue': callService('dynamodb:putItem', {
      arguments: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
        TableName: '${LedgerTable}',
        Item: {
          key: lock,
          owner: { S: jsonata('$runId') },
          until: { N: jsonata('$string($millis() + 2400000)') },
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
        notProven('the queue could not be held'),
      ],
      next: 'First round or another',
    }),
    'First round or another': {
      Type: 'Choice',
      Choices: [
        { Condition: jsonata('$rounds >= 15'), Next: 'Continue as a new execution' },
        { Condition: jsonata('$round > 0'), Next: 'Drain the queue' },
        { Condition: jsonata('$subscription'), Next: 'Look after the subscription' },
      ],
      Default: 'Send the canary',
    },
    'Look after the subscription': invoke('EnsureSubscription', {
      payload: variables('runId', 'runStartedAt', 'queue'),
      step: 'subscription',
      limitSeconds: 120,
      retry: retry([...passing.lambda, 'SecretUnavailable'], { times: 3, afterSeconds: 5 }),
      catch: [onFailedStep('subscription', 'Send the canary')],
      next: 'Send the canary',
    }),
    'Send the canary': invoke('DrainQueue', {
      payload: {
        ...variables('runId', 'runStartedAt', 'queue', 'round', 'options', 'deadline'),
        worker: 'canary',
        share: jsonata('$shares[0]'),
        canary: true,
      },
      assign: {
        canaryEnded: answered('ended'),
        canaryReason: answered('reason'),
        canaryDelivered: answered('account.delivered'),
        shares: jsonata(
          "[$map($shares, function($share, $index) { $index = 0 and $exists($share.max) ? $merge([$share, {'max': $share.max - $states.result.Payload.account.received}]) : $share })[$not($exists(max)) or max > 0]]",
        ),
        drainStartedAt: jsonata('$now()'),
        round: 1,
        rounds: jsonata('$rounds + 1'),
      },
      step: 'canary',
      limitSeconds: 930,
      retry: retry([...passing.lambda, ...passing.database], { times: 3, afterSeconds: 5 }),
      catch: [notProven('the canary did not come to its end')],
      next: 'Did the canary live',
    }),
    'Did the canary live': {
      Type: 'Choice',
      Choices: [
        ends(jsonata("$canaryEnded = 'stopped'"), 'stopped', jsonata('$canaryReason')),
        ends(jsonata("$canaryEnded = 'empty'"), 'replayed', jsonata('$canaryReason')),
        ends(
          jsonata('$count($shares) = 0'),
          'replayed',
          jsonata("'it took as many as it was asked for, ' & $string($options.max)"),
        ),
        ends(TIME_IS_OVER, 'replayed', 'its time was over'),
        ends(
          jsonata('$canaryDelivered = 0'),
          'stopped',
          'the canary found nothing to deliver in its time: ask for what is nearer to the front of the queue',
        ),
      ],
      Default: 'Hold the queue',
    },
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
            output: {
              ended: answered('ended'),
              reason: jsonata('$substring($states.result.Payload.reason, 0, 200)'),
              lastFailure: jsonata(
                "$states.result.Payload.lastFailure ? $substring($states.result.Payload.lastFailure, 0, 200) : 'none'",
              ),
              settled: answered('settled'),
              retryable: answered('retryable'),
              share: jsonata(
                "$exists($states.context.Map.Item.Value.max) ? $merge([$states.context.Map.Item.Value, {'max': $states.context.Map.Item.Value.max - $states.result.Payload.account.received}]) : $states.context.Map.Item.Value",
              ),
            },
            limitSeconds: 930,
            retry: retry([...passing.lambda, ...passing.database], { times: 3, afterSeconds: 5 }),
            catch: [
              {
                ErrorEquals: ['States.ALL'],
                Output: {
                  ended: 'died',
                  reason: jsonata(`$substring($states.errorOutput.Error & ': ' & (${CAUSE}), 0, 200)`),
                  lastFailure: 'none',
                  settled: 0,
                  retryable: 0,
                  share: jsonata('$states.context.Map.Item.Value'),
                },
                Next: 'Its messages come back',
              },
            ],
          }),
          'Its messages come back': { Type: 'Pass', End: true },
        },
      },
      Assign: {
        steps: jsonata(
          "$merge([$steps, {'drain': {'startedAt': $drainStartedAt, 'finishedAt': $now(), 'rounds': $round, 'workers': $states.result}}])",
        ),
        workers: jsonata('$states.result'),
        shares: jsonata('[$states.result.share[$not($exists(max)) or max > 0]]'),
        fruitless: jsonata('$sum($states.result.settled) > 0 ? 0 : $fruitless + 1'),
        round: jsonata('$round + 1'),
        rounds: jsonata('$rounds + 1'),
      },
      Catch: [notProven('the queue was not drained')],
      Next: 'Look at the round',
    },
    'Look at the round': {
      Type: 'Choice',
      Choices: [
        ends(
          jsonata("'stopped' in $workers.ended"),
          'stopped',
          jsonata("$workers[ended = 'stopped'][0].reason"),
        ),
        ends(
          jsonata("'died' in $workers.ended and $fruitless >= 3"),
          'not-proven',
          jsonata(
            "'workers died, and three rounds in a row took nothing out of the queue: ' & $workers[ended = 'died'][0].reason",
          ),
        ),
        ends(TIME_IS_OVER, 'replayed', 'its time was over'),
        { Condition: jsonata("'died' in $workers.ended"), Next: 'Wait for what the dead held' },
        ends(
          jsonata('$count($shares) = 0'),
          'replayed',
          jsonata("'it took as many as it was asked for, ' & $string($options.max)"),
        ),
        { Condition: jsonata("'time' in $workers.ended and $fruitless < 3"), Next: 'Hold the queue' },
        { Condition: jsonata('$sum($workers.retryable) > 0 and $fruitless = 0'), Next: 'Hold the queue' },
        ends(
          jsonata("'time' in $workers.ended"),
          'stopped',
          jsonata(
            "'three rounds in a row took nothing out of the queue, and did not come to its end; the last failure: ' & $workers[ended = 'time'][0].lastFailure",
          ),
        ),
        ends(
          jsonata('$sum($workers.retryable) > 0'),
          'stopped',
          jsonata(
            "'the last round took nothing out of the queue; messages that went back to it: ' & $string($sum($workers.retryable)) & '; the last failure: ' & $workers[retryable > 0][0].lastFailure",
          ),
        ),
        ends(jsonata('true'), 'replayed', 'the queue has no more'),
      ],
    },
    'Wait for what the dead held': {
      Type: 'Wait',
      Seconds: jsonata('$lease'),
      Next: 'Hold the queue',
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
      payload: variables('runId', 'runStartedAt', 'queue'),
      assign: {
        reason: jsonata(
          "$reason & ($states.result.Payload.left > 0 ? '; left in the queue, hidden ones too: about ' & $string($states.result.Payload.left) : '') & ($states.result.Payload.addsUp ? '' : '; ' & $states.result.Payload.words)",
        ),
        outcome: jsonata("$states.result.Payload.addsUp ? $outcome : 'not-proven'"),
      },
      step: 'account',
      limitSeconds: 120,
      retry: retry(passing.lambda, { times: 5, afterSeconds: 5 }),
      catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: {
            failure: jsonata(`$failure ? $failure : ${caughtErrorAsObject}`),
            reason: jsonata("$reason & '; the account could not be settled: ' & $states.errorOutput.Error"),
            outcome: 'not-proven',
          },
          Next: 'Let go of the queue',
        },
      ],
      next: 'Let go of the queue',
    }),
    'Let go of the queue': callService('dynamodb:deleteItem', {
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
