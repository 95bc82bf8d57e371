import type { RunEnded } from '../notify/notifier.ts';
import { inWords } from '../replay/account/account.ts';
import type { AnyEvidence } from './evidence.ts';
import type { Kind } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';
import { needsAttention, outcomeInWords, severityOf } from './outcome-lookup.ts';

/** The fact that notifiers are given of a run. @throws UnknownKind */
export function runEnded(
  evidence: AnyEvidence,
  evidenceLocation: string,
  kinds: readonly Kind[] = KINDS,
): RunEnded {
  const { machine, runId, workload, subject, outcome, reason, failure, account, objectives, leftBehind } =
    evidence;
  const { startedBy, startedAt, finishedAt } = evidence;
  return {
    fact: 'run-ended',
    occasion: needsAttention(evidence, kinds) ? 'failed' : 'succeeded',
    kind: machine,
    runId,
    workload,
    subject,
    outcome,
    words: outcomeInWords(evidence, kinds),
    severity: severityOf(evidence, kinds),
    reason,
    failure,
    measures: objectives,
    details: [
      ...(leftBehind ? [{ label: 'left behind', text: leftBehind }] : []),
      ...(account ? [{ label: 'account', text: inWords(account) }] : []),
      ...kindOf(machine, kinds).facts(evidence),
    ],
    startedBy,
    startedAt,
    finishedAt,
    evidence: evidenceLocation,
  };
}
