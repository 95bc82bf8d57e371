import type { MessageAttribute } from '../../shared/delivery/outgoing-message.ts';
import type { QuarantineEntry, QuarantineReader } from '../../shared/replay/quarantine/quarantine.ts';
import type { Released } from '../../shared/replay/quarantine/release-all.ts';
import { bytes, count } from '../../shared/run/quantity.ts';
import type { Screen } from './screen.ts';
import { quoted, shown } from './shown.ts';
import { type Cell, createTable, wrapped } from './table.ts';
import { fact } from './verdict.ts';
import { ago, utc } from './words.ts';

type Whole = Awaited<ReturnType<QuarantineReader['show']>>;

const REASON_WIDTH = 48;

/** A quarantined message as a line of the list. The key is below the id. */
export function quarantineRow(message: QuarantineEntry, now: Date): Cell[] {
  const { id, key, kind, reason, sentAt, releases } = message;
  return [
    key === null ? id : [id, key],
    kind,
    wrapped(reason, REASON_WIDTH),
    ago(sentAt, now),
    releases === 0 ? 'no' : count(releases, 'time'),
  ];
}

/** Lists the quarantined messages. */
export function showQuarantine(
  screen: Screen,
  title: string,
  { total, messages }: { total: number; messages: readonly QuarantineEntry[] },
  now: Date,
): void {
  const fewer = messages.length < total ? `, ${messages.length.toLocaleString('en-US')} shown` : '';
  screen.line();
  screen.line(shown`${screen.paint('bold', title)}  ${count(total, 'message')}${fewer}`);
  if (messages.length === 0) return;
  const table = createTable(screen, ['id, and the key', 'kind', 'reason', 'sent', 'released']);
  for (const message of messages) table.push(quarantineRow(message, now));
  screen.line(table.shown());
}

/** Shows one message, with its body last, line by line behind a bar. `--json` has the body as it is. */
export function showMessage(screen: Screen, quarantined: Whole): void {
  const { id, queue, keptAt, why, message, releases } = quarantined;
  const line = (label: string, text: string) => screen.line(fact(screen, label, text));
  screen.line();
  screen.line(shown`${screen.paint('bold', id)}  ${why.kind}: ${why.reason}`);
  line('queue', queue);
  line('key', why.key ?? 'none');
  line('kept', `${utc(keptAt)} by ${why.runId}, after ${count(why.attempts, 'delivery', 'deliveries')}`);
  line(
    'message',
    `${message.messageId}, sent ${utc(message.sentAt)}, received ${count(message.receiveCount, 'time')}`,
  );
  if (message.groupId !== null) line('group', message.groupId);
  if (message.deduplicationId !== null) line('deduplication', message.deduplicationId);
  for (const [name, attribute] of Object.entries(message.attributes))
    line('attribute', `${name} (${attribute.type}): ${attributeText(attribute)}`);
  for (const release of releases)
    line('released', `${utc(release.releasedAt)} by ${release.by}, as message ${release.messageId}`);
  line('body', `${bytes(Buffer.byteLength(message.body))}:`);
  screen.line(quoted(message.body));
}

/** A message for programs: binary attributes as base64. */
export function messageDocument({ message, ...quarantined }: Whole): object {
  const attributes = Object.entries(message.attributes).map(([name, attribute]) => [
    name,
    { type: attribute.type, value: attributeText(attribute) },
  ]);
  return { ...quarantined, message: { ...message, attributes: Object.fromEntries(attributes) } };
}

function attributeText({ value }: MessageAttribute): string {
  return typeof value === 'string' ? value : Buffer.from(value).toString('base64');
}

/** Shows which messages were returned to the queue and which were not. */
export function showReleased(screen: Screen, released: readonly Released[]): void {
  const { paint } = screen;
  screen.line();
  for (const each of released) {
    const mark = each.outcome === 'released' ? paint('green', '✔') : paint('red', '✖');
    screen.line(shown`  ${mark} ${each.id}`);
    screen.line(
      each.outcome === 'released'
        ? `    on its queue again as ${each.release.messageId}, with the key ${each.release.key}`
        : `    ${each.reason}`,
    );
  }
  const done = released.filter(({ outcome }) => outcome === 'released').length;
  screen.line(`  ${done.toLocaleString('en-US')} of ${count(released.length, 'message')} released`);
}
