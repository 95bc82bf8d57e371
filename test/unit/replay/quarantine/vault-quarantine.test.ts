import { describe, expect, test } from 'vitest';
import type { QuarantineReason } from '../../../../shared/replay/quarantine/quarantined-message.ts';
import { vaultQuarantine } from '../../../../shared/replay/quarantine/vault-quarantine.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { bodies } from '../bodies.ts';
import { deadLetter } from '../dead-letter.ts';
import { steppedClock } from '../stepped-clock.ts';

const DAY = 86_400_000;
const ID = '20260301T120000000Z-5fea7756-0ea4-451a-a703-a558b933e274';

const why: QuarantineReason = {
  runId: 'replay-1',
  key: 'o-1',
  kind: 'refused',
  reason: 'shop.example.com answered 400',
  attempts: 2,
};

function open() {
  const vault = memoryVault();
  const clock = steppedClock();
  return { vault, clock, quarantine: vaultQuarantine(vault, 'orders', 90 * DAY, clock) };
}

describe('a message in quarantine', () => {
  test.each(bodies)('comes out as it went in: %s', async (_, body) => {
    const { quarantine } = open();
    const kept = deadLetter({ body });
    const { receiptHandle, content, wrapper, ...expected } = kept;
    const { message: found, why: reason } = await quarantine.show(await quarantine.keep(kept, why));
    expect(found.body === body).toBe(true);
    expect({ ...found, body: '' }).toEqual({ ...expected, body: '' });
    expect(reason).toEqual(why);
  });

  test('keeps where it came from, who sent it, and when', async () => {
    const { quarantine } = open();
    const fields = {
      sourceArn: 'arn:aws:sqs:us-west-2:123456789012:orders',
      traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793',
      senderId: 'AIDAIT2UOQQY3AUEKVGXU',
      firstReceivedAt: new Date('2026-03-01T12:01:00Z'),
    };
    const id = await quarantine.keep(deadLetter(fields), why);
    expect((await quarantine.show(id)).message).toMatchObject(fields);
  });

  test('has all its attributes, bytes and odd names among them', async () => {
    const { quarantine } = open();
    const attributes = Object.fromEntries([
      ['plain', { type: 'String', value: 'it\'s "so" 🛟\n' }],
      ['count', { type: 'Number.int', value: '0042' }],
      ['bytes', { type: 'Binary', value: Uint8Array.from({ length: 256 }, (_, byte) => byte) }],
      ['none', { type: 'Binary', value: Uint8Array.of() }],
      ['__proto__', { type: 'String', value: 'a name that SQS allows' }],
      ['constructor', { type: 'String', value: 'and another' }],
    ]);
    const { message: found } = await quarantine.show(await quarantine.keep(deadLetter({ attributes }), why));
    expect(Object.keys(found.attributes)).toEqual(Object.keys(attributes));
    for (const [name, { type, value }] of Object.entries(attributes)) {
      const attribute = Object.getOwnPropertyDescriptor(found.attributes, name)?.value;
      expect([name, attribute.type]).toEqual([name, type]);
      expect(Buffer.compare(Buffer.from(attribute.value), Buffer.from(value))).toBe(0);
      expect(typeof attribute.value).toBe(typeof value);
    }
  });

  test('says to people what it is, without reading code', async () => {
    const { vault, quarantine, clock } = open();
    const attributes = { bytes: { type: 'Binary', value: Uint8Array.of(0, 255) } };
    await quarantine.keep(deadLetter({ attributes, groupId: 'customer-1', deduplicationId: 'd-1' }), why);
    const object = vault.objects.get(`quarantine/orders/${ID}/message.json`);
    expect(JSON.parse(object?.body.toString() ?? '')).toEqual({
      format: 'lifeboat-quarantine-1',
      id: ID,
      queue: 'orders',
      kind: 'refused',
      reason: 'shop.example.com answered 400',
      key: 'o-1',
      attempts: 2,
      runId: 'replay-1',
      keptAt: clock.now().toISOString(),
      messageId: '5fea7756-0ea4-451a-a703-a558b933e274',
      sentAt: '2026-03-01T12:00:00.000Z',
      receiveCount: 4,
      groupId: 'customer-1',
      deduplicationId: 'd-1',
      sourceArn: null,
      traceHeader: null,
      senderId: null,
      firstReceivedAt: null,
      attributes: [{ name: 'bytes', type: 'Binary', base64: 'AP8=' }],
      body: '{"order":1}',
    });
  });

  test('is locked for as long as the plan says', async () => {
    const { vault, quarantine, clock } = open();
    await quarantine.keep(deadLetter(), why);
    const [object] = vault.objects.values();
    expect(object?.lockedUntil).toEqual(new Date(clock.now().getTime() + 90 * DAY));
    expect(object?.contentType).toBe('application/json');
  });

  test('is the first one, when it is kept again', async () => {
    const { vault, quarantine } = open();
    const id = await quarantine.keep(deadLetter(), why);
    const later = deadLetter({ receiptHandle: 'another', receiveCount: 5 });
    expect(await quarantine.keep(later, { ...why, runId: 'replay-2', attempts: 7 })).toBe(id);
    expect(vault.objects.size).toBe(1);
    expect((await quarantine.show(id)).why).toEqual(why);
  });

  test('is never mistaken for another body under its id', async () => {
    const { quarantine } = open();
    await quarantine.keep(deadLetter(), why);
    await expect(quarantine.keep(deadLetter({ body: '{"order":2}' }), why)).rejects.toMatchObject({
      name: 'QuarantineConflict',
      message: expect.stringContaining(`quarantine/orders/${ID}/message.json`),
    });
  });

  test('is not taken for kept where the vault failed', async () => {
    const { clock } = open();
    const vault = { ...memoryVault(), put: () => Promise.reject(new Error('SlowDown')) };
    await expect(vaultQuarantine(vault, 'orders', DAY, clock).keep(deadLetter(), why)).rejects.toThrow(
      'SlowDown',
    );
  });
});

describe('the list of a quarantine', () => {
  test('has the newest first, with what is to know of each', async () => {
    const { quarantine, clock } = open();
    const times = ['2026-03-01T12:00:00Z', '2026-03-03T12:00:00Z', '2026-03-02T12:00:00Z'];
    for (const [index, sentAt] of times.entries())
      await quarantine.keep(
        deadLetter({ messageId: `m-${index}`, sentAt: new Date(sentAt), body: 'é'.repeat(index) }),
        why,
      );
    const { total, messages } = await quarantine.list(2);
    expect(total).toBe(3);
    expect(messages).toEqual([
      {
        ...why,
        id: '20260303T120000000Z-m-1',
        messageId: 'm-1',
        sentAt: new Date('2026-03-03T12:00:00Z'),
        keptAt: clock.now(),
        bytes: 2,
        releases: 0,
      },
      expect.objectContaining({ id: '20260302T120000000Z-m-2', bytes: 4 }),
    ]);
  });

  test('says which were released, and how often', async () => {
    const { quarantine, clock } = open();
    const release = { by: 'ann', releasedAt: clock.now(), key: 'o-1', messageId: 'new' };
    const id = await quarantine.keep(deadLetter(), why);
    await quarantine.keep(deadLetter({ messageId: 'other' }), why);
    for (let times = 0; times < 11; times++) await quarantine.noteRelease(id, release);
    const { messages } = await quarantine.list(10);
    expect(messages.map(({ id, releases }) => [id, releases])).toEqual([
      ['20260301T120000000Z-other', 0],
      [ID, 11],
    ]);
  });

  test('knows no other queue, not even one whose name begins alike', async () => {
    const { vault, clock, quarantine } = open();
    await vaultQuarantine(vault, 'orders-eu', DAY, clock).keep(deadLetter(), why);
    await vaultQuarantine(vault, 'order', DAY, clock).keep(deadLetter(), why);
    expect(await quarantine.list(10)).toEqual({ total: 0, messages: [] });
    await expect(quarantine.show(ID)).rejects.toMatchObject({ name: 'NotInQuarantine' });
  });
});

describe('showing a message', () => {
  test.each(['', 'none', ID.slice(0, -1), '../orders', `${ID}/message.json`])(
    'that is not there says so: %j',
    async (id) => {
      const { quarantine } = open();
      await quarantine.keep(deadLetter(), why);
      await expect(quarantine.show(id)).rejects.toMatchObject({ name: 'NotInQuarantine' });
    },
  );

  test('tells its releases, the last one last', async () => {
    const { quarantine, clock } = open();
    const id = await quarantine.keep(deadLetter(), why);
    const releases = ['ann', 'bob', 'eve'].map((by, index) => ({
      by,
      releasedAt: new Date(clock.now().getTime() + index),
      key: 'o-1',
      messageId: `new-${index}`,
    }));
    for (const release of releases) await quarantine.noteRelease(id, release);
    expect((await quarantine.show(id)).releases).toEqual(releases);
  });

  test('loses no release where two are noted at once', async () => {
    const { quarantine, clock } = open();
    const id = await quarantine.keep(deadLetter(), why);
    const release = (by: string) => ({ by, releasedAt: clock.now(), key: 'o-1', messageId: by });
    await Promise.all(['ann', 'bob', 'eve'].map((by) => quarantine.noteRelease(id, release(by))));
    const { releases } = await quarantine.show(id);
    expect(releases.map(({ by }) => by).sort()).toEqual(['ann', 'bob', 'eve']);
  });

  test.each([
    ['is no JSON', 'text', /message\.json" is not JSON/],
    ['lacks what it must have', '{"format":"lifeboat-quarantine-1"}', /message\.json" cannot be read.*body/s],
    ['is of another format', '{"format":"lifeboat-quarantine-2"}', /format/],
  ])('that %s names the object', async (_, text, says) => {
    const { vault, quarantine } = open();
    const key = `quarantine/orders/${ID}/message.json`;
    await vault.put(key, text, {
      contentType: 'application/json',
      lockedUntil: new Date('2030-01-01T00:00:00Z'),
    });
    await expect(quarantine.show(ID)).rejects.toMatchObject({
      name: 'QuarantineUnreadable',
      message: expect.stringMatching(says),
    });
    await expect(quarantine.list(1)).rejects.toMatchObject({ name: 'QuarantineUnreadable' });
  });
});
