import type { Rehydrated } from './rehydrate.ts';

/** A run that sent nothing did not fill a queue, so it does not end as one that did. */
export function rehydrationOutcome(
  { sent }: Pick<Rehydrated, 'sent'>,
  dryRun: boolean,
): 'rehydrated' | 'nothing-sent' | 'dry-run' {
  if (dryRun) return 'dry-run';
  return sent === 0 ? 'nothing-sent' : 'rehydrated';
}

/** What a rehydration did or would do: `120 rows: 90 sent, 30 in the queue before`. */
export function rehydrationInWords(
  { rows, sent, alreadySent, unknown }: Rehydrated,
  dryRun: boolean,
): string {
  const doubtful = unknown > 0 ? `; of those sent, ${unknown} may have been sent before too` : '';
  const nothing = sent === 0 && !dryRun ? `; ${WHY_NOTHING[rows === 0 ? 'no-rows' : 'sent-before']}` : '';
  return `${rows} rows: ${sent} ${dryRun ? 'would be sent' : 'sent'}, ${alreadySent} sent before${doubtful}${nothing}`;
}

const WHY_NOTHING = {
  'no-rows':
    "nothing was sent, because the plan's query finds no row: see whether the database is the restored one",
  'sent-before':
    'nothing was sent, because every row was sent before and may still be in the queue: if it lost them, empty it and run this again',
} as const;
