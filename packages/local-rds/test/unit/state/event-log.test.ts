import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLog } from '../../../state/event-log.ts';

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
  const { list } = { list: new EventLog(folder, now).list(scope) };
  expect(list).toEqual([
    { Date: now, Message: 'one\n  two' },
    { Date: now, Message: 'three' },
  ]);
  expect(new EventLog(folder, now).list({ ...scope, region: 'eu-central-1' })).toEqual([]);
});

test('half a last line is forgotten, and the next event is whole', () => {
  new EventLog(folder, now).append(event(now, 'whole'));
  appendFileSync(path.join(folder, 'events.jsonl'), '{"account":"12');
  const log = new EventLog(folder, now);
  log.append(event(now, 'next'));
  expect(new EventLog(folder, now).list(scope).map(({ Message }) => Message)).toEqual(['whole', 'next']);
});

test('events older than two weeks are let go of at a start', () => {
  const log = new EventLog(folder, now);
  log.append(event(new Date('2026-03-05T23:59:59Z'), 'old'));
  log.append(event(new Date('2026-03-06T00:00:01Z'), 'young'));
  expect(new EventLog(folder, now).list(scope).map(({ Message }) => Message)).toEqual(['young']);
});
