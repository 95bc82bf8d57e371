import type { Timer } from '../../../shared/clock/clock.ts';
import { judgeClaim, judgeSettlement, NO_FAILURES } from '../../../shared/ledger/decide-claim.ts';
import { type KeyStatus, keyStatus } from '../../../shared/ledger/key-status.ts';
import {
  type ClaimRequest,
  type Ledger,
  LedgerDamaged,
  refuseRepeated,
  type Settlement,
} from '../../../shared/ledger/ledger.ts';
import type { LedgerRecord } from '../../../shared/ledger/ledger-record.ts';

/** A ledger in memory. Its decisions are those of the one in DynamoDB; each call happens at one moment. */
export function memoryLedger(clock: Timer): {
  ledgerOf: (owner: string) => Ledger;
  readKeyStatus: (requests: readonly ClaimRequest[]) => Promise<KeyStatus[]>;
} {
  const records = new Map<string, LedgerRecord>();
  function ledgerOf(owner: string): Ledger {
    let claims = 0;
    const [runId = ''] = owner.split('/');
    const isHeld = (record: LedgerRecord) => record.owner === owner && record.state === 'claimed';
    const isFrom = (record: LedgerRecord, { as, from }: Settlement) =>
      record.state === as &&
      'batch' in record &&
      record.owner === from?.owner &&
      record.batch === from.number;

    function settled(record: LedgerRecord, { as, batch, messageId, failure }: Settlement): LedgerRecord {
      const common = {
        ...record,
        owner,
        messageId,
        unknown: record.unknown || as === 'unknown',
        ...(failure
          ? {
              failedRun: runId,
              failedBefore: failure.failedBefore,
              failedRunsBefore: failure.failedRuns,
              acceptedOthers: failure.acceptsOthers,
            }
          : {}),
      };
      return as === 'delivered' || as === 'quarantined'
        ? { ...common, state: as, batch }
        : { ...common, state: as };
    }

    return {
      async claim(wanted, leaseUntil) {
        refuseRepeated(wanted.map(({ key }) => key));
        const claim = ++claims;
        return wanted.map((one) => {
          const { key, messageId } = one;
          const record = records.get(key);
          const judged = record
            ? judgeClaim(record, one, { owner, runId, claim }, clock.now())
            : { state: 'free' as const, unknown: false, attempts: 0, ...NO_FAILURES };
          if (judged.state !== 'free') return judged;
          const { unknown, attempts, failedBefore, failedRuns } = judged;
          const bodyHash = record?.bodyHash ?? one.bodyHash;
          const lease = { owner, claim, leaseUntil: leaseUntil.getTime() };
          const {
            failedRun,
            failedBefore: before = false,
            failedRunsBefore = 0,
            acceptedOthers = false,
          } = record ?? {};
          const failed = { failedRun, failedBefore: before, failedRunsBefore, acceptedOthers };
          records.set(key, { state: 'claimed', ...lease, bodyHash, messageId, attempts, unknown, ...failed });
          return { state: 'claimed' as const, unknown, attempts, failedBefore, failedRuns };
        });
      },
      async extend(keys, leaseUntil) {
        refuseRepeated(keys);
        return keys.map((key) => {
          const record = records.get(key);
          if (!record || !isHeld(record)) return false;
          records.set(key, { ...record, leaseUntil: leaseUntil.getTime() });
          return true;
        });
      },
      async settle(settlements) {
        refuseRepeated(settlements.map(({ key }) => key));
        return settlements.flatMap((one) => {
          const record = records.get(one.key);
          if (!record) throw new LedgerDamaged(`the ledger has no record of ${one.key}`);
          const mine = one.from ? isFrom(record, one) : isHeld(record);
          const is = mine ? 'held' : judgeSettlement(record, one, owner);
          if (is === 'held' || is === 'overrule') records.set(one.key, settled(record, one));
          return is === 'lost' ? [one.key] : [];
        });
      },
    };
  }

  return {
    ledgerOf,
    readKeyStatus: async (requests) =>
      requests.map((request) => keyStatus(records.get(request.key) ?? null, request, clock.now())),
  };
}
