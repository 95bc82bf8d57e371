import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { findDeployment } from '../../../cli/aws/deployment.ts';
import { exitCodeOf, exitCodesHelp } from '../../../cli/exit-code.ts';
import { followToEnd, startMachine } from '../../../cli/follow/run-machine.ts';
import { showVerdict } from '../../../cli/render/verdict.ts';
import { deriveAlarms } from '../../../resources/alarms.ts';
import { email } from '../../../shared/notify/email/email.ts';
import { loadPlan } from '../../../shared/plan/load.ts';
import type { Plan } from '../../../shared/plan/schema.ts';
import { Phase } from '../../../shared/progress/phase.ts';
import { evidenceOf } from '../../../shared/run/evidence.ts';
import { defineKind, machineOutputOf } from '../../../shared/run/kind.ts';
import { publishMetrics } from '../../../shared/run/metrics.ts';
import { createRecordRun } from '../../../shared/run/record-run.ts';
import { reportOf } from '../../../shared/run/report.ts';
import { runEnded } from '../../../shared/run/run-ended.ts';
import { recordingScreen } from '../cli/recording-screen.ts';
import { deployedWorkload } from '../cli/workload.ts';
import { memoryJournal } from '../journal/memory-journal.ts';
import { entered, exited, historyOf, scheduled, started, succeeded } from '../status/execution-history.ts';
import { memoryVault } from '../vault/memory-vault.ts';

/** All that has to be written for a new kind of run, besides its machine and its functions. */
const promotion = defineKind({
  name: 'promote-replica',
  input: z.object({ database: z.string(), startedBy: z.string() }),
  steps: {
    fence: { answer: Phase.extend({ fenced: z.boolean() }), words: 'fence the primary' },
    promote: { answer: Phase.extend({ lagBytes: z.int() }), words: 'promote' },
  },
  outcomes: {
    promoted: { words: 'replica promoted', severity: 'info', exit: 'good' },
    refused: { words: 'promotion refused', severity: 'critical', exit: 'bad', fail: 'PromotionRefused' },
    'not-proven': {
      words: 'promotion not proven',
      severity: 'critical',
      exit: 'not-proven',
      fail: 'PromotionNotProven',
    },
  },
  progress: 'tasks',
  recovery: ({ outcome, startedAt, steps }) => ({
    scenario: 'database-corruption',
    recoveredTo: outcome === 'promoted' ? startedAt : null,
    usableAt: steps.promote?.finishedAt ?? null,
  }),
  facts: ({ steps }) =>
    steps.promote ? [{ label: 'lag', text: `${steps.promote.lagBytes.toLocaleString('en-US')} bytes` }] : [],
  tables: ({ steps }) =>
    steps.fence ? [{ head: ['fence', 'holds'], rows: [['primary', String(steps.fence.fenced)]] }] : [],
});
const kinds = [promotion] as const;

const runId = 'promote-replica-20261122T040000Z-3f9a1c';
const report = reportOf(kinds).parse({
  machine: 'promote-replica',
  runId,
  runStartedAt: '2026-11-22T04:00:00.000Z',
  executionArn: 'arn:execution',
  startedBy: 'operator ada@workstation',
  subject: 'main',
  outcome: 'promoted',
  reason: 'the replica is writable',
  facts: {},
  failure: null,
  steps: {
    fence: {
      startedAt: '2026-11-22T04:00:01.000Z',
      finishedAt: '2026-11-22T04:00:02.000Z',
      fenced: true,
    },
    promote: {
      startedAt: '2026-11-22T04:00:02.000Z',
      finishedAt: '2026-11-22T04:00:05.000Z',
      lagBytes: 2_048,
    },
  },
});

let plan: Plan;
beforeAll(async () => {
  plan = await loadPlan('plans/mailblast.yml');
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Records the run as the deployed function would. */
async function record(changes: Partial<typeof report> = {}) {
  const vault = memoryVault();
  const journal = memoryJournal([
    {
      machine: 'promote-replica',
      runId,
      startedAt: report.runStartedAt,
      startedBy: report.startedBy,
      subject: 'main',
      status: 'running',
      executionArn: report.executionArn,
    },
  ]);
  const recordRun = createRecordRun(
    {
      plan,
      version: '0123456789ab',
      clock: { now: () => new Date('2026-11-22T04:00:06.000Z') },
      vault,
      vaultLocation: 's3://vault',
      journal,
      publish: () => {},
    },
    kinds,
  );
  const answer = await recordRun({ ...report, ...changes });
  const text = (await vault.read(`evidence/promote-replica/${runId}/run.json`)).toString('utf8');
  return { answer, vault, journal, evidence: evidenceOf(kinds).parse(JSON.parse(text)) };
}

test('leaves evidence whose steps keep their types, and closes the journal', async () => {
  const { evidence, journal } = await record();
  const lag: number | undefined = evidence.steps.promote?.lagBytes;
  expect(lag).toBe(2_048);
  expect(evidence).toMatchObject({
    machine: 'promote-replica',
    outcome: 'promoted',
    phases: [
      { name: 'fence', seconds: 1 },
      { name: 'promote', seconds: 3 },
    ],
    objectives: { scenario: 'database-corruption', rto: { seconds: 5, met: true } },
  });
  expect(await journal.recent(1)).toMatchObject([{ status: 'promoted', rpoSeconds: 0, rtoSeconds: 5 }]);
});

test('is announced in its own words, in capitals and as failed if a person has to act', async () => {
  expect((await record()).answer).toMatchObject({
    subject: 'Lifeboat: mailblast/main: replica promoted',
    message: expect.stringContaining('Lag: 2,048 bytes'),
  });
  expect((await record({ outcome: 'refused' })).answer).toMatchObject({
    subject: 'Lifeboat: mailblast/main: PROMOTION REFUSED',
  });
  const { evidence } = await record({ outcome: 'not-proven' });
  const fact = runEnded(evidence, 's3://vault', kinds);
  expect(fact).toMatchObject({ severity: 'critical', occasion: 'failed' });
  expect(email.compose(fact).subject).toMatch(/PROMOTION NOT PROVEN$/);
});

test.each([
  ['promoted', 1],
  ['refused', 0],
  ['not-proven', 0],
] as const)('counts as %s in its metrics', async (outcome, success) => {
  vi.stubEnv('POWERTOOLS_DEV', 'true');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(String(line)));
  const { evidence } = await record({ outcome });
  publishMetrics(evidence, kinds);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    service: 'promote-replica',
    Succeeded: success,
    Failed: 1 - success,
    promoteSeconds: 3,
  });
});

test('has alarms on every bad end of its machine, and an output with the ARN of the machine', () => {
  const alarms = Object.keys(deriveAlarms(plan, kinds)).filter((id) => id.startsWith('PromoteReplica'));
  expect(alarms).toEqual(['Failed', 'TimedOut', 'Aborted'].map((end) => `PromoteReplicaMachine${end}Alarm`));
  expect(machineOutputOf(promotion)).toBe('PromoteReplicaMachineArn');
});

test('is found in its deployment, started with its own input, followed, and printed', async () => {
  const { vault, journal } = await record();
  mockClient(CloudFormationClient)
    .on(DescribeStacksCommand)
    .resolves({
      Stacks: [
        {
          StackName: 'lifeboat-mailblast-prod',
          CreationTime: new Date('2026-11-01T00:00:00Z'),
          StackStatus: 'CREATE_COMPLETE',
          Outputs: Object.entries({
            PromoteReplicaMachineArn: 'arn:promote-replica',
            VaultBucket: 'vault',
            JournalTable: 'journal',
            LedgerTable: 'ledger',
            AlertsTopicArn: 'arn:alerts',
            AlarmsTopicArn: 'arn:alarms',
          }).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
        },
      ],
    });
  const sfn = mockClient(SFNClient);
  sfn.on(StartExecutionCommand).resolves({ executionArn: 'arn:execution', startDate: new Date() });
  sfn.on(GetExecutionHistoryCommand).resolves({
    events: historyOf(
      started,
      entered('Promote the replica'),
      scheduled,
      succeeded,
      exited('Promote the replica'),
      {
        type: 'ExecutionSucceeded',
      },
    ),
  });
  sfn.on(DescribeExecutionCommand).resolves({ status: 'SUCCEEDED', output: '{}' });

  const deployed = await deployedWorkload();
  const name = { workload: 'mailblast', stage: 'prod', region: 'us-east-1', planPath: 'plans/mailblast.yml' };
  const deployment = await findDeployment(new CloudFormationClient({ region: 'us-east-1' }), name, kinds);
  const workload = { ...deployed, deployment, vault, journal };
  const run = await startMachine(workload, promotion, { database: 'main', startedBy: 'a test' });
  expect(sfn.commandCalls(StartExecutionCommand)[0]?.args[0].input).toMatchObject({
    stateMachineArn: 'arn:promote-replica',
    name: expect.stringMatching(/^promote-replica-/),
    input: '{"database":"main","startedBy":"a test"}',
  });

  const screen = recordingScreen();
  const finished = await followToEnd(
    workload,
    { ...run, runId },
    screen,
    new AbortController().signal,
    kinds,
  );
  showVerdict(screen, finished, finished.evidenceLocation, kinds);
  expect(screen.text()).toMatch(/Promote the replica/);
  expect(screen.text()).toMatch(/REPLICA PROMOTED {2}the replica is writable/);
  expect(screen.text()).toMatch(/phases +fence the primary 1s, promote 3s/);
  expect(screen.text()).toMatch(/lag +2,048 bytes/);
  expect(screen.text()).toMatch(/primary +│ true/);
  expect(screen.text()).toMatch(/RTO +5s, target 20m: met/);
  expect(exitCodeOf(finished, kinds)).toBe(0);
});

test.each([
  ['PromotionRefused', 1],
  ['PromotionNotProven', 3],
  ['RunNotRecorded', 3],
] as const)('exits by the error of its machine: %s with %i', (error, code) => {
  expect(exitCodeOf({ end: { status: 'FAILED', error, cause: null }, evidence: null }, kinds)).toBe(code);
});

test('stands in the table of exit codes', () => {
  expect(exitCodesHelp(kinds)).toMatch(
    /0 +replica promoted.*\n +1 +promotion refused.*\n[\s\S]* 3 +promotion not proven/,
  );
});
