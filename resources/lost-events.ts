import { alarm } from './alarm.ts';
import type { Lambda } from './capabilities.ts';
import { allow, type Statement } from './iam.ts';
import { logicalId } from './named-resources.ts';

const LOST_EVENTS = { 'Fn::GetAtt': ['LostEvents', 'Arn'] };

/** Where a schedule sends a start that it could not make within its retries. */
export const TO_LOST_EVENTS = { Arn: LOST_EVENTS };

/** Lambda sends a lost event by the function's own role. */
export const SEND_LOST_EVENTS: Statement = allow(['sqs:SendMessage'], [LOST_EVENTS]);

/**
 * Nothing waits for the answer of a function that a schedule or a topic starts. Lambda tries such an event three times and then
 * drops it, where the function has no destination for it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export function deriveFailureDestinations(lambdas: readonly Lambda[]): Record<string, object> {
  return Object.fromEntries(
    lambdas
      .filter(({ settings }) => settings.startedBy === 'events')
      .map(({ name }) => [
        `${logicalId(name)}FailureDestination`,
        {
          Type: 'AWS::Lambda::EventInvokeConfig',
          Properties: {
            FunctionName: { Ref: `${logicalId(name)}LambdaFunction` },
            Qualifier: '$LATEST',
            MaximumRetryAttempts: 2,
            DestinationConfig: { OnFailure: { Destination: LOST_EVENTS } },
          },
        },
      ]),
  );
}

/** In alarm until the queue is empty again. */
export function lostEventsAlarm(): object {
  return alarm({
    AlarmDescription:
      'events that nothing could handle are in the queue LostEvents: read them, start what they should have started, and purge the queue',
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': ['LostEvents', 'QueueName'] } }],
    Statistic: 'Maximum',
  });
}
