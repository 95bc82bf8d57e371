import type { AttributeValue, BatchStatementRequest, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timer } from '../clock/clock.ts';
import { type Claimant, type Free, judgeClaim, judgeSettlement, NO_FAILURES } from './decide-claim.ts';
import {
  type Claim,
  type ClaimRequest,
  type Ledger,
  LedgerDamaged,
  refuseRepeated,
  type Settlement,
} from './ledger.ts';
import { type LedgerRecord, parseRecord, recordKey } from './ledger-record.ts';
import { ledgerTable } from './ledger-table.ts';

/** Rounds in which a claim may lose to others before it reports the key as busy. */
const ROUNDS = 4;

export interface DynamoLedgerOptions {
  /** The namespace of the keys: the queue's name in the plan. Equal keys of two queues are different keys. */
  readonly scope: string;
  /** Identifies this ledger's owner. No other owner, past or present, may have the same one. */
  readonly owner: string;
  /** Kept in the records: failures are counted by run. */
  readonly runId: string;
  /** Milliseconds to keep a record after its last change. Must exceed the queue's message retention. */
  readonly retention: number;
  readonly clock: Timer;
}

/**
 * The ledger in DynamoDB. It writes with PartiQL, because one call carries 25 conditional writes, each with
 * its own outcome.
 *
 * A claim is an INSERT. If the record exists, the claim reads it, decides, and takes it over on condition
 * that it is unchanged. Of all claimants, one wins.
 *
 * Leases are compared with the claimants' clocks. So a lease must outlast a delivery by more than the clocks
 * differ. A claim that throws first releases what it had claimed, if the table still responds.
 *
 * The table's key is `key` (a string), and `expiration` is its time to live.
 * @throws LedgerUnavailable, LedgerDamaged (from each method)
 */
export function dynamoLedger(client: DynamoDBClient, table: string, options: DynamoLedgerOptions): Ledger {
  const { scope, owner, runId, clock } = options;
  const { write, read: readItems } = ledgerTable(client, table, clock);
  let claims = 0;

  const keyOf = (key: string): AttributeValue => ({ S: recordKey(scope, key) });
  const expiration = (from: number): AttributeValue => number(Math.ceil((from + options.retention) / 1000));

  async function read(keys: readonly string[]): Promise<(LedgerRecord | null)[]> {
    const items = await readItems(keys.map((key) => recordKey(scope, key)));
    return items.map((item) => item && parseRecord(item));
  }

  function insert(wanted: ClaimRequest, claim: number, leaseUntil: Date): BatchStatementRequest {
    const item = {
      key: keyOf(wanted.key),
      state: text('claimed'),
      owner: text(owner),
      claim: number(claim),
      runId: text(runId),
      leaseUntil: number(leaseUntil.getTime()),
      bodyHash: text(wanted.bodyHash),
      messageId: text(wanted.messageId),
      expiration: expiration(leaseUntil.getTime()),
    };
    const names = Object.keys(item).map((name) => `'${name}': ?`);
    return {
      Statement: `INSERT INTO "${table}" VALUE {${names.join(', ')}}`,
      Parameters: Object.values(item),
    };
  }

  /** Updates a record on conditions. */
  function update(
    key: string,
    values: Readonly<Record<string, AttributeValue>>,
    conditions: Readonly<Record<string, AttributeValue>>,
  ): BatchStatementRequest {
    const assignments = Object.keys(values).map((name) => `SET "${name}" = ?`);
    const equal = Object.keys(conditions).map((name) => ` AND "${name}" = ?`);
    return {
      Statement: `UPDATE "${table}" ${assignments.join(' ')} WHERE "key" = ?${equal.join('')}`,
      Parameters: [...Object.values(values), keyOf(key), ...Object.values(conditions)],
    };
  }

  const takeOver = (wanted: ClaimRequest, free: Free, read: LedgerRecord, claim: number, leaseUntil: Date) =>
    update(
      wanted.key,
      {
        state: text('claimed'),
        owner: text(owner),
        claim: number(claim),
        runId: text(runId),
        leaseUntil: number(leaseUntil.getTime()),
        messageId: text(wanted.messageId),
        attempts: number(free.attempts),
        unknown: { BOOL: free.unknown },
        expiration: expiration(leaseUntil.getTime()),
      },
      {
        state: text(read.state),
        owner: text(read.owner),
        claim: number(read.claim),
        leaseUntil: number(read.leaseUntil),
      },
    );

  async function claimAll(
    wanted: readonly ClaimRequest[],
    claimant: Claimant,
    leaseUntil: Date,
  ): Promise<ReadonlyMap<string, Claim>> {
    const { claim } = claimant;
    const answers = new Map<string, Claim>();
    let open = wanted;
    for (let round = 0; round < ROUNDS && open.length > 0; round++) {
      const inserted = await write(open.map((one) => insert(one, claim, leaseUntil)));
      for (const one of accepted(open, inserted))
        answers.set(one.key, { state: 'claimed', unknown: false, attempts: 0, ...NO_FAILURES });
      const existing = refused(open, inserted);
      const records = await read(existing.map(({ key }) => key));
      const now = clock.now();
      const free: { one: ClaimRequest; free: Free; record: LedgerRecord }[] = [];
      existing.forEach((one, index) => {
        const record = records[index];
        if (!record) return; // it has just expired: the next round inserts it
        const judgement = judgeClaim(record, one, claimant, now);
        if (judgement.state === 'free') free.push({ one, free: judgement, record });
        else answers.set(one.key, judgement);
      });
      const taken = await write(free.map((it) => takeOver(it.one, it.free, it.record, claim, leaseUntil)));
      for (const { one, free: of } of accepted(free, taken))
        answers.set(one.key, { ...of, state: 'claimed' });
      open = existing.filter(({ key }) => !answers.has(key)); // another claimant won: reread
    }
    return answers;
  }

  /** Releases the keys that this claim holds. Nothing was sent. */
  async function giveBack(wanted: readonly ClaimRequest[], { claim }: Claimant): Promise<void> {
    const held = { owner: text(owner), claim: number(claim), state: text('claimed') };
    await write(
      wanted.map(({ key }) => update(key, { state: text('open') }, held)),
      1,
    );
  }

  async function settleAll(settlements: readonly Settlement[]): Promise<string[]> {
    const values = ({ as, batch, failure }: Settlement) => ({
      state: text(as),
      batch: number(batch),
      ...(as === 'unknown' ? { unknown: { BOOL: true } } : {}),
      ...(failure === undefined
        ? {}
        : {
            failedRun: text(runId),
            failedBefore: { BOOL: failure.failedBefore },
            failedRunsBefore: number(failure.failedRuns),
            acceptedOthers: { BOOL: failure.acceptsOthers },
          }),
      expiration: expiration(clock.now().getTime()),
    });
    const held = { owner: text(owner), state: text('claimed') };
    const done = await write(
      settlements.map((one) => {
        const { key, as, from } = one;
        if (!from) return update(key, values(one), held);
        const recorded = { owner: text(from.owner), batch: number(from.number), state: text(as) };
        return update(key, { ...values(one), owner: text(owner) }, recorded);
      }),
    );
    const notHeld = refused(settlements, done);
    const records = await read(notHeld.map(({ key }) => key));
    const judged = notHeld.map((one, index) => {
      const record = records[index];
      if (!record)
        throw new LedgerDamaged(
          `the ledger has no record "${recordKey(scope, one.key)}" though it was claimed: records must be left to expire by themselves`,
        );
      return { one, is: judgeSettlement(record, one, owner) };
    });
    const overruling = judged.filter(({ is }) => is === 'overrule');
    const overruled = await write(
      overruling.map(({ one }) => {
        const fact = { ...values(one), owner: text(owner), messageId: text(one.messageId) };
        const { Statement, Parameters = [] } = update(one.key, fact, {});
        // Refused if another delivery was recorded in between, which is just as good.
        return {
          Statement: `${Statement} AND "state" <> ?`,
          Parameters: [...Parameters, text('delivered')],
        };
      }),
    );
    const lost = [...judged.filter(({ is }) => is === 'lost'), ...refused(overruling, overruled)];
    return lost.map(({ one }) => one.key);
  }

  return {
    async claim(wanted, leaseUntil) {
      refuseRepeated(wanted.map(({ key }) => key));
      const claimant = { owner, runId, claim: ++claims };
      try {
        const answers = await claimAll(wanted, claimant, leaseUntil);
        return wanted.map(({ key }) => answers.get(key) ?? { state: 'busy', until: clock.now() });
      } catch (error) {
        await giveBack(wanted, claimant).catch(() => {}); // the leases expire anyway
        throw error;
      }
    },

    async extend(keys, leaseUntil) {
      refuseRepeated(keys);
      const lease = {
        leaseUntil: number(leaseUntil.getTime()),
        expiration: expiration(leaseUntil.getTime()),
      };
      const held = { owner: text(owner), state: text('claimed') };
      return write(keys.map((key) => update(key, lease, held)));
    },

    async settle(settlements) {
      refuseRepeated(settlements.map(({ key }) => key));
      return settleAll(settlements);
    },
  };
}

/**
 * Frees a quarantined key when its message is released.
 *
 * @returns false if the key is not quarantined in the ledger; nothing was changed
 * @throws LedgerUnavailable
 */
export async function reopen(
  client: DynamoDBClient,
  table: string,
  { scope, clock }: Pick<DynamoLedgerOptions, 'scope' | 'clock'>,
  key: string,
): Promise<boolean> {
  const [done] = await ledgerTable(client, table, clock).write([
    {
      Statement: `UPDATE "${table}" SET "state" = ? WHERE "key" = ? AND "state" = ?`,
      Parameters: [text('open'), text(recordKey(scope, key)), text('quarantined')],
    },
  ]);
  return done === true;
}

const accepted = <T>(asked: readonly T[], done: readonly boolean[]): T[] =>
  asked.filter((_, index) => done[index]);
const refused = <T>(asked: readonly T[], done: readonly boolean[]): T[] =>
  asked.filter((_, index) => !done[index]);

const text = (value: string): AttributeValue => ({ S: value });
const number = (value: number): AttributeValue => ({ N: String(value) });
