import { dealtWith, type RunProgress, type Tally, timeLeft } from '../../shared/status/tally.ts';
import type { Sample } from '../follow/rate.ts';
import { progressInWords, took } from './words.ts';

/** The unit of a report's rate. */
export function measured(report: RunProgress): Omit<Sample, 'at'> {
  return 'account' in report
    ? { of: 'messages', done: dealtWith(report.account) }
    : { of: report.doing, done: report.bytes };
}

/** A report as text for the live line. */
export function reportInWords(report: RunProgress, rate: number | null): string {
  return 'account' in report ? tallyInWords(report, rate) : progressInWords(report, rate);
}

/** `1,204 of 2,000 messages at 310/s, 3s left: 980 delivered, 201 duplicates, 20 quarantined, 3 returned`. */
export function tallyInWords(tally: Tally, rate: number | null): string {
  const { account, expected } = tally;
  const number = (value: number) => value.toLocaleString('en-US');
  const done = dealtWith(account);
  // SQS's count is approximate, and returned messages may be received again.
  const of = expected === null ? '' : ` of ${number(Math.max(expected, done))}`;
  const speed = rate === null || rate < 0.5 ? '' : ` at ${number(Math.round(rate))}/s`;
  const left = timeLeft(tally, rate);
  const eta = left === null ? '' : `, ${took(Math.ceil(left / 1_000) * 1_000)} left`;
  const kinds = (['delivered', 'duplicates', 'quarantined', 'returned'] as const)
    .filter((kind) => account[kind] > 0)
    .map((kind) => `${number(account[kind])} ${kind}`);
  return `${number(done)}${of} messages${speed}${eta}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}`;
}
