import type { RunEnded } from '../notify/notifier.ts';
import { inWords } from '../replay/account/account.ts';
import type { AnyEvidence } from './evidence.ts';
import type { Kind } from './kind.ts';
import { KINDS, kindOf } from './kinds.ts';
import { outcomeInWords, outcomeOf, succeeded } from './outcome-lookup.ts';

/** The fact that notifiers are given of a run. @throws UnknownKind */
export function runEnded(
  evidence: AnyEvidence,
  evidenceLocation: string,
  kinds: readonly Kind[] = KINDS,
): RunEnded {
  const { machine, runId, workload, subject, outcome, reason, failure, account, objectives } = evidence;
  const { startedBy, startedAt, finishedAt } = evidence;
  return {
    fact: 'run-ended',
    occasion: succeeded(evidence, kinds) ? 'succeeded' : 'failed',
    kind: machine,
    runId,
    workload,
    subject,
    outcome,
    words: outcomeInWords(evidence, kinds),
    severity: outcomeOf(evidence, kinds).severity,
    reason,
    failure,
    measures: objectives,
    details: [
      ...(account ? [{ label: 'account', text: inWords(account) }] : []),
      ...kindOf(machine, kinds).facts(evidence),
    ],
    startedBy,
    startedAt,
    finishedAt,
    evidence: evidenceLocation,
  };
}
