import type { SFNClient } from '@aws-sdk/client-sfn';
import { classifyServiceError } from '../../shared/aws/service-error.ts';
import { type MethodName, methodNameOf, openRecoveryPoints } from '../../shared/backup/open-method.ts';
import type { BackupPlace } from '../../shared/backup/place.ts';
import { evidenceKey } from '../../shared/evidence/evidence-key.ts';
import type { JournalRecord } from '../../shared/journal/journal.ts';
import { isTakenByLifeboat } from '../../shared/plan/sections/backups.ts';
import { type AnyEvidence, Evidence } from '../../shared/run/evidence.ts';
import { kindOf } from '../../shared/run/kinds.ts';
import { ObjectMissing, type Vault } from '../../shared/vault/vault.ts';
import { continuationOf } from '../follow/continuation.ts';
import { readHistory } from '../follow/events.ts';
import type { Report } from '../follow/follow.ts';
import { historyOf, sightOf } from '../follow/sight.ts';
import type { Workload } from '../workload.ts';
import { gatherQueues, type QueueStanding } from './queues.ts';
import { type Standing, standingOf } from './standing.ts';

/** The recovery points of one backup that Lifeboat takes. */
export interface Kept {
  readonly database: string;
  readonly backup: string;
  /** Complete ones in the vault. */
  readonly points: number;
  readonly newest: string | null;
}

/** The last run of a restore test that verified a recovery point, with its evidence where that may be read. */
export interface LastVerified {
  readonly restoreTest: string;
  readonly record: JournalRecord | null;
  readonly evidence: AnyEvidence | null;
}

/** A run that the journal has as running, and what Step Functions says of it. */
export interface OpenRun {
  readonly record: JournalRecord;
  readonly standing: Standing;
  /** How far it has come, where it reports that. */
  readonly progress: Report | null;
}

/** What is known of a workload now. */
export interface Status {
  readonly recent: readonly JournalRecord[];
  /** How far back `recent` was looked for. */
  readonly looked: number;
  readonly kept: readonly Kept[];
  readonly verified: readonly LastVerified[];
  readonly open: readonly OpenRun[];
  readonly queues: readonly QueueStanding[];
}

/** With a replay every quarter of an hour: ten days. */
const LOOKED = 1_000;

/** Asks the journal, the vault, Step Functions and SQS how a workload stands. */
export async function gatherStatus(workload: Workload): Promise<Status> {
  const { plan, journal, vault } = workload;
  const recent = await journal.recent(LOOKED);
  const databases = Object.entries(plan.databases);
  const [kept, verified, open, queues] = await Promise.all([
    Promise.all(
      databases.flatMap(([database, { backups }]) =>
        Object.entries(backups).flatMap(([backup, planned]) =>
          isTakenByLifeboat(planned) ? [keptOf(vault, methodNameOf(planned), { database, backup })] : [],
        ),
      ),
    ),
    Promise.all(Object.keys(plan.restoreTests).map((name) => lastVerified(workload, recent, name))),
    Promise.all(recent.filter(isRunning).map((record) => look(workload, record))),
    gatherQueues(workload, recent),
  ]);
  return { recent, looked: LOOKED, kept, verified, open, queues };
}

async function keptOf(vault: Vault, method: MethodName, of: BackupPlace): Promise<Kept> {
  const points = await openRecoveryPoints(method, vault).list(of);
  return { ...of, points: points.length, newest: points.at(-1)?.id ?? null };
}

async function lastVerified(
  { vault }: Workload,
  recent: readonly JournalRecord[],
  restoreTest: string,
): Promise<LastVerified> {
  const record =
    recent.find(
      ({ machine, subject, status }) =>
        machine === 'restore-test' && subject === restoreTest && status === 'verified',
    ) ?? null;
  if (!record) return { restoreTest, record, evidence: null };
  try {
    const text = await vault.read(evidenceKey(record.machine, record.runId));
    return { restoreTest, record, evidence: Evidence.parse(JSON.parse(text.toString('utf8'))) };
  } catch (error) {
    if (error instanceof ObjectMissing) return { restoreTest, record, evidence: null };
    throw error;
  }
}

type RunningRecord = JournalRecord & { readonly executionArn: string };

function isRunning(record: JournalRecord): record is RunningRecord {
  return record.status === 'running' && record.executionArn !== undefined;
}

/** The journal has a run as running until it is recorded: one that ended otherwise stays so, and only its history tells. */
async function look(workload: Workload, record: RunningRecord): Promise<OpenRun> {
  const standing = await lookAtExecutions(workload.clients.sfn, record.executionArn);
  const saved = kindOf(record.machine).progress === 'workers' && standing.kind === 'running';
  const progress = saved ? await sightOf(workload, record).progress() : (record.progress ?? null);
  return { record, standing, progress };
}

async function lookAtExecutions(sfn: SFNClient, first: string): Promise<Standing> {
  try {
    for (let execution = first; ; ) {
      const standing = standingOf(readHistory(await historyOf(sfn, execution)));
      const next = standing.kind === 'running' ? null : await continuationOf(sfn, execution);
      if (next === null) return standing;
      execution = next;
    }
  } catch (error) {
    if (classifyServiceError(error) === 'missing') return { kind: 'forgotten' };
    throw error;
  }
}
