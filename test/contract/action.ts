import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Action, ActionOutdated, type Proof } from '../../shared/action/action.ts';

/** The part of the world that an action concerns, as a test sees and disturbs it. */
export interface ActionWorld<Change> {
  readonly action: Action<Change>;
  /** Everything the action could touch, and its surroundings, comparable with `toEqual`. */
  state(): Promise<unknown>;
  /** Does what the action would do, by another hand and before it. */
  doneByOthers(): Promise<void>;
  /** Another hand changes, after `apply`, one part of what the action changed: neither back nor to the same. */
  alteredByOthers(): Promise<void>;
  /** Another hand removes what the action was to change, between precheck and `apply`. */
  removedByOthers(): Promise<void>;
  /** The next `apply` ends halfway, as by a killed process. */
  breakNextApply(): void;
  /** From now on the world does not answer. */
  silence(): void;
}

const signal = new AbortController().signal;
const PROOF_MS = 10_000;

/**
 * What every action must do.
 *
 * @param open a new world, in which the action has something to change that has two parts or more
 */
export function describeAction<Change>(name: string, open: () => Promise<ActionWorld<Change>>): void {
  /** The change of a world, through JSON as a run keeps it. */
  async function changeOf({ action }: ActionWorld<Change>): Promise<Change> {
    const precheck = await action.precheck(signal);
    if (!precheck.ready) throw new Error(`not ready: ${precheck.blockers.join('; ')}`);
    expect(precheck.seen).not.toBe('');
    return JSON.parse(JSON.stringify(precheck.change));
  }

  /** Asks until the change has taken effect. */
  async function proofOf({ action }: ActionWorld<Change>, change: Change): Promise<Proof> {
    const end = Date.now() + PROOF_MS;
    for (;;) {
      const proof = await action.prove(change, signal);
      expect(proof.seen).not.toBe('');
      if (proof.verdict !== 'not-proven' || !proof.pending || Date.now() > end) return proof;
      await sleep(5);
    }
  }

  async function applied() {
    const world = await open();
    const before = await world.state();
    const change = await changeOf(world);
    await world.action.apply(change, signal);
    return { world, change, before };
  }

  describe(`${name}, as an action`, () => {
    test('looks first, and changes nothing by it', async () => {
      const world = await open();
      const before = await world.state();
      const change = await changeOf(world);
      expect(await world.action.prove(change, signal)).toMatchObject({ verdict: 'not-proven' });
      expect(await world.state()).toEqual(before);
    });

    test('is proven once it is applied, by a look that changes nothing', async () => {
      const { world, change } = await applied();
      expect(await proofOf(world, change)).toMatchObject({ verdict: 'proven' });
      const after = await world.state();
      expect(await proofOf(world, change)).toMatchObject({ verdict: 'proven' });
      expect(await world.state()).toEqual(after);
    });

    test('is the same change when it is applied again', async () => {
      const { world, change } = await applied();
      await proofOf(world, change);
      const after = await world.state();
      await world.action.apply(change, signal);
      expect(await proofOf(world, change)).toMatchObject({ verdict: 'proven' });
      expect(await world.state()).toEqual(after);
    });

    test('is completed by another try after it broke off halfway', async () => {
      const world = await open();
      const change = await changeOf(world);
      world.breakNextApply();
      await expect(world.action.apply(change, signal)).rejects.toThrow();
      expect(await world.action.prove(change, signal)).not.toMatchObject({ verdict: 'proven' });
      await world.action.apply(change, signal);
      expect(await proofOf(world, change)).toMatchObject({ verdict: 'proven' });
    });

    test('is not applied to what is no longer there', async () => {
      const world = await open();
      const change = await changeOf(world);
      await world.removedByOthers();
      const before = await world.state();
      await expect(world.action.apply(change, signal)).rejects.toThrow(ActionOutdated);
      expect(await world.state()).toEqual(before);
    });

    test('proves nothing of a world that does not answer', async () => {
      const { world, change } = await applied();
      world.silence();
      expect(await world.action.prove(change, signal)).toMatchObject({ verdict: 'unknown' });
      await expect(world.action.apply(change, signal)).rejects.toThrow();
      await expect(world.action.undo(change, signal)).rejects.toThrow();
    });

    test('finds nothing to do where others have done it, and takes nothing of theirs back', async () => {
      const world = await open();
      await world.doneByOthers();
      const before = await world.state();
      const change = await changeOf(world);
      await world.action.apply(change, signal);
      expect(await proofOf(world, change)).toMatchObject({ verdict: 'proven' });
      await world.action.undo(change, signal);
      expect(await world.state()).toEqual(before);
    });

    test('is undone to the state before, also twice; or refuses, where there is no way back', async () => {
      const { world, change, before } = await applied();
      await proofOf(world, change);
      const after = await world.state();
      for (let times = 0; times < 2; times += 1) {
        const { outcome, seen } = await world.action.undo(change, signal);
        expect(seen).not.toBe('');
        expect(outcome).toBe(world.action.reversible ? 'undone' : 'refused');
        expect(await world.state()).toEqual(world.action.reversible ? before : after);
      }
    });

    test('is undone after it broke off halfway, where it can be undone', async () => {
      const world = await open();
      const before = await world.state();
      const change = await changeOf(world);
      world.breakNextApply();
      await world.action.apply(change, signal).catch(() => {});
      const broken = await world.state();
      await world.action.undo(change, signal);
      expect(await world.state()).toEqual(world.action.reversible ? before : broken);
    });

    test('is not undone where it never began', async () => {
      const world = await open();
      const before = await world.state();
      await world.action.undo(await changeOf(world), signal);
      expect(await world.state()).toEqual(before);
    });

    test('leaves what others changed since, and says so', async () => {
      const { world, change } = await applied();
      await proofOf(world, change);
      await world.alteredByOthers();
      const altered = await world.state();
      const { outcome } = await world.action.undo(change, signal);
      expect(outcome).toBe(world.action.reversible ? 'left' : 'refused');
      if (!world.action.reversible) expect(await world.state()).toEqual(altered);
      // What they made of it is theirs, and a second undo leaves it too.
      const left = await world.state();
      await world.action.undo(change, signal);
      expect(await world.state()).toEqual(left);
    });
  });
}
