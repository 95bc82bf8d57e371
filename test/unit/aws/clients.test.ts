import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoClient } from '../../../shared/aws/clients/dynamodb.ts';
import { lambdaClient } from '../../../shared/aws/clients/lambda.ts';
import { s3Client } from '../../../shared/aws/clients/s3.ts';
import { secretsClient } from '../../../shared/aws/clients/secrets.ts';
import { clientSettings } from '../../../shared/aws/clients/settings.ts';
import { sfnClient } from '../../../shared/aws/clients/sfn.ts';
import { snsClient } from '../../../shared/aws/clients/sns.ts';
import { sqsClient } from '../../../shared/aws/clients/sqs.ts';
import { classifyServiceError } from '../../../shared/aws/service-error.ts';
import { sourceFiles } from '../errors/error-classes.ts';

/** Accepts connections. Says what `answer` is, and nothing more. */
let answer = '';
let server: Server;
const sockets = new Set<Socket>();
let connections = 0;

beforeAll(async () => {
  server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => socket.write(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

const options = () => ({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  answerMs: 50,
  attempts: 2,
});

const CALLS = {
  DynamoDB: () => dynamoClient(options()).send(new ListTablesCommand({})),
  Lambda: () => lambdaClient(options()).send(new InvokeCommand({ FunctionName: 'f' })),
  S3: () => s3Client(options()).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })),
  'Secrets Manager': () => secretsClient(options()).send(new GetSecretValueCommand({ SecretId: 's' })),
  'Step Functions': () => sfnClient(options()).send(new StartExecutionCommand({ stateMachineArn: 'arn' })),
  SNS: () => snsClient(options()).send(new PublishCommand({ TopicArn: 'arn', Message: 'm' })),
  SQS: () => sqsClient(options()).send(new GetQueueUrlCommand({ QueueName: 'q' })),
};

describe('a client', () => {
  it.each(Object.entries(CALLS))(
    'of %s gives up on a service that accepts and never answers',
    async (_, call) => {
      answer = '';
      connections = 0;
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ServiceUnreachable', cause: { name: 'TimeoutError' } });
      expect(classifyServiceError(error)).toBe('unavailable');
      expect(connections).toBe(2);
    },
  );

  it('gives up on a body that stops', async () => {
    answer = 'HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf of it';
    const { Body } = await s3Client({ ...options(), answerMs: 5_000, idleMs: 50 }).send(
      new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
    );
    await expect(Body?.transformToString()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('has every limit where none is given', () => {
    const { maxAttempts, requestHandler } = clientSettings({});
    const { connectionTimeout, requestTimeout, socketTimeout, throwOnRequestTimeout } = requestHandler;
    expect(throwOnRequestTimeout).toBe(true);
    for (const limit of [maxAttempts, connectionTimeout, requestTimeout, socketTimeout])
      expect(limit).toBeGreaterThan(0);
  });

  it('is made with limits, and bound to the function that calls it', () => {
    const made = sourceFiles().flatMap(({ file, text }) =>
      [...text.matchAll(/(\w+\(\s*)?new (?!pg\.)\w*Client\((?:\{\s*\.\.\.)?(\w*)/g)]
        .filter(
          ([, bound = '', settings]) => bound.trim() !== 'boundToCaller(' || settings !== 'clientSettings',
        )
        .map(() => file),
    );
    expect(made).toEqual([]);
  });

  it('loads the SDK of its own service alone', () => {
    const loaded = sourceFiles()
      .filter(({ file }) => file.startsWith('shared/aws/clients/') && !file.endsWith('settings.ts'))
      .map(({ file, text }) => [
        file,
        [...text.matchAll(/^import \{ .* from '(@aws-sdk\/[^']+|\.[^']+)'/gm)].length,
      ]);
    for (const [file, imports] of loaded) expect(imports, String(file)).toBe(2);
  });
});
