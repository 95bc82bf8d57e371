import type { RecoveryPointStores } from '../backup/open-method.ts';
import { evidenceKey } from '../evidence/evidence-key.ts';
import type { Journal, JournalRecord } from '../journal/journal.ts';
import { type LossNow, lossesNow } from '../objectives/loss-now.ts';
import type { Plan } from '../plan/schema.ts';
import type { AccountStore } from '../replay/account/account-store.ts';
import { type AnyEvidence, evidenceOf } from '../run/evidence.ts';
import type { Kind } from '../run/kind.ts';
import { KINDS } from '../run/kinds.ts';
import { ObjectMissing, type Vault } from '../vault/vault.ts';
import { type ListEmails, type Unheard, unheardAddresses } from './channels.ts';
import type { ExecutionState } from './execution-state.ts';
import type { Executions } from './executions.ts';
import { gatherQueues, type OpenQueue, type QueueStatus } from './queues.ts';
import { type RunProgress, tallyOf } from './tally.ts';

/** What the status of a workload is gathered from. */
export interface StatusPorts extends RecoveryPointStores {
  readonly plan: Plan;
  readonly journal: Journal;
  readonly executions: Executions;
  /** The accounts that the workers of a run save. */
  readonly accountsOf: (runId: string) => Pick<AccountStore, 'all'>;
  readonly openQueue: OpenQueue;
  readonly listEmails: ListEmails;
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
  readonly executionState: ExecutionState;
  /** How far it has come, if it reports that. */
  readonly progress: RunProgress | null;
}

/** What is known of a workload now. */
export interface Status {
  readonly recent: readonly JournalRecord[];
  /** How many records `recent` was asked for. */
  readonly looked: number;
  readonly losses: readonly LossNow[];
  readonly verified: readonly LastVerified[];
  readonly open: readonly OpenRun[];
  readonly queues: readonly QueueStatus[];
  /** Addresses of the plan that hear of nothing. */
  readonly unheard: readonly Unheard[];
}

/** With a replay every quarter of an hour: ten days. */
const LOOKED = 1_000;

/** Asks the journal, the vault, Step Functions and SQS how a workload stands. */
export async function gatherStatus(
  ports: StatusPorts,
  now: Date,
  kinds: readonly Kind[] = KINDS,
): Promise<Status> {
  const { plan, journal, vault } = ports;
  const recent = await journal.recent(LOOKED);
  const [losses, verified, open, queues, unheard] = await Promise.all([
    lossesNow(ports, now),
    Promise.all(
      Object.keys(plan.restoreTests).map((restoreTest) => lastVerified(vault, recent, restoreTest, kinds)),
    ),
    Promise.all(recent.filter(isRunning).map((record) => look(ports, record, kinds))),
    gatherQueues(ports, recent),
    unheardAddresses(plan, ports.listEmails),
  ]);
  return { recent, looked: LOOKED, losses, verified, open, queues, unheard };
}

async function lastVerified(
  vault: Vault,
  recent: readonly JournalRecord[],
  restoreTest: string,
  kinds: readonly Kind[],
): Promise<LastVerified> {
  const record =
    recent.find(
      ({ machine, subject, status }) =>
        machine === 'restore-test' && subject === restoreTest && status === 'verified',
    ) ?? null;
  if (!record) return { restoreTest, record, evidence: null };
  try {
    const text = await vault.read(evidenceKey(record.machine, record.runId));
    return { restoreTest, record, evidence: evidenceOf(kinds).parse(JSON.parse(text.toString('utf8'))) };
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
async function look(
  { executions, accountsOf }: StatusPorts,
  record: RunningRecord,
  kinds: readonly Kind[],
): Promise<OpenRun> {
  const executionState = await executions.stateOf(record.executionArn);
  const kind = kinds.find(({ name }) => name === record.machine);
  if (kind?.progress !== 'workers' || executionState.kind !== 'running')
    return { record, executionState, progress: record.progress ?? null };
  const workers = await accountsOf(record.runId).all();
  const expected = workers.length === 0 ? null : await executions.expectedMessages(record.executionArn);
  return { record, executionState, progress: tallyOf(workers, expected) };
}
