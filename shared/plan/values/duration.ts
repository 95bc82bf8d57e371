import ms, { type StringValue } from 'ms';
import { LifeboatError } from '../../errors/lifeboat-error.ts';

declare const unit: unique symbol;

/** A duration in milliseconds. At runtime it is a plain number; the type keeps other numbers out. */
export type Milliseconds = number & { readonly [unit]: 'milliseconds' };

/** Marks a number as a duration in milliseconds. */
export function milliseconds(count: number): Milliseconds {
  return count as Milliseconds;
}

const SECOND = milliseconds(1_000);
export const MINUTE = milliseconds(60 * SECOND);
export const HOUR = milliseconds(60 * MINUTE);
export const DAY = milliseconds(24 * HOUR);

/** One whole number and one unit: `0s`, `30s`, `15m`, `2h`, `30d`. Stricter than `ms`, which also reads `1.5h` and `2 years`. */
export const DURATION = /^(?:0s|[1-9][0-9]{0,4}[smhd])$/;

/** The text is not a duration. */
export class DurationInvalid extends LifeboatError {
  override readonly name = 'DurationInvalid';
  override readonly kind = 'usage';

  readonly text: string;

  constructor(text: string) {
    super(`expected a duration such as 30s, 15m, 2h or 30d, found ${JSON.stringify(text)}`);
    this.text = text;
  }
}

/**
 * Milliseconds of a duration written `30s`, `15m`, `2h` or `30d`.
 *
 * @throws {DurationInvalid} for any other spelling
 */
export function parseDuration(text: string): Milliseconds {
  if (!DURATION.test(text)) throw new DurationInvalid(text);
  return milliseconds(ms(text as StringValue));
}

const UNITS: readonly [milliseconds: number, symbol: string][] = [
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
];

/**
 * Milliseconds for people: the largest unit and the next (`1h 30m`, `15m`, `2d`), tenths below ten seconds
 * (`4.3s`), milliseconds below one second (`850ms`).
 *
 * Rounds up: a recovery time must never look better than it was measured.
 *
 * @throws {RangeError} for NaN, an infinity or a negative number
 */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new RangeError(`${milliseconds} is not a duration in milliseconds`);
  }
  if (milliseconds === 0) return '0s';
  if (Math.ceil(milliseconds) < SECOND) return `${Math.ceil(milliseconds)}ms`;
  if (milliseconds < 10 * SECOND) return `${Math.ceil(milliseconds / 100) / 10}s`;
  return twoUnits(milliseconds);
}

function twoUnits(milliseconds: number): string {
  const largest = UNITS.findIndex(([unit]) => milliseconds >= unit);
  const [unit, symbol] = UNITS[largest] ?? [SECOND, 's'];
  const [nextUnit, nextSymbol] = UNITS[largest + 1] ?? [unit, symbol];
  const rounded = Math.ceil(milliseconds / nextUnit) * nextUnit;
  // Rounding up may reach the larger unit: 59m 59.5s is 1h, not 60m.
  if (UNITS.some(([larger]) => larger > unit && rounded >= larger)) return twoUnits(rounded);

  const rest = (rounded % unit) / nextUnit;
  return `${Math.floor(rounded / unit)}${symbol}${rest === 0 ? '' : ` ${rest}${nextSymbol}`}`;
}
