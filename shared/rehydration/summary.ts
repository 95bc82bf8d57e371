import type { Rehydrated } from './rehydrate.ts';

/** What a rehydration did or would do: `120 rows: 90 sent, 30 sent before`. */
export function rehydrationInWords(
  { rows, sent, alreadySent, unknown }: Rehydrated,
  dryRun: boolean,
): string {
  const doubtful = unknown > 0 ? `; of those sent, ${unknown} may have been sent before too` : '';
  return `${rows} rows: ${sent} ${dryRun ? 'would be sent' : 'sent'}, ${alreadySent} sent before${doubtful}`;
}
