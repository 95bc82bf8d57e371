import type { Rehydrated } from './rehydrate.ts';

/** `120 rows: 90 sent, 30 sent before`: what a rehydration did, or what it would do. */
export function rehydrationInWords(
  { rows, sent, alreadySent, unknown }: Rehydrated,
  dryRun: boolean,
): string {
  const doubtful = unknown > 0 ? `; of those sent, ${unknown} may have been sent before too` : '';
  return `${rows} rows: ${sent} ${dryRun ? 'would be sent' : 'sent'}, ${alreadySent} sent before${doubtful}`;
}
