/** JSON in which a time stays a time: `{"$date":"2026-03-01T12:00:00.000Z"}`. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value, replaced, 2)}\n`;
}

/** Reads what `toJson` wrote. */
export function fromJson(text: string): unknown {
  return JSON.parse(text, (_, value) => (isWrittenDate(value) ? new Date(value.$date) : value));
}

function replaced(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  return original instanceof Date ? { $date: value } : value;
}

const isWrittenDate = (value: unknown): value is { $date: string } =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === '$date';
