import { describe, expect, it } from 'vitest';
import { classifyServiceError, networkCode } from '../../../shared/aws/service-error.ts';
import { ObjectMissing } from '../../../shared/vault/vault.ts';

/** An error as the SDK throws it. */
const error = (
  name: string,
  more: { status?: number; code?: string; message?: string; cause?: Error } = {},
) =>
  Object.assign(new Error(more.message ?? 'no', { cause: more.cause }), {
    name,
    ...(more.code === undefined ? {} : { code: more.code }),
    ...(more.status === undefined ? {} : { $metadata: { httpStatusCode: more.status } }),
  });

/** Service, name and status as the API reference and the SDK's models have them. */
const DOCUMENTED = {
  missing: [
    ['SQS', 'QueueDoesNotExist', 400],
    ['SQS', 'AWS.SimpleQueueService.NonExistentQueue', 400],
    ['SNS', 'NotFoundException', 404],
    ['SNS', 'NotFound', 404],
    ['Lambda', 'ResourceNotFoundException', 404],
    ['DynamoDB', 'ResourceNotFoundException', 400],
    ['DynamoDB', 'TableNotFoundException', 400],
    ['S3', 'NoSuchKey', 404],
    ['S3', 'NoSuchBucket', 404],
    ['S3', 'NoSuchVersion', 404],
    ['S3', 'NoSuchUpload', 404],
    ['S3', 'NotFound', 404],
    ['Secrets Manager', 'ResourceNotFoundException', 400],
    ['KMS', 'NotFoundException', 400],
    ['SFN', 'ExecutionDoesNotExist', 400],
    ['SFN', 'StateMachineDoesNotExist', 400],
    ['SFN', 'ResourceNotFound', 400],
    ['RDS', 'DBInstanceNotFoundFault', 404],
    ['RDS', 'DBInstanceNotFound', 404],
    ['RDS', 'DBSnapshotNotFoundFault', 404],
    ['RDS', 'DBClusterSnapshotNotFoundFault', 404],
  ],
  forbidden: [
    ['SQS', 'AccessDenied', 403],
    ['SQS', 'KmsAccessDenied', 400],
    ['SNS', 'AuthorizationErrorException', 403],
    ['SNS', 'AuthorizationError', 403],
    ['SNS', 'KMSAccessDeniedException', 400],
    ['Lambda', 'AccessDeniedException', 403],
    ['Lambda', 'KMSAccessDeniedException', 502],
    ['Lambda', 'EC2AccessDeniedException', 502],
    ['DynamoDB', 'AccessDeniedException', 400],
    ['S3', 'AccessDenied', 403],
    ['S3 HEAD', 'Forbidden', 403],
    ['S3 HEAD', 'UnknownError', 403],
    ['Secrets Manager', 'AccessDeniedException', 400],
    ['KMS', 'AccessDeniedException', 400],
    ['STS', 'AccessDenied', 403],
    ['SFN', 'AccessDeniedException', 400],
    ['RDS', 'AccessDenied', 403],
    ['RDS', 'NotAuthorized', 400],
    ['EC2', 'UnauthorizedOperation', 403],
  ],
  unauthenticated: [
    ['SDK', 'CredentialsProviderError', undefined],
    ['SDK', 'TokenProviderError', undefined],
    ['any', 'ExpiredToken', 403],
    ['any', 'ExpiredTokenException', 400],
    ['any', 'InvalidClientTokenId', 403],
    ['any', 'UnrecognizedClientException', 400],
    ['any', 'SignatureDoesNotMatch', 403],
    ['any', 'InvalidSignatureException', 403],
    ['any', 'MissingAuthenticationTokenException', 400],
    ['S3', 'InvalidAccessKeyId', 403],
    ['S3', 'RequestTimeTooSkewed', 403],
    ['EC2', 'AuthFailure', 401],
  ],
  throttled: [
    ['SQS', 'RequestThrottled', 403],
    ['SQS', 'OverLimit', 403],
    ['SQS', 'KmsThrottled', 400],
    ['SNS', 'ThrottledException', 429],
    ['SNS', 'KMSThrottlingException', 400],
    ['Lambda', 'TooManyRequestsException', 429],
    ['Lambda', 'EC2ThrottledException', 502],
    ['DynamoDB', 'ProvisionedThroughputExceededException', 400],
    ['DynamoDB', 'RequestLimitExceeded', 400],
    ['DynamoDB', 'ThrottlingException', 400],
    ['S3', 'SlowDown', 503],
    ['Secrets Manager', 'ThrottlingException', 400],
    ['KMS', 'ThrottlingException', 400],
    ['STS', 'Throttling', 400],
    ['SFN', 'ThrottlingException', 400],
    ['SFN', 'ExecutionLimitExceeded', 400],
    ['RDS', 'Throttling', 400],
    ['RDS', 'ThrottlingException', 400],
    ['any', 'UnknownError', 429],
  ],
  unavailable: [
    ['SQS', 'InternalError', 500],
    ['SQS', 'ServiceUnavailable', 503],
    ['SNS', 'InternalErrorException', 500],
    ['Lambda', 'ServiceException', 500],
    ['DynamoDB', 'InternalServerError', 500],
    ['S3', 'InternalError', 500],
    ['S3', 'ServiceUnavailable', 503],
    ['S3', 'RequestTimeout', 400],
    ['Secrets Manager', 'InternalServiceError', 500],
    ['KMS', 'KMSInternalException', 500],
    ['KMS', 'DependencyTimeoutException', 500],
    ['KMS', 'KeyUnavailableException', 500],
    ['STS', 'InternalFailure', 500],
    ['SFN', 'ServiceUnavailable', 503],
    ['RDS', 'InternalFailure', 500],
    ['any', 'UnknownError', 502],
    ['SDK', 'TimeoutError', undefined],
  ],
  refused: [
    ['SQS', 'InvalidMessageContents', 400],
    ['SQS', 'KmsNotFound', 400],
    ['SQS', 'KmsDisabled', 400],
    ['SNS', 'InvalidParameterException', 400],
    ['SNS', 'KMSNotFoundException', 400],
    ['Lambda', 'InvalidRequestContentException', 400],
    ['DynamoDB', 'ConditionalCheckFailedException', 400],
    ['DynamoDB', 'ValidationException', 400],
    ['S3', 'PreconditionFailed', 412],
    ['S3', 'InvalidObjectState', 403],
    ['Secrets Manager', 'DecryptionFailure', 400],
    ['Secrets Manager', 'InvalidRequestException', 400],
    ['KMS', 'DisabledException', 400],
    ['STS', 'MalformedPolicyDocument', 400],
    ['SFN', 'ExecutionAlreadyExists', 400],
    ['RDS', 'InvalidDBInstanceStateFault', 400],
    ['RDS', 'DBSnapshotAlreadyExistsFault', 400],
    ['RDS', 'StorageQuotaExceededFault', 400],
  ],
} as const;

describe('an error of an AWS call', () => {
  for (const [expected, errors] of Object.entries(DOCUMENTED))
    it.each(errors.map(([service, name, status]) => ({ service, name, status })))(
      `is ${expected}: $service $name $status`,
      ({ name, status }) => {
        expect(classifyServiceError(error(name, status === undefined ? {} : { status }))).toBe(expected);
      },
    );

  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'CERT_HAS_EXPIRED'])(
    'is unreachable where no connection was made: %s',
    (code) => {
      expect(classifyServiceError(error('Error', { code }))).toBe('unreachable');
    },
  );

  it('is unreachable where the SDK gave up connecting', () => {
    const message = 'the request socket did not establish a connection with the server within 3000 ms';
    expect(classifyServiceError(error('TimeoutError', { message }))).toBe('unreachable');
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('is unavailable where the connection broke: %s', (code) => {
    expect(classifyServiceError(error('Error', { code }))).toBe('unavailable');
  });

  it('has the code of the error it wraps', () => {
    const refused = error('Error', { code: 'ECONNREFUSED' });
    expect(networkCode(error('Error', { cause: refused }))).toBe('ECONNREFUSED');
    expect(classifyServiceError(new AggregateError([refused]))).toBe('unreachable');
  });

  it.each([
    new TypeError('x is not a function'),
    new ObjectMissing('a'),
    error('AbortError'),
    error('Error', { code: 'ENOENT' }),
    'text',
    null,
  ])('is none of these where it came from elsewhere: %o', (other) => {
    expect(classifyServiceError(other)).toBeNull();
  });
});
