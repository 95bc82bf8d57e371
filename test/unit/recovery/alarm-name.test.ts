import { expect, test } from 'vitest';
import { alarmNameOf, queueOfAlarm } from '../../../shared/recovery/alarm-name.ts';

test.each([
  ['lifeboat-mailblast-prod', 'webhook-events'],
  ['a-replay-b', 'c-replay-d'],
])('the alarm of stack %s on queue %s leads back to the queue', (stack, queue) => {
  expect(queueOfAlarm(stack, alarmNameOf(stack, queue))).toBe(queue);
});

test.each(['other-prod-replay-orders', 'shop-prod-replay-', 'shop-prod-BackupMachineFailedAlarm', ''])(
  'the alarm %j is no alarm on a queue of the stack shop-prod',
  (alarm) => {
    expect(queueOfAlarm('shop-prod', alarm)).toBeNull();
  },
);
