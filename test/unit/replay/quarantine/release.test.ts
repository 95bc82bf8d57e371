import { describe, expect, test } from 'vitest';
import { KEY_ATTRIBUTE } from '../../../../shared/delivery/outgoing-message.ts';
import type { KeyStatus } from '../../../../shared/ledger/key-status.ts';
import { bodyHash } from '../../../../shared/replay/message/body-hash.ts';
import type { DeadLetter } from '../../../../shared/replay/message/dead-letter.ts';
import type { QuarantineReason } from '../../../../shared/replay/quarantine/quarantined-message.ts';
import { type ReleasedMessage, releaseQuarantined } from '../../../../shared/replay/quarantine/release.ts';
import { vaultQuarantine } from '../../../../shared/replay/quarantine/vault-quarantine.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { deadLetter } from '../dead-letter.ts';
import { steppedClock } from '../stepped-clock.ts';

const refused: QuarantineReason = { runId: 'run', key: 'o-1', kind: 'refused', reason: '400', attempts: 1 };
const BY_ANN = { by: 'ann', again: false };

/** A quarantine in memory, a ledger that knows keys as quarantined or delivered, and a queue that keeps what it is sent. */
async function open(why = refused, difference: Partial<DeadLetter> = {}) {
  const clock = steppedClock();
  const vault = memoryVault();
  const quarantine = vaultQuarantine(vault, 'orders', 86_400_000, clock);
  const message = deadLetter(difference);
  const id = await quarantine.keep(message, why);
  const ledger = new Map<string, 'quarantined' | 'open' | 'delivered'>();
  if (why.key !== null) ledger.set(why.key, 'quarantined');
  const sent: ReleasedMessage[] = [];
  const done: string[] = [];
  const ports = {
    quarantine: {
      ...quarantine,
      async noteRelease(...parameters: Parameters<typeof quarantine.noteRelease>) {
        done.push('note');
        await quarantine.noteRelease(...parameters);
      },
    },
    async reopen(key: string) {
      done.push(`reopen ${key}`);
      if (ledger.get(key) !== 'quarantined') return false;
      ledger.set(key, 'open');
      return true;
    },
    async readKeyStatus({ key }: { key: string }): Promise<KeyStatus> {
      return ledger.get(key) === 'quarantined' || ledger.get(key) === 'delivered' ? 'done' : 'new';
    },
    async send(message: ReleasedMessage) {
      done.push('send');
      sent.push(message);
      return `sent-${sent.length}`;
    },
    clock,
  };
  return { id, message, ports, ledger, sent, done, vault, clock, quarantine };
}

/** A port that fails once, before it does its work or after it. */
function dying<Parameters extends unknown[], Answer>(
  when: 'before' | 'after',
  port: (...parameters: Parameters) => Promise<Answer>,
): (...parameters: Parameters) => Promise<Answer> {
  let dead = false;
  return async (...parameters) => {
    if (dead) return port(...parameters);
    dead = true;
    if (when === 'after') await port(...parameters);
    throw new Error('killed');
  };
}

describe('a released message', () => {
  test('is free in the ledger before it is on the queue, and noted after', async () => {
    const { id, ports, done, ledger } = await open();
    await releaseQuarantined(ports, id, BY_ANN);
    expect(done).toEqual(['reopen o-1', 'send', 'note']);
    expect(ledger.get('o-1')).toBe('open');
  });

  test('has its body, its attributes, its group and its key', async () => {
    const attributes = {
      kind: { type: 'String', value: 'order' },
      bytes: { type: 'Binary', value: Buffer.of(0, 255) },
    };
    const { id, ports, sent, message } = await open(refused, { attributes, groupId: 'customer-1' });
    await releaseQuarantined(ports, id, BY_ANN);
    expect(sent).toEqual([
      {
        body: message.body,
        attributes: { ...attributes, [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1' } },
        groupId: 'customer-1',
        release: `${id}/1`,
      },
    ]);
  });

  test('stays in the vault, with who released it, when, and as which message', async () => {
    const { id, ports, quarantine, clock } = await open();
    const release = await releaseQuarantined(ports, id, BY_ANN);
    expect(release).toEqual({ by: 'ann', releasedAt: clock.now(), key: 'o-1', messageId: 'sent-1' });
    expect(await quarantine.show(id)).toMatchObject({
      releases: [release],
      message: { body: '{"order":1}' },
    });
  });

  test('that shared its key with another body gets one of its own, and the other keeps the key', async () => {
    const { id, ports, ledger, sent, message } = await open({ ...refused, kind: 'mismatch' });
    ledger.set('o-1', 'delivered');
    const { key } = await releaseQuarantined(ports, id, BY_ANN);
    expect(key).toBe(`o-1~${bodyHash(message).slice(0, 12)}`);
    expect(key).toMatch(/^o-1~[0-9a-f]{12}$/);
    expect(sent[0]?.attributes[KEY_ATTRIBUTE]?.value).toBe(key);
    expect(ledger.get('o-1')).toBe('delivered');
  });

  test.each(['key-missing', 'unparsable'] as const)(
    'that has no key, being %s, gets its id in quarantine',
    async (kind) => {
      const { id, ports, sent } = await open({ ...refused, key: null, kind });
      await releaseQuarantined(ports, id, BY_ANN);
      expect(sent[0]?.attributes[KEY_ATTRIBUTE]?.value).toBe(id);
    },
  );

  test('that came with a key of an earlier release keeps that one', async () => {
    const attributes = { [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1~0123456789ab' } };
    const { id, ports, sent } = await open({ ...refused, key: 'o-1~0123456789ab' }, { attributes });
    await releaseQuarantined(ports, id, BY_ANN);
    expect(sent[0]?.attributes).toEqual(attributes);
  });

  test('that came with a key, and shared it with another body, gets one of its own all the same', async () => {
    const attributes = { [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1' } };
    const { id, ports, sent } = await open({ ...refused, kind: 'mismatch' }, { attributes });
    const { key } = await releaseQuarantined(ports, id, BY_ANN);
    expect(sent[0]?.attributes).toEqual({ [KEY_ATTRIBUTE]: { type: 'String', value: key } });
    expect(key).toMatch(/^o-1~/);
  });

  test('is not released twice unless it is asked for', async () => {
    const { id, ports, sent, ledger } = await open();
    await releaseQuarantined(ports, id, BY_ANN);
    await expect(releaseQuarantined(ports, id, { by: 'bob', again: false })).rejects.toMatchObject({
      name: 'AlreadyReleased',
      message: expect.stringMatching(/by ann at 2026-10-05T02:00:00.000Z, as message sent-1/),
    });
    expect(sent).toHaveLength(1);
    ledger.set('o-1', 'quarantined'); // it was refused again
    await releaseQuarantined(ports, id, { by: 'bob', again: true });
    expect(sent.map(({ release }) => release)).toEqual([`${id}/1`, `${id}/2`]);
  });

  test('that was delivered in the meantime is not sent: the replay would drop it without a word', async () => {
    const { id, ports, sent, ledger, vault } = await open();
    ledger.set('o-1', 'delivered');
    await expect(releaseQuarantined(ports, id, BY_ANN)).rejects.toMatchObject({ name: 'AlreadyDelivered' });
    expect(sent).toEqual([]);
    expect(vault.objects.size).toBe(1);
  });

  test('may have nine attributes, and its key', async () => {
    const attributes = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`a-${n}`, { type: 'String', value: 'x' }]));
    const nine = await open(refused, { attributes: attributes(9) });
    await releaseQuarantined(nine.ports, nine.id, BY_ANN);
    expect(Object.keys(nine.sent[0]?.attributes ?? {})).toHaveLength(10);

    const ten = await open(refused, { attributes: attributes(10) });
    await expect(releaseQuarantined(ten.ports, ten.id, BY_ANN)).rejects.toMatchObject({
      name: 'TooManyAttributes',
      message: expect.stringMatching(/has 10 attributes/),
    });
    expect(ten.done).toEqual([]);

    const withKey = { ...attributes(9), [KEY_ATTRIBUTE]: { type: 'String', value: 'o-1' } };
    const full = await open(refused, { attributes: withKey });
    await releaseQuarantined(full.ports, full.id, BY_ANN);
    expect(full.sent).toHaveLength(1);
  });

  test('that is not there is not released', async () => {
    const { ports, done } = await open();
    await expect(releaseQuarantined(ports, 'none', BY_ANN)).rejects.toMatchObject({
      name: 'NotInQuarantine',
    });
    expect(done).toEqual([]);
  });
});

describe('a release that dies', () => {
  test.each([
    ['reopen', 'before', 1],
    ['reopen', 'after', 1],
    ['readKeyStatus', 'before', 1],
    ['readKeyStatus', 'after', 1],
    ['send', 'before', 1],
    ['send', 'after', 2],
    ['noteRelease', 'before', 2],
  ] as const)(
    'in %s, %s its effect, loses nothing: repeated, the message is on the queue %d time(s), under one key',
    async (port, when, times) => {
      const { id, ports, sent, ledger, quarantine } = await open();
      const dyingPorts =
        port === 'noteRelease'
          ? {
              ...ports,
              quarantine: { ...ports.quarantine, noteRelease: dying(when, ports.quarantine.noteRelease) },
            }
          : { ...ports, [port]: dying<never[], unknown>(when, ports[port]) };
      await expect(releaseQuarantined(dyingPorts, id, BY_ANN)).rejects.toThrow('killed');
      expect((await quarantine.show(id)).message.body).toBe('{"order":1}');
      expect((await quarantine.list(1)).messages[0]?.releases).toBe(0);

      await releaseQuarantined(dyingPorts, id, BY_ANN);
      expect(sent).toHaveLength(times);
      // One name for both: a FIFO queue drops the second by itself.
      expect(new Set(sent.map(({ release }) => release)).size).toBe(1);
      expect(new Set(sent.map(({ attributes }) => attributes[KEY_ATTRIBUTE]?.value))).toEqual(
        new Set(['o-1']),
      );
      expect(ledger.get('o-1')).toBe('open');
      expect((await quarantine.list(1)).messages[0]?.releases).toBe(1);
    },
  );

  test('after it was noted is done: repeated, it is refused', async () => {
    const { id, ports, sent } = await open();
    const noteRelease = dying('after', ports.quarantine.noteRelease);
    const dyingPorts = { ...ports, quarantine: { ...ports.quarantine, noteRelease } };
    await expect(releaseQuarantined(dyingPorts, id, BY_ANN)).rejects.toThrow('killed');
    await expect(releaseQuarantined(dyingPorts, id, BY_ANN)).rejects.toMatchObject({
      name: 'AlreadyReleased',
    });
    expect(sent).toHaveLength(1);
  });

  test('before it was noted, and whose message was delivered since, finds that out', async () => {
    const { id, ports, sent, ledger } = await open();
    const dyingPorts = { ...ports, send: dying('after', ports.send) };
    await expect(releaseQuarantined(dyingPorts, id, BY_ANN)).rejects.toThrow('killed');
    ledger.set('o-1', 'delivered');
    await expect(releaseQuarantined(dyingPorts, id, BY_ANN)).rejects.toMatchObject({
      name: 'AlreadyDelivered',
    });
    expect(sent).toHaveLength(1);
  });
});
