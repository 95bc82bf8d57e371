import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { KINDS } from '../../shared/run/kinds.ts';
import { type CaughtError, unwrapFailure } from '../../shared/run/unwrap-cause.ts';
import { uncovered } from '../simulator/coverage.ts';
import type { TaskScript } from '../simulator/script.ts';
import { fail, type Run, simulate, type TaskCall, type TaskResult } from '../simulator/simulate.ts';
import { arnOf, contracts } from './functions.ts';

/** A machine's states, or those of an iteration. */
export interface StateGraph {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

/** The waits and names of a definition's parts; only the fields that the tests read. */
export interface Definition extends StateGraph {
  readonly Comment: string;
  readonly TimeoutSeconds: number;
}

export interface StateDefinition {
  readonly Type: 'Task' | 'Map' | 'Choice' | 'Wait' | 'Pass' | 'Succeed' | 'Fail';
  readonly Resource?: string;
  readonly Arguments?: Readonly<Record<string, unknown>>;
  readonly Assign?: Assign;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Choices?: readonly Rule[];
  readonly Seconds?: string | number;
  readonly MaxConcurrency?: number;
  readonly ItemProcessor?: StateGraph;
  readonly Default?: string;
  readonly Next?: string;
  readonly Error?: string;
  readonly Cause?: string;
}

type Assign = Readonly<Record<string, unknown>>;

interface Rule {
  readonly Condition: string;
  readonly Assign?: Assign;
  readonly Next: string;
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Assign?: Assign;
  readonly Next: string;
}

/** The existing machines, by the name of their files and executions. */
export const machineNames = KINDS.map(({ name }) => name);
export type MachineName = (typeof machineNames)[number];

/** Every call reads the file again, so a caller that changes a definition changes only its own copy. */
export function readDefinition(name: MachineName): Definition {
  const file = new URL(`../../state-machines/${name}.asl.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Definition;
}

/** Every state of a machine, including those of its iterations. */
export function everyState({ States }: StateGraph): [name: string, state: StateDefinition][] {
  return Object.entries(States).flatMap(([name, state]): [string, StateDefinition][] => [
    [name, state],
    ...(state.ItemProcessor ? everyState(state.ItemProcessor) : []),
  ]);
}

/** The integration that a task calls, whatever partition its ARN is of: `lambda:invoke`. Empty where it is none. */
export function integrationOf({ Resource = '' }: Pick<StateDefinition, 'Resource'>): string {
  return Resource.split(':states:::')[1] ?? '';
}

/** The results of each Task state, attempt by attempt; for an iteration, by the call. */
export type Answers = Readonly<Record<string, TaskScript>>;

export const startedAt = '2026-03-01T03:00:00.000Z';
export const executionArn = (name: MachineName, execution = 'nightly-1'): string =>
  `arn:aws:states:eu-west-1:123456789012:execution:${name}:${execution}`;

/** What CloudFormation fills in. */
export const substitutions = {
  Partition: 'aws',
  Workload: 'mailblast',
  SnapshotBackups: 'main/hourly main/daily',
  PointInTimeBackups: 'main/any-moment',
  InstanceRestoreTests: 'hourly snapshots',
  InstanceRestores: 'instance',
  JournalTable: 'journal',
  LedgerTable: 'ledger',
  AlertsTopic: 'arn:aws:sns:eu-west-1:123456789012:alerts',
  ...Object.fromEntries([...contracts.keys()].map((name) => [name, arnOf(name)])),
};

/** A machine, and what all walks through it have covered. */
export function machineUnderTest(name: MachineName) {
  const definition = readDefinition(name);
  const runs: Run[] = [];
  return {
    /**
     * Runs the machine once. Everything a function receives or returns must match the function's own contract, to
     * the last field.
     */
    async walk(
      input: object,
      answers: Answers,
      { executionName = 'nightly-1', startTime = startedAt }: Circumstances = {},
    ): Promise<Run> {
      const tasks = Object.fromEntries(
        Object.entries(answers).map(([state, script]) => [
          state,
          fitting(contractOf(definition, state), state, script),
        ]),
      );
      const circumstances = { executionName, machineName: name, startTime };
      const run = await simulate(definition, { input, tasks, substitutions, ...circumstances });
      expectCallsToFit(run);
      runs.push(run);
      return run;
    },
    uncovered: () => uncovered(definition, runs),
  };
}

/** The execution that is simulated. */
interface Circumstances {
  readonly executionName?: string;
  readonly startTime?: string;
}

type Contract = ReturnType<(typeof contracts)['get']>;

/** The contract of the function that a state calls; none if it calls a service. */
function contractOf(definition: Definition, state: string): Contract {
  const [, found] = everyState(definition).find(([name]) => name === state) ?? [];
  const name = found?.Arguments?.FunctionName;
  return typeof name === 'string' ? contracts.get(name.replace(/^\$\{(\w+)\}$/, '$1')) : undefined;
}

/** The script, after checking that each result is one the function could return. */
function fitting(contract: Contract, state: string, script: TaskScript): TaskScript {
  if (!contract) return script;
  const checked = (answer: TaskResult): TaskResult => {
    if (answer.kind === 'fail') return answer;
    const { Payload } = answer.value as { Payload: unknown };
    expect(Payload, `the scripted answer of '${state}'`).toEqual(contract.output.parse(Payload));
    return answer;
  };
  if (typeof script === 'function') return (call: TaskCall) => checked(script(call));
  return 'kind' in script ? checked(script) : script.map(checked);
}

function expectCallsToFit(run: Run): void {
  for (const { state, resource, arguments: sent } of run.calls) {
    if (integrationOf({ Resource: resource }) !== 'lambda:invoke') continue;
    const { FunctionName, Payload } = sent as { FunctionName: string; Payload: unknown };
    const contract = contracts.get(FunctionName.replace(/^.*:/, ''));
    expect(Payload, `what '${state}' sends`).toEqual(contract?.input.parse(Payload));
  }
}

/** The inputs of a state's calls, attempt by attempt. */
export function argumentsOf(run: Run, state: string): unknown[] {
  return run.calls.filter((call) => call.state === state).map((call) => call.arguments);
}

/** The inputs of a state's functions, attempt by attempt. */
export function payloadsOf(run: Run, state: string): unknown[] {
  return argumentsOf(run, state).map((sent) => (sent as { Payload: unknown }).Payload);
}

/** The same failure, this many times. */
export function failures(count: number, failure: TaskResult): TaskResult[] {
  return Array.from({ length: count }, () => failure);
}

/** The error of a task as its catcher keeps it. */
export function caughtFrom(failure: TaskResult): CaughtError {
  if (failure.kind === 'ok') throw new TypeError('not a failure');
  return { error: failure.error, cause: failure.cause || null };
}

/** A task error's cause as record-run reads it. */
export function causeOf(failure: TaskResult): string {
  return unwrapFailure(caughtFrom(failure)).cause;
}

/** Step Functions leaves `Cause` out of some errors. */
export function failsWithoutCause(error: string): TaskResult {
  return { ...fail(error), cause: undefined } as unknown as TaskResult;
}

/**
 * Transient errors, by the names that Step Functions gives them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
 */
export const transient = {
  lambda: [
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'ServiceFailed',
    'ServiceUnreachable',
  ],
  /** All concurrency of the account or of the function is in use, or a service throttles the function. */
  throttled: ['Lambda.TooManyRequestsException', 'ServiceThrottled'],
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
  /**
   * The developer guide omits the end of the second name. Starting an execution twice under one name starts only one, so a
   * call whose response was lost can be repeated.
   * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-nested-workflows.html
   */
  stepFunctions: [
    'StepFunctions.ExecutionLimitExceeded',
    'StepFunctions.ExecutionLimitExceededException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
    'States.Timeout',
  ],
  /** Step Functions as the SDK's integration names its errors. */
  sfn: ['Sfn.SfnException', 'Sfn.SdkClientException'],
  /** A function in a network that was idle for weeks, or is being updated. */
  asleep: [
    'Lambda.ResourceNotReadyException',
    'Lambda.ResourceConflictException',
    'Lambda.EC2ThrottledException',
    'Lambda.EC2UnexpectedException',
    'Lambda.ENILimitReachedException',
  ],
  database: ['DatabaseUnreachable', 'StandbyConflict', 'SecretUnavailable'],
  secret: ['SecretUnavailable'],
  ledger: ['LedgerUnavailable'],
  destination: ['DestinationUnavailable'],
  /** A write whose response was lost still took effect: the next attempt writes under another id. */
  vault: ['ObjectExists'],
} as const;
