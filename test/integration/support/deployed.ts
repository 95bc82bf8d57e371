import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import pg from 'pg';
import { onTestFailed } from 'vitest';
import { type LocalAws, startLocalAws } from '../../../local/start.ts';
import { evidenceKey } from '../../../shared/evidence/evidence-key.ts';
import { dynamoJournal } from '../../../shared/journal/dynamo-journal.ts';
import type { Journal } from '../../../shared/journal/journal.ts';
import { Evidence, type EvidenceOf } from '../../../shared/run/evidence.ts';
import { machineOutputOf } from '../../../shared/run/kind.ts';
import { KINDS, type KnownKind } from '../../../shared/run/kinds.ts';

type Machine = KnownKind['name'];

/** The stack deployed on its own local AWS, and functions to use it as an operator would. */
export interface Deployed {
  readonly aws: LocalAws;
  readonly journal: Journal;
  readonly s3: S3Client;
  readonly vault: string;
  /** Starts a machine and waits until it ends. */
  run(machine: Machine, input?: Record<string, unknown>): Promise<Finished>;
  /** Starts a machine and returns at once. */
  start(machine: Machine, input?: Record<string, unknown>): Promise<{ executionArn: string; runId: string }>;
  ended(executionArn: string): Promise<DescribeExecutionCommandOutput>;
  /** Calls a function directly; throws the error it throws. */
  invoke<Answer>(name: string, payload: unknown): Promise<Answer>;
  evidence<Name extends Machine>(machine: Name, runId: string): Promise<EvidenceOf<Name>>;
  /** Runs work on a database of the source server as its owner. */
  onSource<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Runs work on a database of the scratch server as its superuser. */
  onScratchServer<T>(work: (client: pg.Client) => Promise<T>, database?: string): Promise<T>;
  /** Names of the current scratch databases. */
  scratchDatabases(): Promise<string[]>;
}

export interface Finished {
  readonly runId: string;
  readonly status: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly output: Record<string, unknown> | undefined;
}

const INPUT: Record<Machine, Record<string, unknown>> = {
  backup: { database: 'main', backup: 'full', startedBy: 'a test' },
  'restore-test': { restoreTest: 'nightly', startedBy: 'a test' },
  restore: { restore: 'production', into: 'mailblast_restored', startedBy: 'a test' },
  verify: { database: 'main', backup: 'full', startedBy: 'a test' },
  replay: { queue: 'webhook-events', startedBy: 'a test' },
  rehydrate: { rehydration: 'pending-campaigns', startedBy: 'a test' },
};

/** Starts a local AWS and deploys the project to it. `waitScale` shortens the machines' waits and retry delays. */
export async function deploy(options: {
  plan: string;
  waitScale?: number;
  standby?: boolean;
}): Promise<Deployed> {
  const aws = await startLocalAws(options);
  const settings = {
    region: aws.region,
    endpoint: aws.endpoint,
    credentials: { accessKeyId: aws.accountId, secretAccessKey: 'test' },
  };
  const sfn = new SFNClient(settings);
  const lambda = new LambdaClient(settings);
  const s3 = new S3Client(settings);
  const { VaultBucket = '', JournalTable = '', ...outputs } = aws.stack.outputs;
  const machines = Object.fromEntries(KINDS.map((kind) => [kind.name, outputs[machineOutputOf(kind)]]));

  const start: Deployed['start'] = async (machine, input = {}) => {
    const runId = `${machine}-${randomBytes(4).toString('hex')}`;
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({
        stateMachineArn: machines[machine],
        name: runId,
        input: JSON.stringify({ ...INPUT[machine], ...input }),
      }),
    );
    return { executionArn, runId };
  };
  const ended: Deployed['ended'] = async (executionArn) => {
    for (;;) {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') {
        if (execution.status !== 'SUCCEEDED') sayIfTestFails(execution);
        return execution;
      }
      // Step Functions has no waiter for this: its history is read until the execution has ended.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  return {
    aws,
    s3,
    vault: VaultBucket,
    journal: dynamoJournal(new DynamoDBClient(settings), JournalTable, 'mailblast'),
    start,
    ended,
    async run(machine, input) {
      const { executionArn, runId } = await start(machine, input);
      const { status, error, cause, output } = await ended(executionArn);
      return { runId, status, error, cause, output: output ? JSON.parse(output) : undefined };
    },
    async invoke(name, payload) {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: `${aws.stack.name}-${name}`, Payload: JSON.stringify(payload) }),
      );
      const body = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8'));
      if (answer.FunctionError) throw Object.assign(new Error(body.errorMessage), { name: body.errorType });
      return body;
    },
    async evidence<Name extends Machine>(machine: Name, runId: string) {
      const object = await s3.send(
        new GetObjectCommand({ Bucket: VaultBucket, Key: evidenceKey(machine, runId) }),
      );
      const evidence = Evidence.parse(JSON.parse((await object.Body?.transformToString()) ?? ''));
      return evidence as EvidenceOf<Name>;
    },
    onSource: (work) => withClient({ ...aws.databases.main }, work),
    onScratchServer: (work, database = 'postgres') => withClient(aws.scratch.superuser(database), work),
    scratchDatabases: () =>
      withClient(aws.scratch.superuser(), async (client) => {
        const { rows } = await client.query<{ datname: string }>(
          "SELECT datname FROM pg_database WHERE datname LIKE 'lifeboat%' ORDER BY 1",
        );
        return rows.map((row) => row.datname);
      }),
  };
}

async function withClient<T>(settings: pg.ClientConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(settings);
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A test often asks for one field, and its failure shows no other. */
function sayIfTestFails({ name, status, error, cause }: DescribeExecutionCommandOutput): void {
  const say = () => console.error(`execution ${name}: ${status}: ${error}: ${cause}`);
  try {
    onTestFailed(say);
  } catch {
    say(); // in a hook, where no test can fail yet
  }
}
