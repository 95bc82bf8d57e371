import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog } from '../../../state/event-log.ts';
import { canMount, smallDisk } from '../../support/small-disk.ts';

const scope = { account: '123456789012', region: 'eu-west-1' };
const now = new Date('2026-03-20T00:00:00Z');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'events-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const event = (when: Date, Message: string) => ({ ...scope, event: { Date: when, Message } });

test('events are there after a restart, in order, each with its line breaks', () => {
  const log = new EventLog(folder, now);
  log.append(event(now, 'one\n  two'));
  log.append(event(now, 'three'));
  const { list } = { list: new EventLog(folder, now).list(scope, now) };
  expect(list).toEqual([
    { Date: now, Message: 'one\n  two' },
    { Date: now, Message: 'three' },
  ]);
  expect(new EventLog(folder, now).list({ ...scope, region: 'eu-central-1' }, now)).toEqual([]);
});

test('half a last line is forgotten, and the next event is whole', () => {
  new EventLog(folder, now).append(event(now, 'whole'));
  appendFileSync(path.join(folder, 'events.jsonl'), '{"account":"12');
  const log = new EventLog(folder, now);
  log.append(event(now, 'next'));
  expect(new EventLog(folder, now).list(scope, now).map(({ Message }) => Message)).toEqual(['whole', 'next']);
});

test('events older than two weeks are let go of at a start', () => {
  const log = new EventLog(folder, now);
  log.append(event(new Date('2026-03-05T23:59:59Z'), 'old'));
  log.append(event(new Date('2026-03-06T00:00:01Z'), 'young'));
  expect(new EventLog(folder, now).list(scope, now).map(({ Message }) => Message)).toEqual(['young']);
});

test('events older than two weeks are let go of while the program runs', () => {
  const log = new EventLog(folder, now);
  log.append(event(now, 'old'));
  const later = new Date(now.getTime() + 14 * 24 * 3_600_000);
  log.append(event(later, 'young'));
  expect(log.list(scope, new Date(later.getTime() - 1)).map(({ Message }) => Message)).toEqual([
    'old',
    'young',
  ]);
  expect(log.list(scope, later).map(({ Message }) => Message)).toEqual(['young']);
});

test.runIf(canMount())('a full disk leaves no half line between two events', () => {
  const disk = smallDisk(64);
  try {
    const log = new EventLog(disk.folder, now);
    const long = 'x'.repeat(1_000);
    // The rest of its last block is all that is left.
    log.append(event(now, `first ${long}`));
    disk.fill();
    for (let count = 0; count < 20; count++) log.append(event(now, `${count} ${long}`));
    expect(log.list(scope, now)).toHaveLength(21);
    disk.free();
    log.append(event(now, 'there is room again'));
    const written = new EventLog(disk.folder, now).list(scope, now).map(({ Message }) => Message);
    expect(written.at(-1)).toBe('there is room again');
    expect(written.length).toBeGreaterThan(2);
    expect(written.length).toBeLessThan(22);
  } finally {
    disk.remove();
  }
});
