import { describe, expect, test } from 'vitest';
import type { ReplicaState } from '../../../shared/database/engine.ts';
import { judgeReplica, unfit } from '../../../shared/replica/judge-replica.ts';
import type { RdsReplica } from '../../../shared/replica/replica.ts';

const now = new Date('2026-10-05T12:00:00Z');
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const state = (difference: Partial<ReplicaState> = {}): ReplicaState => ({
  standby: true,
  now,
  heartbeatAt: ago(50),
  appliedTo: ago(20),
  receivedTo: ago(3),
  unappliedBytes: 0,
  streaming: true,
  ...difference,
});

describe('what the promotion of a replica would lose', () => {
  test.each<[string, Partial<ReplicaState>, number]>([
    ['is at most what the source wrote since it last said how far it is', {}, 3_000],
    ['is counted from the newest commit where the receiver may not be seen', { receivedTo: null }, 20_000],
    [
      'is counted from the heartbeat where nothing was applied since the start',
      { receivedTo: null, appliedTo: null },
      50_000,
    ],
    ['is counted from the newest of them, whichever it is', { heartbeatAt: ago(1) }, 1_000],
    ['is nothing where clocks differ by a little', { heartbeatAt: ago(-2) }, 0],
  ])('%s', (_, difference, expected) => {
    expect(judgeReplica(state(difference))).toMatchObject({ lossMs: expected, problem: null });
  });

  test.each<[string, Partial<ReplicaState>, string]>([
    ['it takes writes', { standby: false }, 'no standby'],
    ['nothing shows how far it is', { heartbeatAt: null, appliedTo: null, receivedTo: null }, 'no heartbeat'],
    // A replica whose clock is late would show no lag for as long.
    ['its clock is late', { heartbeatAt: ago(-90) }, '90 s behind'],
  ])('is not known where %s', (_, difference, problem) => {
    expect(judgeReplica(state(difference))).toEqual({
      completeTo: null,
      lossMs: null,
      problem: expect.stringContaining(problem),
    });
  });

  test('is known of one that is cut off, and that it is', () => {
    const cut = judgeReplica(state({ receivedTo: null, streaming: false }));
    expect(cut).toMatchObject({ lossMs: 20_000, problem: 'it receives nothing from its source' });
  });
});

describe('an instance', () => {
  const source = { instance: 'shop', region: 'us-east-1' };
  const found = (difference: Partial<RdsReplica> = {}): RdsReplica => ({
    status: 'available',
    source: 'arn:aws:rds:us-east-1:123456789012:db:shop',
    broken: null,
    address: { host: 'replica.example.com', port: 5432 },
    ...difference,
  });

  test('that follows the instance of the plan is its replica, in each partition', () => {
    expect(unfit(found(), 'dr', source)).toBeNull();
    expect(
      unfit(found({ source: 'arn:aws-cn:rds:us-east-1:123456789012:db:shop' }), 'dr', source),
    ).toBeNull();
  });

  test.each<[string, RdsReplica | null, string]>([
    ['is missing', null, 'there is no instance "dr"'],
    [
      'follows nothing',
      found({ source: null }),
      '"dr" is no read replica: it was promoted, or never was one',
    ],
    // A replica of a replica has what that one has: what it received last is not the word of the source.
    ['follows a replica beside it', found({ source: 'first' }), '"dr" follows "first"'],
    [
      'follows another instance',
      found({ source: 'arn:aws:rds:us-east-1:1:db:shop-2' }),
      'and not "shop" in us-east-1',
    ],
    [
      'follows one of another Region',
      found({ source: 'arn:aws:rds:eu-west-1:1:db:shop' }),
      'and not "shop" in us-east-1',
    ],
    [
      'is being created',
      found({ status: 'creating', address: null }),
      '"dr" is creating and has no address yet',
    ],
  ])('that %s is none to promote', (_, instance, problem) => {
    expect(unfit(instance, 'dr', source)).toContain(problem);
  });
});
