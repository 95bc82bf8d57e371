import { describe, expect, test } from 'vitest';
import { releaseAll } from '../../../../shared/replay/quarantine/release-all.ts';
import { vaultQuarantine } from '../../../../shared/replay/quarantine/vault-quarantine.ts';
import { memoryJournal } from '../../journal/memory-journal.ts';
import { memoryVault } from '../../vault/memory-vault.ts';
import { deadLetter } from '../dead-letter.ts';
import { steppedClock } from '../stepped-clock.ts';

const BY_ANN = { by: 'operator ann', again: false };

/** A quarantine with two messages, and a queue that takes what it is sent. */
async function open() {
  const clock = steppedClock();
  const quarantine = vaultQuarantine(memoryVault(), 'orders', 86_400_000, clock);
  const ids: string[] = [];
  for (const messageId of ['m-1', 'm-2'])
    ids.push(
      await quarantine.keep(deadLetter({ messageId }), {
        runId: 'run',
        key: messageId,
        kind: 'refused',
        reason: '400',
        attempts: 1,
      }),
    );
  const journal = memoryJournal();
  let sent = 0;
  const ports = {
    quarantine,
    reopen: async () => true,
    readKeyStatus: async () => 'new' as const,
    send: async () => `sent-${++sent}`,
    journal,
    clock,
  };
  return { ids, journal, ports };
}

describe('a release of several messages', () => {
  test('leaves one record in the journal: who, from which queue, which messages, and when', async () => {
    const { ids, journal, ports } = await open();
    const released = await releaseAll(ports, 'orders', ids, BY_ANN);
    expect(released.map(({ outcome }) => outcome)).toEqual(['released', 'released']);
    const [record, ...others] = await journal.recent(10);
    expect(others).toEqual([]);
    expect(record).toEqual({
      machine: 'release',
      runId: 'release-sent-1',
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      startedBy: 'operator ann',
      subject: 'orders',
      status: 'released',
      reason: '2 of 2 messages are on the queue again',
      messages: ids,
      finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(Date.parse(record?.finishedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(record?.startedAt ?? ''));
  });

  test('goes on after a message that cannot be released, and records those that were', async () => {
    const { ids, journal, ports } = await open();
    const released = await releaseAll(ports, 'orders', ['unknown', ...ids], BY_ANN);
    expect(released[0]).toMatchObject({ id: 'unknown', outcome: 'kept', error: 'NotInQuarantine' });
    expect(await journal.recent(10)).toMatchObject([
      { reason: '2 of 3 messages are on the queue again', messages: ids },
    ]);
  });

  test('that broke off is recorded as far as it came', async () => {
    const { ids, journal, ports } = await open();
    const { send } = ports;
    let calls = 0;
    ports.send = async () => {
      calls += 1;
      if (calls > 1) throw new Error('the network is gone');
      return send();
    };
    await expect(releaseAll(ports, 'orders', ids, BY_ANN)).rejects.toThrow('the network is gone');
    expect(await journal.recent(10)).toMatchObject([
      { reason: '1 of 2 messages are on the queue again', messages: ids.slice(0, 1) },
    ]);
  });

  test('that released nothing leaves no record', async () => {
    const { ids, journal, ports } = await open();
    await releaseAll(ports, 'orders', ids, BY_ANN);
    const again = await releaseAll(ports, 'orders', ids, BY_ANN);
    expect(again.map(({ outcome }) => outcome)).toEqual(['kept', 'kept']);
    expect(await journal.recent(10)).toHaveLength(1);
  });

  test('lists no more messages than a record has room for', async () => {
    const { journal, ports } = await open();
    const ids = Array.from({ length: 1_001 }, (_, index) => `id-${index}`);
    const { quarantine } = ports;
    const [first] = (await quarantine.list(1)).messages;
    ports.quarantine = {
      ...quarantine,
      show: () => quarantine.show(first?.id ?? ''),
      noteRelease: async () => {},
    };
    await releaseAll(ports, 'orders', ids, BY_ANN);
    const [record] = await journal.recent(10);
    expect(record?.messages).toHaveLength(1_000);
    expect(record?.reason).toBe('1001 of 1001 messages are on the queue again');
  });
});
