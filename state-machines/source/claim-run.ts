import type { Assign, Catcher, States } from './asl.ts';
import { jsonata } from './jsonata.ts';
import { passing, retry } from './retries.ts';
import { callService } from './tasks.ts';
import { withVisible } from './visible.ts';

const RUN_ID = '$exists($states.input.runId) ? $states.input.runId : $states.context.Execution.Name';

interface Claim {
  /** What every later state knows of the input: the first state alone has it. */
  readonly variables: Assign;
  readonly next: string;
  readonly otherwise: Catcher;
}

const MYSELF = jsonata('$states.context.Execution.Id');

/**
 * The states that let one execution at a time work on a run. EventBridge delivers at least once, a person starts a run again
 * under its id, and two executions of one run would drop each other's scratch.
 *
 * Who works on a run stands in the journal. Another execution takes the run over only once Step Functions says that the first has
 * ended, however it did: no lease has to run out, and none can run out under work that goes on. One that is refused has done nothing.
 *
 * The name holds the machine's ARN, and so its Region: nobody can ask a lost Region whether its executions go on.
 */
export function claimTheRun({ variables, next, otherwise }: Claim): States {
  const keyOf = (runId: string) => ({
    // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
    workload: { S: '${Workload}#claims' },
    run: { S: jsonata(`$states.context.StateMachine.Id & '#' & ${runId}`) },
  });
  // biome-ignore lint/suspicious/noTemplateCurlyInString: filled in by CloudFormation
  const TableName = '${JournalTable}';
  const ofJournal = { limitSeconds: 60, retry: retry(passing.dynamodb, { times: 5, afterSeconds: 2 }) };
  return {
    'Claim the run': callService('dynamodb:updateItem', {
      arguments: {
        TableName,
        Key: keyOf(`(${RUN_ID})`),
        UpdateExpression: 'SET executionArn = if_not_exists(executionArn, :me)',
        ExpressionAttributeValues: { ':me': { S: MYSELF } },
        ReturnValues: 'ALL_NEW',
      },
      assign: {
        runId: jsonata(RUN_ID),
        ...variables,
        claimedBy: jsonata('$states.result.Attributes.executionArn.S'),
      },
      ...ofJournal,
      catch: [otherwise],
      next: 'Is the run ours',
    }),
    'Is the run ours': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata('$claimedBy = $states.context.Execution.Id'), Next: next }],
      Default: 'Look at the other execution',
    },
    'Look at the other execution': callService('aws-sdk:sfn:describeExecution', {
      arguments: { ExecutionArn: jsonata('$claimedBy') },
      assign: { otherStatus: jsonata('$states.result.Status') },
      limitSeconds: 60,
      retry: retry(passing.sfn, { times: 5, afterSeconds: 2 }),
      catch: [
        // Step Functions forgets executions 90 days after their end.
        { ErrorEquals: ['Sfn.ExecutionDoesNotExistException'], Next: 'Take the run over' },
        otherwise,
      ],
      next: 'Does the other still work',
    }),
    'Does the other still work': {
      Type: 'Choice',
      Choices: [{ Condition: jsonata("$otherStatus = 'RUNNING'"), Next: 'RunAlreadyRunning' }],
      Default: 'Take the run over',
    },
    'Take the run over': callService('dynamodb:updateItem', {
      arguments: {
        TableName,
        Key: keyOf('$runId'),
        UpdateExpression: 'SET executionArn = :me',
        // Of several that come at once, one takes it over. An answer that was lost is no reason to refuse oneself.
        ConditionExpression: 'executionArn IN (:other, :me)',
        ExpressionAttributeValues: { ':me': { S: MYSELF }, ':other': { S: jsonata('$claimedBy') } },
      },
      ...ofJournal,
      catch: [
        { ErrorEquals: ['DynamoDB.ConditionalCheckFailedException'], Next: 'RunAlreadyRunning' },
        otherwise,
      ],
      next,
    }),
    RunAlreadyRunning: {
      Type: 'Fail',
      Error: 'RunAlreadyRunning',
      Cause: jsonata(
        withVisible(
          `'another execution works on the run "' & $visible($runId) & '": nothing was done here. Follow that one. It was claimed by ' & $claimedBy`,
        ),
      ),
    },
  };
}
