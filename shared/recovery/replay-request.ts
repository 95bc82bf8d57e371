import { createHash } from 'node:crypto';
import * as z from 'zod';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { Incident } from '../evidence/incident.ts';
import { ReplayOptions } from '../replay/options.ts';
import { queueOfAlarm } from './alarm-name.ts';

/** A start by hand or by a schedule. */
const Asked = z.strictObject({
  queue: z.string().min(1),
  startedBy: z.string().min(1),
  /** Names the request. Two requests with one id are one replay. */
  requestId: z.string().min(1).max(200),
  options: ReplayOptions.optional(),
  incident: Incident.optional(),
  /** A schedule starts nothing for an empty queue, nor for one that a replay works on. */
  ifNeeded: z.boolean().default(false),
});
export type AskedReplay = z.input<typeof Asked>;

/**
 * The fields that are read of what CloudWatch sends to SNS.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
const Alarm = z.object({
  AlarmName: z.string().min(1),
  NewStateValue: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
  StateChangeTime: z.string().refine((time) => !Number.isNaN(Date.parse(time)), { error: 'expected a time' }),
});

/** A notification of SNS, as Lambda gets it. https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const Notified = z.object({
  Records: z
    .array(
      z.object({
        EventSource: z.literal('aws:sns'),
        Sns: z.object({
          Message: z
            .string()
            .transform((text, context) => {
              try {
                return JSON.parse(text) as unknown;
              } catch {
                context.addIssue({ code: 'custom', message: 'expected the message of an alarm, as JSON' });
                return z.NEVER;
              }
            })
            .pipe(Alarm),
        }),
      }),
    )
    .length(1, { error: 'expected one record, as SNS sends them' }),
});

/** An event that may start a replay. Its mistakes are those of the kind that it seems to be. */
export const ReplayEvent = z.unknown().transform((event, context) => {
  const isNotified = typeof event === 'object' && event !== null && 'Records' in event;
  const read = isNotified ? Notified.safeParse(event) : Asked.safeParse(event);
  if (read.success) return read.data;
  for (const { message, path } of read.error.issues) context.addIssue({ code: 'custom', message, path });
  return z.NEVER;
});
export type ReplayEvent = z.infer<typeof ReplayEvent>;

/** A replay to start. Its name is derived from `startRequest`. */
export interface ReplayRequest {
  readonly queue: string;
  readonly startedBy: string;
  /** The same for the same alarm, the same time of a schedule, the same request. */
  readonly startRequest: string;
  readonly options: ReplayOptions;
  readonly incident: Incident | null;
  readonly ifNeeded: boolean;
}

/** An alarm that does not belong to a queue of this stack. */
export class NotOurAlarm extends LifeboatError {
  override readonly name = 'NotOurAlarm';
  override readonly kind = 'usage';
}

/**
 * Reads which replay to start, and for whom. An alarm names its queue, and its onset is the incident.
 *
 * @returns null where there is nothing to do: an alarm that is over
 * @throws NotOurAlarm
 */
export function replayRequest(event: ReplayEvent, stack: string): ReplayRequest | null {
  if (!('Records' in event)) {
    const { requestId, options = {}, incident = null, ...asked } = event;
    return { ...asked, startRequest: `${event.queue}/${requestId}`, options, incident };
  }
  const alarm = event.Records[0]?.Sns.Message;
  if (alarm?.NewStateValue !== 'ALARM') return null;
  const queue = queueOfAlarm(stack, alarm.AlarmName);
  if (queue === null)
    throw new NotOurAlarm(
      `the alarm "${alarm.AlarmName}" is not on a queue of stack ${stack}: take this function out of its actions`,
    );
  return {
    queue,
    startedBy: `alarm ${alarm.AlarmName}`,
    startRequest: `${alarm.AlarmName}/${alarm.StateChangeTime}`,
    options: {},
    incident: { failedAt: new Date(alarm.StateChangeTime).toISOString() },
    ifNeeded: false,
  };
}

/** The name of the execution, which is the run's id. One start request has one name, so Step Functions refuses a second start. */
export function runIdOf({ queue, startRequest }: ReplayRequest): string {
  return `replay-${queue}-${createHash('sha256').update(startRequest).digest('hex').slice(0, 16)}`;
}
