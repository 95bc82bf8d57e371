import * as z from 'zod';
import type { Evidence } from '../../shared/evidence/evidence.ts';
import type { Row } from './plan-summary.ts';
import type { Screen } from './screen.ts';
import { createTable } from './table.ts';

const Inspected = z.object({ read: z.number(), wouldBe: z.record(z.string(), z.number()) });

/** What would become of a message, by the word that the inspection has for it. */
const WORDS: Readonly<Record<string, string>> = {
  deliver: 'sent, unless the application has it',
  duplicate: 'not sent: delivered before, or twice in the queue',
  busy: 'left to the replay that works on it',
  filtered: 'left in the queue by the filter',
  unparsable: 'to quarantine: not in the format of the plan',
  'key-missing': 'to quarantine: without a key',
  mismatch: 'to quarantine: a known key with another body',
  'too-old': 'to quarantine: too old',
};

/** What a replay would do, as an inspection found it: messages and what would become of them. */
export function wouldBeRows({ steps }: Pick<Evidence, 'steps'>): Row[] {
  const { data } = Inspected.safeParse(steps.inspect);
  return Object.entries(data?.wouldBe ?? {}).map(([word, messages]) => [
    messages.toLocaleString('en-US'),
    WORDS[word] ?? word,
  ]);
}

/** Shows what a dry run found. */
export function showWouldBe(screen: Screen, evidence: Evidence): void {
  const rows = wouldBeRows(evidence);
  if (rows.length === 0) return;
  const table = createTable(screen, ['messages', 'would be']);
  for (const [messages = '', words = ''] of rows) table.push([{ content: messages, hAlign: 'right' }, words]);
  screen.line();
  screen.line(table.toString());
}
