const minuteMs = 60_000;
const dayMinutes = 24 * 60;
const weekMinutes = 7 * dayMinutes;
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * When the window that `now` lies in began; undefined outside of it. Windows are in UTC, `hh:mm-hh:mm` each day or
 * `ddd:hh:mm-ddd:hh:mm` each week, and may go on past midnight or the end of the week.
 */
export function windowBegan(window: string, now: Date): Date | undefined {
  const [from = '', to = ''] = window.split('-');
  const cycle = /^[a-z]/.test(from) ? weekMinutes : dayMinutes;
  const minutes = Math.floor(now.getTime() / minuteMs);
  // The first of January 1970 was a Thursday.
  const current = ((minutes + 4 * dayMinutes) % weekMinutes) % cycle;
  const since = (current - minuteOf(from) + cycle) % cycle;
  const length = (minuteOf(to) - minuteOf(from) + cycle) % cycle;
  return since < length ? new Date((minutes - since) * minuteMs) : undefined;
}

function minuteOf(text: string): number {
  const parts = text.split(':');
  const [hour = '', minute = ''] = parts.slice(-2);
  const day = parts.length === 3 ? days.indexOf(parts[0] ?? '') : 0;
  return day * dayMinutes + Number(hour) * 60 + Number(minute);
}
