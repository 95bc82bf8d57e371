import type { Plan } from '../shared/plan/schema.ts';
import type { StackRole } from '../shared/plan/stack-role.ts';
import { lastingAlarms } from './alarms.ts';
import { TO_LOST_EVENTS } from './lost-events.ts';

const MORNING = 'cron(0 8 * * ? *)';

/**
 * A CloudWatch alarm tells people once, when it goes off, and does not repeat itself. Each morning these schedules
 * set every lasting alarm to OK. One that still has a reason goes off again within minutes, and so tells again.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
 */
export function deriveReminders(plan: Plan, role: StackRole = 'alone'): Record<string, object> {
  return Object.fromEntries(
    lastingAlarms(plan, role).map(([id]) => [id.replace(/Alarm$/, 'Reminder'), reminder(id)]),
  );
}

function reminder(alarm: string): object {
  const state = {
    AlarmName: `\${${alarm}}`,
    StateValue: 'OK',
    StateReason: 'set by the daily reminder: an alarm that still has a reason goes off again',
  };
  return {
    Type: 'AWS::Scheduler::Schedule',
    Properties: {
      GroupName: { Ref: 'ScheduleGroup' },
      Description: `Reminds of ${alarm}`,
      ScheduleExpression: MORNING,
      ScheduleExpressionTimezone: 'UTC',
      // All at once could be throttled: SetAlarmState has a quota for each account and Region.
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 },
      Target: {
        Arn: { 'Fn::Sub': `arn:\${AWS::Partition}:scheduler:::aws-sdk:cloudwatch:setAlarmState` },
        RoleArn: { 'Fn::GetAtt': ['SchedulerRole', 'Arn'] },
        Input: { 'Fn::Sub': JSON.stringify(state) },
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 },
        DeadLetterConfig: TO_LOST_EVENTS,
      },
    },
  };
}
