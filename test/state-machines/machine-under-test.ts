import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { uncovered } from '../simulator/coverage.ts';
import { fail, type Run, simulate, type TaskResult } from '../simulator/simulate.ts';
import { arnOf, contracts } from './functions.ts';

/** How long a definition's parts are waited for, and what they are called; only what the tests read. */
export interface Definition {
  readonly Comment: string;
  readonly TimeoutSeconds: number;
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

export interface StateDefinition {
  readonly Type: 'Task' | 'Choice' | 'Succeed' | 'Fail';
  readonly Resource?: string;
  readonly Arguments?: Readonly<Record<string, unknown>>;
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Default?: string;
  readonly Next?: string;
  readonly Error?: string;
  readonly Cause?: string;
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Readonly<Record<string, unknown>>;
  readonly Next: string;
}

/** The machines that there are, as their files and their executions are named. */
export const machineNames = ['backup', 'restore-test'] as const;
export type MachineName = (typeof machineNames)[number];

/** Every call reads the file anew: whoever changes a definition changes only their own. */
export function readDefinition(name: MachineName): Definition {
  const file = new URL(`../../state-machines/${name}.asl.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Definition;
}

/** What each Task state answers, attempt by attempt. */
export type Answers = Readonly<Record<string, TaskResult | readonly TaskResult[]>>;

export const startedAt = '2026-03-01T03:00:00.000Z';
export const executionArn = (name: MachineName): string =>
  `arn:aws:states:eu-west-1:123456789012:execution:${name}:nightly-1`;

const substitutions = {
  Workload: 'mailblast',
  JournalTable: 'journal',
  AlertsTopic: 'arn:aws:sns:eu-west-1:123456789012:alerts',
  ...Object.fromEntries([...contracts.keys()].map((name) => [name, arnOf(name)])),
};

/** A machine, and what all walks through it have covered. */
export function machineUnderTest(name: MachineName) {
  const definition = readDefinition(name);
  const runs: Run[] = [];
  return {
    /**
     * Walks the machine once. Whatever a function is sent or is said to answer must fit the function's own contract, to
     * the last field.
     */
    async walk(input: object, tasks: Answers): Promise<Run> {
      for (const [state, answers] of Object.entries(tasks)) expectAnswersToFit(definition, state, answers);
      const circumstances = { executionName: 'nightly-1', machineName: name, startTime: startedAt };
      const run = await simulate(definition, { input, tasks, substitutions, ...circumstances });
      expectCallsToFit(run);
      runs.push(run);
      return run;
    },
    uncovered: () => uncovered(definition, runs),
  };
}

function expectAnswersToFit(definition: Definition, state: string, answers: Answers[string]): void {
  const name = definition.States[state]?.Arguments?.FunctionName;
  if (typeof name !== 'string') return;
  const contract = contracts.get(name.replace(/^\$\{(\w+)\}$/, '$1'));
  for (const answer of 'kind' in answers ? [answers] : answers) {
    if (answer.kind === 'fail') continue;
    const { Payload } = answer.value as { Payload: unknown };
    expect(Payload, `the scripted answer of '${state}'`).toEqual(contract?.output.parse(Payload));
  }
}

function expectCallsToFit(run: Run): void {
  for (const { state, resource, arguments: sent } of run.calls) {
    if (resource !== 'arn:aws:states:::lambda:invoke') continue;
    const { FunctionName, Payload } = sent as { FunctionName: string; Payload: unknown };
    const contract = contracts.get(FunctionName.replace(/^.*:/, ''));
    expect(Payload, `what '${state}' sends`).toEqual(contract?.input.parse(Payload));
  }
}

/** What a state was called with, attempt by attempt. */
export function argumentsOf(run: Run, state: string): unknown[] {
  return run.calls.filter((call) => call.state === state).map((call) => call.arguments);
}

/** What the functions of a state were sent, attempt by attempt. */
export function payloadsOf(run: Run, state: string): unknown[] {
  return argumentsOf(run, state).map((sent) => (sent as { Payload: unknown }).Payload);
}

/** The same failure so many times. */
export function failures(count: number, failure: TaskResult): TaskResult[] {
  return Array.from({ length: count }, () => failure);
}

/** Step Functions leaves `Cause` out of some errors. */
export function failsWithoutCause(error: string): TaskResult {
  return { ...fail(error), cause: undefined } as unknown as TaskResult;
}

/**
 * What goes by itself, by the names that Step Functions gives it.
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
export const transient = {
  lambda: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  dynamodb: [
    'DynamoDB.ProvisionedThroughputExceededException',
    'DynamoDB.ThrottlingException',
    'DynamoDB.RequestLimitExceeded',
    'DynamoDB.InternalServerError',
    'DynamoDB.InternalServerErrorException',
    'DynamoDB.SdkClientException',
  ],
  sns: ['SNS.ThrottledException', 'SNS.InternalErrorException', 'SNS.SdkClientException'],
  database: ['DatabaseUnreachable'],
  /** A write of which the answer was lost was made: the next attempt writes under another id. */
  vault: ['ObjectExists'],
} as const;
