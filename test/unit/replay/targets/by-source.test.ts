import { expect, test } from 'vitest';
import type { Target } from '../../../../shared/delivery/target.ts';
import { bySource } from '../../../../shared/replay/targets/by-source.ts';
import { deadLetter } from '../dead-letter.ts';

/** A target that answers with its own name. */
const named = (name: string): Target => ({
  deliver: async () => ({ outcome: 'refused', reason: name }),
  health: async () => null,
  close: async () => {},
});

const of = (service: string, name: string) =>
  deadLetter({ sourceArn: `arn:aws:${service}:us-west-2:123456789012:${name}` });

test.each([
  ['to the one with its name', ['orders'], of('sqs', 'orders'), 'orders'],
  ['to the one with its kind and name', ['queue:orders'], of('sqs', 'orders'), 'queue:orders'],
  [
    'to that rather than to the one with its name',
    ['orders', 'queue:orders'],
    of('sqs', 'orders'),
    'queue:orders',
  ],
  ['not to that of a function with its name', ['function:orders'], of('sqs', 'orders'), 'all others'],
  [
    'to that of its function',
    ['queue:orders', 'function:orders'],
    of('lambda', 'function:orders:live'),
    'function:orders',
  ],
  ['to that of all others', ['orders'], of('sqs', 'payments'), 'all others'],
  ['to that of all others where nothing tells its source', ['orders'], deadLetter({}), 'all others'],
])('a message goes %s', async (_, entries, message, target) => {
  const routes = new Map(entries.map((entry) => [entry, named(entry)]));
  const delivered = await bySource(named('all others'), routes).deliver(
    message,
    'key',
    new AbortController().signal,
  );
  expect(delivered).toMatchObject({ reason: target });
});
