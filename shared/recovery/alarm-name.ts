/** The name of the alarm on the depth of a queue of the plan. */
export function alarmNameOf(stack: string, queue: string): string {
  return `${stack}-replay-${queue}`;
}

/** The queue whose alarm has that name; null where it is no alarm on a queue of this stack. */
export function queueOfAlarm(stack: string, alarm: string): string | null {
  const start = alarmNameOf(stack, '');
  return alarm.startsWith(start) && alarm.length > start.length ? alarm.slice(start.length) : null;
}
