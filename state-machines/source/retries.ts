import type { Retrier } from './asl.ts';

/**
 * Errors of AWS services that pass by themselves, by the names that Step Functions gives them: service, dot, and the error's
 * class in the AWS SDK for Java. An error for which the SDK has no class, such as throttling of DynamoDB, gets the name of the
 * service's base class. That class stands for permanent errors as well; they are tried again in vain.
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
 */
export const passing = {
  lambda: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    // What a function throws when a service of AWS failed, or did not respond, in every attempt of the SDK.
    'ServiceFailed',
    'ServiceUnreachable',
  ],
  /** Errors of functions that open a database of the plan. */
  database: ['DatabaseUnreachable', 'StandbyConflict', 'SecretUnavailable'],
  dynamodb: [
    'DynamoDB.ProvisionedThroughputExceededException',
    'DynamoDB.ThrottlingException',
    'DynamoDB.RequestLimitExceeded',
    'DynamoDB.RequestLimitExceededException',
    'DynamoDB.InternalServerError',
    'DynamoDB.InternalServerErrorException',
    'DynamoDB.AmazonDynamoDBException',
    'DynamoDB.SdkClientException',
  ],
  sns: [
    'SNS.ThrottledException',
    'SNS.InternalErrorException',
    'SNS.AmazonSNSException',
    'SNS.SdkClientException',
  ],
  /** Step Functions as the SDK's integration calls it. */
  sfn: ['Sfn.SfnException', 'Sfn.SdkClientException'],
  stepFunctions: [
    'StepFunctions.ExecutionLimitExceeded',
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ],
} as const;

/**
 * Lambda takes its network interfaces from a function that was idle for weeks, as the functions of a recovery are. The next
 * invocation fails and starts to connect the function again, which takes about a minute. A function that is being updated
 * refuses invocations in the same way.
 * https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
export const asleep: Retrier = {
  ErrorEquals: [
    'Lambda.ResourceNotReadyException',
    'Lambda.ResourceConflictException',
    'Lambda.EC2ThrottledException',
    'Lambda.EC2UnexpectedException',
    'Lambda.ENILimitReachedException',
  ],
  IntervalSeconds: 10,
  MaxAttempts: 6,
  BackoffRate: 1.5,
  JitterStrategy: 'NONE',
};

/**
 * Lambda refuses an invocation while all concurrency of the account or of the function is in use. That lasts as long as the
 * invocations of others, which are minutes, so it has a count of its own: the retries after other errors end too early.
 *
 * RDS throttles all callers of an account and a Region together, so that lasts as long as the others ask. What a function throws
 * then is `ServiceThrottled` (shared/aws/passing-error.ts), whichever service it was.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error
 */
export const throttled: Retrier = {
  ErrorEquals: ['Lambda.TooManyRequestsException', 'ServiceThrottled'],
  IntervalSeconds: 10,
  MaxAttempts: 8,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  // Forty workers that are refused at the same moment must not come back at the same moment.
  JitterStrategy: 'FULL',
};

/** Tries again after these errors, with pauses that double and are drawn at random up to that. */
export function retry(
  errors: readonly string[],
  { times, afterSeconds }: { readonly times: number; readonly afterSeconds: number },
): Retrier[] {
  return [
    {
      ErrorEquals: errors,
      IntervalSeconds: afterSeconds,
      MaxAttempts: times,
      BackoffRate: 2,
      JitterStrategy: 'FULL',
    },
  ];
}
