import { formatDuration } from '../plan/values/duration.ts';
import type { Measure, WorstLoss } from './measure-recovery.ts';

/** A measure in words: `12s, target 15m: met (measured)`. */
export function measureInWords({ basis, seconds, targetSeconds, met, judgedBy }: Measure): string {
  const limit = targetInWords(targetSeconds, judgedBy);
  if (seconds === null) return `not measured, ${limit}`;
  const judged = met === null ? '' : met ? ': met' : ': MISSED';
  return `${durationOf(seconds)}, ${limit}${judged} (${basis})`;
}

/** The worst loss in words: `1d between two backups, objective 15m: NOT MET by the plan's schedules`. */
export function worstLossInWords({ seconds, targetSeconds, met }: WorstLoss): string {
  const loss =
    seconds === null
      ? 'not bounded, nothing is taken on a schedule'
      : `${durationOf(seconds)} between two backups`;
  const objective =
    targetSeconds === null ? 'any loss is accepted' : `objective ${durationOf(targetSeconds)}`;
  return `${loss}, ${objective}: ${met ? 'met' : "NOT MET by the plan's schedules"}`;
}

function targetInWords(targetSeconds: number | null, judgedBy: Measure['judgedBy']): string {
  if (judgedBy === 'schedule')
    return targetSeconds === null ? 'taken on demand' : `its schedule allows ${durationOf(targetSeconds)}`;
  return targetSeconds === null ? 'any loss is accepted' : `target ${durationOf(targetSeconds)}`;
}

function durationOf(seconds: number): string {
  return formatDuration(Math.round(seconds * 1000));
}
