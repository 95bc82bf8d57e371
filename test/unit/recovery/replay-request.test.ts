import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { deriveSchedules } from '../../../resources/schedules.ts';
import { alarmNameOf } from '../../../shared/recovery/alarm-name.ts';
import {
  type AskedReplay,
  NotOurAlarm,
  ReplayEvent,
  type ReplayRequest,
  replayRequest,
  runIdOf,
} from '../../../shared/recovery/replay-request.ts';
import { planOf } from '../resources/plan-fixture.ts';

const STACK = 'lifeboat-mailblast-prod';
/** As CloudWatch writes it. */
const CHANGED = '2026-10-05T02:13:42.236+0000';

/** What SNS hands to a function of what CloudWatch sent. */
function alarm(difference: object = {}): object {
  const Message = JSON.stringify({
    AlarmName: alarmNameOf(STACK, 'ses-events'),
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:111122223333:alarm:any',
    AWSAccountId: '111122223333',
    NewStateValue: 'ALARM',
    OldStateValue: 'OK',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: CHANGED,
    ...difference,
  });
  return notified(Message);
}

const notified = (Message: string) => ({
  Records: [
    { EventSource: 'aws:sns', EventVersion: '1.0', Sns: { Type: 'Notification', MessageId: 'm', Message } },
  ],
});

const read = (event: unknown): ReplayRequest | null => replayRequest(ReplayEvent.parse(event), STACK);
const byHand = { queue: 'ses-events', startedBy: 'ops', requestId: 'r-1' };

describe('an alarm', () => {
  test('starts the replay of its queue; its onset is the incident', () => {
    expect(read(alarm())).toMatchObject({
      queue: 'ses-events',
      startedBy: 'alarm lifeboat-mailblast-prod-replay-ses-events',
      options: {},
      incident: { failedAt: '2026-10-05T02:13:42.236Z' },
      ifNeeded: false,
    });
  });

  test.each(['OK', 'INSUFFICIENT_DATA'])('that changes to %s starts nothing', (NewStateValue) => {
    expect(read(alarm({ NewStateValue }))).toBeNull();
  });

  test.each([
    'lifeboat-mailblast-staging-replay-ses-events',
    'lifeboat-mailblast-prod-replay-',
    'lifeboat-mailblast-prod-BackupMachineFailed',
    'of somebody else',
  ])('named "%s" is none of this stack', (AlarmName) => {
    const refused = () => read(alarm({ AlarmName }));
    expect(refused).toThrow(NotOurAlarm);
    expect(refused).toThrow(AlarmName);
  });

  test('is the same request each time it is delivered, and another one when it is raised again', () => {
    const first = name(read(alarm()));
    expect(name(read(alarm({ NewStateReason: 'told in other words' })))).toBe(first);
    expect(name(read(alarm({ StateChangeTime: '2026-10-05T02:14:42.236+0000' })))).not.toBe(first);
  });
});

describe('a start by hand or by a schedule', () => {
  test('says what it wants', () => {
    const options = { filter: 'body.type', max: 5, dryRun: true };
    const incident = { failedAt: '2026-10-05T02:00:00Z', scenario: 'webhook-failure' };
    expect(read({ ...byHand, options, incident, ifNeeded: true })).toMatchObject({
      queue: 'ses-events',
      startedBy: 'ops',
      options,
      incident,
      ifNeeded: true,
    });
    expect(read(byHand)).toMatchObject({ options: {}, incident: null, ifNeeded: false });
  });

  test('is understood as the command line writes it', () => {
    const asked: AskedReplay = {
      queue: 'ses-events',
      startedBy: 'ops',
      requestId: 'r-1',
      options: { filter: 'body.type', max: 5, rate: 2.5, minutes: 0.5, dryRun: false },
      incident: { failedAt: '2026-10-05T02:00:00.000Z', scenario: 'webhook-failure' },
    };
    const { requestId, ...wanted } = asked;
    expect(read(JSON.parse(JSON.stringify(asked)))).toEqual({
      ...wanted,
      startRequest: `ses-events/${requestId}`,
      ifNeeded: false,
    });
  });

  test('is understood as a schedule of the template writes it, and each of its times is another request', () => {
    const orders = { deadLetters: 'orders-dlq', target: { queue: 'orders' }, scenario: 'crash' };
    const plan = planOf({ replays: { orders: { ...orders, schedule: 'rate(1 hour)' } } });
    const { OrdersReplaySchedule } = deriveSchedules(plan) as {
      OrdersReplaySchedule: { Properties: { Target: { Input: string } } };
    };
    const { Input } = OrdersReplaySchedule.Properties.Target;
    const at = (time: string) =>
      name(read(JSON.parse(Input.replace('<aws.scheduler.scheduled-time>', time))));
    expect(at('2026-10-05T02:00:00Z')).toBe(at('2026-10-05T02:00:00Z'));
    expect(at('2026-10-05T03:00:00Z')).not.toBe(at('2026-10-05T02:00:00Z'));
  });

  test('is the same request under the same id, for the same queue', () => {
    const first = name(read(byHand));
    expect(name(read({ ...byHand, startedBy: 'another' }))).toBe(first);
    expect(name(read({ ...byHand, requestId: 'r-2' }))).not.toBe(first);
    expect(name(read({ ...byHand, queue: 'other' }))).not.toBe(first);
  });
});

describe('the name of an execution', () => {
  test.each([
    byHand,
    { ...byHand, queue: 'q'.repeat(31), requestId: 'x'.repeat(200) },
    { ...byHand, requestId: '2026-10-05T02:00:00Z' },
    { ...byHand, requestId: '<odd> / "id" * 😀\n' },
    alarm(),
  ])('fits Step Functions whatever the request is called', (event) => {
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    expect(name(read(event))).toMatch(/^[a-z0-9-]{1,80}$/);
  });
});

describe('an event that nobody sends', () => {
  test.each([
    ['is nothing', null, /expected object, received null/],
    ['is empty', {}, /at queue/],
    [
      'names no request',
      { queue: 'q', startedBy: 'me' },
      /expected string, received undefined\n\s+→ at requestId/,
    ],
    ['asks for what there is not', { ...byHand, options: { max: 0 } }, /at options\.max/],
    ['asks in other words', { ...byHand, dryrun: true }, /Unrecognized key: "dryrun"/],
    [
      'has two records',
      { Records: [...notified('{}').Records, ...notified('{}').Records] },
      /expected one record/,
    ],
    [
      'is of another service',
      { Records: [{ EventSource: 'aws:sqs', body: '{}' }] },
      /at Records\[0\]\.EventSource/,
    ],
    ['has a message that is no JSON', notified('Alarm!'), /expected the message of an alarm, as JSON/],
    ['has a message that is no alarm', notified('{"Event": "s3:TestEvent"}'), /AlarmName/],
    ['has an alarm without a time', alarm({ StateChangeTime: 'lately' }), /expected a time/],
    ['has an alarm in no state', alarm({ NewStateValue: 'alarm' }), /"OK"\|"ALARM"\|"INSUFFICIENT_DATA"/],
  ])('is refused where it %s, with what was expected', (_, event, words) => {
    const { error } = ReplayEvent.safeParse(event);
    expect(z.prettifyError(error ?? new z.ZodError([]))).toMatch(words);
  });
});

function name(request: ReplayRequest | null): string {
  if (request === null) throw new Error('it starts nothing');
  return runIdOf(request);
}
