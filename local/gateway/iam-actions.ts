import type { IncomingHttpHeaders } from 'node:http';
import { dynamodbActions, readsBody } from './dynamodb-actions.ts';
import { rdsActions } from './rds-actions.ts';
import { restAction } from './rest-actions.ts';
import { s3Actions, s3Target } from './s3-action.ts';
import type { Scope } from './scope.ts';

/** The parts of a request that determine its IAM actions. */
export interface SignedRequest {
  readonly scope: Scope;
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  /** Only if `needsBody` requires it. */
  readonly body?: string | undefined;
}

/** The services whose signing name differs from their IAM prefix. */
const prefixes: Readonly<Record<string, string>> = {
  monitoring: 'cloudwatch',
  email: 'ses',
  tagging: 'tag',
};

/**
 * A batch of messages is authorized by the single-message action.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api.html
 * https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html
 */
const batches: Readonly<Record<string, string>> = {
  'sqs:SendMessageBatch': 'sqs:SendMessage',
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibilityBatch': 'sqs:ChangeMessageVisibility',
  'sns:PublishBatch': 'sns:Publish',
};

/** Whether the actions depend on the body: query APIs, and statements in DynamoDB's PartiQL. */
export function needsBody(request: Omit<SignedRequest, 'body'>): boolean {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return form || (request.scope.service === 'dynamodb' && readsBody(operationNamed(request) ?? ''));
}

/**
 * The IAM actions that a request needs. A request that cannot be mapped is `unknown:…` with its details, and is never
 * left out: this record exists to find missing permissions.
 */
export function iamActions(request: SignedRequest): string[] {
  const prefix = prefixes[request.scope.service] ?? request.scope.service;
  const operation = operationNamed(request);
  if (prefix === 'dynamodb' && operation) return dynamodbActions(operation, request.body);
  if (prefix === 'rds' && operation) return rdsActions(operation, request.body);
  const action = operation && `${prefix}:${operation}`;
  if (action) return [batches[action] ?? action];
  if (prefix === 's3') return s3Actions(request.method, request.url, request.headers) ?? [unknown(request)];
  return [restAction(prefix, request.method, request.url.pathname) ?? unknown(request)];
}

/** The resource, if named directly: a bucket, a function's name, a table. */
export function resourceOf({ scope, url, body }: SignedRequest): string | undefined {
  if (scope.service === 's3') return s3Target(url).bucket;
  if (scope.service === 'lambda') return /\/functions\/([^/]+)/.exec(decodeURIComponent(url.pathname))?.[1];
  return scope.service === 'dynamodb' && body ? /"TableName"\s*:\s*"([^"]+)"/.exec(body)?.[1] : undefined;
}

/** The operation that a JSON, CBOR or query API names explicitly. */
function operationNamed({ headers, url, body }: Omit<SignedRequest, 'scope' | 'method'>): string | undefined {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  const rpc = /^\/service\/[^/]+\/operation\/(\w+)$/.exec(url.pathname)?.[1];
  return (
    rpc ?? url.searchParams.get('Action') ?? (body && new URLSearchParams(body).get('Action')) ?? undefined
  );
}

function unknown({ scope, method, url }: SignedRequest): string {
  const query = [...url.searchParams.keys()].join('&');
  return `unknown:${scope.service} ${method} ${url.pathname}${query ? `?${query}` : ''}`;
}
