import type { OutgoingMessage } from '../../delivery/outgoing-message.ts';

/** Where a message was before it became a dead letter. */
export interface Source {
  /** `orders`. A queue and a function can have the same one. */
  readonly name: string;
  /** `queue`, `function`, `topic`, or another service as its ARN names it. */
  readonly kind: string;
  /** `queue:orders`: stands for one source and no other. */
  readonly id: string;
}

const KINDS: Readonly<Record<string, string>> = { sqs: 'queue', lambda: 'function', sns: 'topic' };

/**
 * The source of a message: the queue whose redrive moved it, or the function, target or schedule whose delivery failed. Null
 * where neither SQS nor a wrapper tells.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export function sourceOf(message: Pick<OutgoingMessage, 'sourceArn' | 'wrapper'>): Source | null {
  const arn = message.sourceArn ?? message.wrapper?.failedArn ?? null;
  if (arn === null) return null;
  const [, , service = ''] = arn.split(':');
  const [kind, name] = [KINDS[service] ?? (service || 'other'), nameOf(arn)];
  return { kind, name, id: `${kind}:${name}` };
}

/** The id of the queue with this name, as a source. */
export function queueSource(name: string): string {
  return `${KINDS.sqs}:${name}`;
}

/** Ids of sources, for people: names, and ids where two sources have one name. */
export function sourcesInWords(ids: readonly string[]): string[] {
  const names = ids.map(nameOfId);
  return ids
    .map((id) => (names.filter((name) => name === nameOfId(id)).length > 1 ? id : nameOfId(id)))
    .sort();
}

/** The name in an id. */
export function nameOfId(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/**
 * The entry of a plan's `sources` that a source belongs to: the one with its id, else the one with its name.
 *
 * @returns undefined where the plan names it in neither way
 */
export function plannedSource(entries: { has(key: string): boolean }, id: string): string | undefined {
  return [id, nameOfId(id)].find((key) => entries.has(key));
}

/** `arn:aws:lambda:…:function:orders:live` is `orders`, `arn:aws:sqs:…:orders` too. */
function nameOf(arn: string): string {
  const [, functionName] = /:function:([^:]+)/.exec(arn) ?? [];
  return functionName ?? arn.slice(arn.lastIndexOf(':') + 1);
}
