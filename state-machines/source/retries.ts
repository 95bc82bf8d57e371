import type { Retrier } from './asl.ts';

/**
 * Errors of AWS services that pass by themselves, by the names that Step Functions gives them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
export const passing = {
  lambda: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  /** Errors of functions that open a database of the plan. */
  database: ['DatabaseUnreachable', 'SecretUnavailable'],
  dynamodb: [
    'DynamoDB.ProvisionedThroughputExceededException',
    'DynamoDB.ThrottlingException',
    'DynamoDB.RequestLimitExceeded',
    'DynamoDB.InternalServerError',
    'DynamoDB.InternalServerErrorException',
    'DynamoDB.SdkClientException',
  ],
  sns: ['SNS.ThrottledException', 'SNS.InternalErrorException', 'SNS.SdkClientException'],
  stepFunctions: [
    'StepFunctions.ExecutionLimitExceeded',
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ],
} as const;

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
