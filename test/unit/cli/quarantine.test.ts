import { describe, expect, it } from 'vitest';
import { messageDocument, quarantineRow, showMessage, showReleased } from '../../../cli/render/quarantine.ts';
import type { QuarantineEntry, QuarantineReader } from '../../../shared/replay/quarantine/quarantine.ts';
import { ofKind, type Released } from '../../../shared/replay/quarantine/release-all.ts';
import { recordingScreen } from './recording-screen.ts';

const now = new Date('2026-11-22T05:10:00Z');
const ID = '20261122T040000000Z-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
const why = {
  runId: 'replay-webhook-events-1',
  key: 'sns-1',
  kind: 'refused',
  reason: 'mailblast.example.com answered 422 Unprocessable Entity: "no such campaign"',
  attempts: 1,
} as const;
const entry: QuarantineEntry = {
  ...why,
  id: ID,
  messageId: '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0',
  sentAt: new Date('2026-11-22T04:00:00Z'),
  keptAt: new Date('2026-11-22T05:00:00Z'),
  bytes: 42,
  releases: 0,
};
const BODY = 'two lines,\n"quotes" and 📬';
const whole: Awaited<ReturnType<QuarantineReader['show']>> = {
  id: ID,
  queue: 'webhook-events',
  keptAt: entry.keptAt,
  why,
  message: {
    messageId: entry.messageId,
    sentAt: entry.sentAt,
    receiveCount: 3,
    groupId: 'orders',
    deduplicationId: null,
    sourceArn: null,
    traceHeader: null,
    senderId: null,
    firstReceivedAt: null,
    attributes: {
      tenant: { type: 'String', value: 'acme' },
      blob: { type: 'Binary', value: Uint8Array.from([1, 2, 255]) },
    },
    body: BODY,
  },
  releases: [
    { by: 'operator ada', releasedAt: new Date('2026-11-22T05:05:00Z'), key: 'sns-1', messageId: 'm-2' },
  ],
};

describe('a message in quarantine', () => {
  it('is listed with id, key, kind, reason, age and whether it was released', () => {
    expect(quarantineRow(entry, now)).toEqual([
      [ID, 'sns-1'],
      'refused',
      ['mailblast.example.com answered 422 Unprocessable', 'Entity: "no such campaign"'],
      '1h 10m ago',
      'no',
    ]);
    expect(quarantineRow({ ...entry, key: null, releases: 2 }, now)).toMatchObject({ 0: ID, 4: '2 times' });
  });

  it('is shown whole, each line of its body behind a bar', () => {
    const screen = recordingScreen();
    showMessage(screen, whole);
    const text = screen.text();
    expect(text.endsWith('\n  │ two lines,\n  │ "quotes" and 📬')).toBe(true);
    expect(text).toMatch(/attribute +tenant \(String\): acme/);
    expect(text).toMatch(/attribute +blob \(Binary\): AQL\//);
    expect(text).toMatch(/group +orders/);
    expect(text).toMatch(/released +2026-11-22 05:05:00Z by operator ada, as message m-2/);
    expect(text).toMatch(/received 3 times/);
  });

  it('is a document for programs, with bytes as base64', () => {
    const { message } = JSON.parse(JSON.stringify(messageDocument(whole)));
    expect(message.body).toBe(BODY);
    expect(message.attributes).toEqual({
      tenant: { type: 'String', value: 'acme' },
      blob: { type: 'Binary', value: 'AQL/' },
    });
  });

  it('is released with all of its kind, unless it was before', () => {
    const messages = [
      entry,
      { ...entry, id: 'released', releases: 1 },
      { ...entry, id: 'other', kind: 'unparsable' as const },
    ];
    expect(ofKind(messages, 'refused', { again: false }).map(({ id }) => id)).toEqual([ID]);
    expect(ofKind(messages, 'refused', { again: true }).map(({ id }) => id)).toEqual([ID, 'released']);
  });

  it('says of each release what was sent, and of each that was not, why', () => {
    const [release] = whole.releases;
    const released: Released[] = [
      ...(release ? [{ id: ID, outcome: 'released' as const, release }] : []),
      {
        id: 'other',
        outcome: 'kept',
        error: 'AlreadyReleased',
        reason: 'message "other" was released before',
      },
    ];
    const screen = recordingScreen();
    showReleased(screen, released);
    expect(screen.text()).toContain('on its queue again as m-2, with the key sns-1');
    expect(screen.text()).toContain('message "other" was released before');
    expect(screen.text()).toContain('1 of 2 messages released');
  });
});
