import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-rds';
import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { readLambdas } from '../../../resources/capabilities.ts';
import { idOfManifestKey } from '../../../shared/backup/logical/recovery-point-id.ts';
import { everyState, readDefinition } from '../../state-machines/machine-under-test.ts';
import { root } from '../targets/account.ts';
import { deploy } from './deployed.ts';
import { fillBoth, PRIMARY, planOfBoth, STANDBY } from './plan-of-both.ts';
import { turn } from './restored.ts';

type Machine = 'backup' | 'restore-test' | 'restore';

/** What is there: in the vault, at RDS in both Regions, on the scratch server, in Secrets Manager. */
export interface Counted {
  readonly recoveryPoints: number;
  readonly snapshots: number;
  readonly copies: number;
  readonly scratchDatabases: number;
  readonly instances: number;
  readonly secrets: number;
  readonly restored: number;
  readonly evidence: number;
}

/** One way through a machine. */
export interface Scenario {
  readonly name: string;
  readonly machine: Machine;
  readonly input: Record<string, unknown>;
  /** The beginning of the name that each run restores into. */
  readonly into?: string;
  /** `SUCCEEDED`, or the error of the execution. */
  readonly ends: string;
  /** What each run leaves, besides its evidence. */
  readonly leaves: Partial<Counted>;
}

/** States from here on have done the work: a run that is started again finds its evidence. */
const RECORD = 'Record the run';
/** An execution that takes a run up passes these as well. */
const TAKING_OVER = ['Look at the other execution', 'Take the run over'];

export type Killed = Awaited<ReturnType<typeof openKilled>>;

/** Deploys a plan with a database of each kind, and kills its runs. */
export async function openKilled() {
  const folder = await mkdtemp(path.join(tmpdir(), 'killed-runs-'));
  const file = path.join(folder, 'plan.yml');
  await writeFile(file, JSON.stringify(await planOfBoth())); // JSON is YAML
  const stack = await deploy({ plan: file, waitScale: 0.01 });
  const owner = root(stack.aws);
  const clients = {
    sfn: new SFNClient(owner),
    secrets: new SecretsManagerClient(owner),
    near: new sdk.RDSClient({ ...owner, region: PRIMARY }),
    far: new sdk.RDSClient({ ...owner, region: STANDBY }),
    kms: new KMSClient({ ...owner, region: STANDBY }),
  };
  await fillBoth(stack, clients);

  const killed = new Map<Machine, Set<string>>();
  const paths = new Map<string, string[]>();
  let runs = 0;

  async function execution(
    { machine, input }: Pick<Scenario, 'machine' | 'input'>,
    runId: string,
    into?: string,
  ) {
    const { executionArn } = await stack.start(machine, { ...input, runId, ...(into && { into }) });
    return executionArn;
  }
  /** A run id, and the name that this run restores into. */
  function next({ machine, into }: Pick<Scenario, 'machine' | 'into'>, how: string) {
    runs += 1;
    return { runId: `${machine}-${how}-${runs}`, into: into && `${into}_${runs}` };
  }

  async function historyOf(executionArn: string) {
    const { events = [] } = await clients.sfn.send(
      new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }),
    );
    return events;
  }
  async function tasksEntered(executionArn: string): Promise<string[]> {
    return (await historyOf(executionArn)).flatMap(({ type, stateEnteredEventDetails }) =>
      type === 'TaskStateEntered' && stateEnteredEventDetails?.name ? [stateEnteredEventDetails.name] : [],
    );
  }
  const statusOf = async (executionArn: string) =>
    (await clients.sfn.send(new DescribeExecutionCommand({ executionArn }))).status;

  /** Stops an execution when it enters a state. @returns whether it was stopped before it ended by itself */
  async function stopIn(executionArn: string, state: string): Promise<boolean> {
    while (!(await tasksEntered(executionArn)).includes(state)) {
      if ((await statusOf(executionArn)) !== 'RUNNING') return false;
      await turn();
    }
    await clients.sfn.send(new StopExecutionCommand({ executionArn })).catch(() => {});
    return (await statusOf(executionArn)) === 'ABORTED';
  }

  async function endOf(executionArn: string): Promise<string> {
    const { status = '', error, cause } = await stack.ended(executionArn);
    expect({ status, error, cause }).toMatchObject({ status: expect.stringMatching(/^(SUCCEEDED|FAILED)$/) });
    return error ?? status;
  }

  const snapshotsIn = async (client: sdk.RDSClient) =>
    (await client.send(new sdk.DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }))).DBSnapshots?.length ??
    0;

  async function keys(Prefix: string): Promise<string[]> {
    const found: string[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client: stack.s3 },
      { Bucket: stack.vault, Prefix },
    ))
      found.push(...Contents.map(({ Key = '' }) => Key));
    return found;
  }

  const lose = (answers: Record<string, number>) =>
    fetch(`${stack.aws.endpoint}/_ministack/lost-answers`, { method: 'PUT', body: JSON.stringify(answers) });

  async function count(): Promise<Counted> {
    const { DBInstances = [] } = await clients.near.send(new sdk.DescribeDBInstancesCommand({}));
    const { SecretList = [] } = await clients.secrets.send(new ListSecretsCommand({ MaxResults: 100 }));
    const databases = await stack.onScratchServer(async (client) => {
      const { rows } = await client.query<{ name: string }>(
        'SELECT datname::text AS name FROM pg_database UNION ALL SELECT rolname FROM pg_roles',
      );
      return rows.map(({ name }) => name);
    });
    return {
      recoveryPoints: (await keys('manifests/')).filter((key) => idOfManifestKey(key)).length,
      snapshots: await snapshotsIn(clients.near),
      copies: await snapshotsIn(clients.far),
      scratchDatabases: databases.filter((name) => name.startsWith('lifeboat_scratch')).length,
      instances: DBInstances.length,
      secrets: SecretList.length,
      // A restored database has a login of the same name.
      restored: databases.filter((name) => name.startsWith('killed_') || name.startsWith('never_')).length,
      evidence: (await keys('evidence/')).filter((key) => key.endsWith('/run.json')).length,
    };
  }

  return {
    stack,
    count,
    rds: { near: clients.near, far: clients.far },
    async stop() {
      for (const client of Object.values(clients)) client.destroy();
      await stack.aws.stop();
      await rm(folder, { recursive: true, force: true });
    },
    killedIn: (machine: Machine): ReadonlySet<string> => killed.get(machine) ?? new Set(),
    /** What is there after so many runs of the scenario came to their end. */
    after: (before: Counted, { leaves }: Pick<Scenario, 'leaves'>, times = 1): Counted => {
      const added = Object.entries({ evidence: 1, ...leaves }).map(([name, each]) => [
        name,
        before[name as keyof Counted] + each * times,
      ]);
      return { ...before, ...Object.fromEntries(added) };
    },

    /** Runs it while each function does its work twice: of its first call, nobody gets the answer. */
    async losingAnswers(scenario: Scenario) {
      await lose(Object.fromEntries(readLambdas().map(({ name }) => [name, 1])));
      const { runId, into } = next(scenario, 'lost');
      const executionArn = await execution(scenario, runId, into);
      expect(await endOf(executionArn)).toBe(scenario.ends);
      await lose({});
      const entered = [...new Set(await tasksEntered(executionArn))];
      paths.set(scenario.name, entered);
      return { runId, entered };
    },

    /** Kills one run in each state of its work, one execution after the other, and then lets it end. The states that record and
     * announce are killed in runs of their own. @returns how many runs came to their end */
    async killingInEach(scenario: Scenario): Promise<{ runIds: string[] }> {
      const { machine, ends } = scenario;
      const before = killed.get(machine) ?? new Set();
      killed.set(machine, before);
      const path = paths.get(scenario.name) ?? [];
      const at = path.indexOf(RECORD);
      const [first = '', ...work] = path.slice(0, at);
      const runIds: string[] = [];
      const run = next(scenario, 'killed');
      for (const state of [first, ...TAKING_OVER, ...work]) {
        if (before.has(state)) continue;
        const stopped = await stopIn(await execution(scenario, run.runId, run.into), state);
        expect({ state, stopped }).toEqual({ state, stopped: true });
        before.add(state);
      }
      expect(await endOf(await execution(scenario, run.runId, run.into))).toBe(ends);
      runIds.push(run.runId);
      for (const state of path.slice(at).filter((each) => !before.has(each))) {
        const { runId, into } = next(scenario, 'recording');
        await stopIn(await execution(scenario, runId, into), state);
        before.add(state);
        // What is recorded stands, and the second execution says so.
        expect([ends, 'RunNotRecorded']).toContain(await endOf(await execution(scenario, runId, into)));
        runIds.push(runId);
      }
      return { runIds };
    },

    /** Starts two executions of one run at the same moment, and waits for both. */
    async startingTwice(scenario: Scenario): Promise<{ runId: string; ends: string[] }> {
      const { runId, into } = next(scenario, 'twice');
      const both = await Promise.all([execution(scenario, runId, into), execution(scenario, runId, into)]);
      return { runId, ends: (await Promise.all(both.map(endOf))).sort() };
    },
  };
}

/** Tasks of a machine, those of its iterations included. */
export function tasksOf(machine: Machine): string[] {
  return everyState(readDefinition(machine)).flatMap(([name, { Type }]) => (Type === 'Task' ? [name] : []));
}
