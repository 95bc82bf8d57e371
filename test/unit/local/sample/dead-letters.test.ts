import { describe, expect, it } from 'vitest';
import { composeDeadLetters, FEWEST, MOST } from '../../../../local/sample/dead-letters.ts';
import { snsEnvelope } from '../../../../shared/delivery/sns-envelope.ts';

const about = { topicArn: 'arn:aws:sns:us-east-1:000000000000:events', at: new Date('2026-11-22T04:00:00Z') };

const parsed = (body: string) => {
  try {
    return snsEnvelope(JSON.parse(body));
  } catch {
    return null;
  }
};

describe('the dead letters of a drill', () => {
  it.each([FEWEST, 777, 2_000, MOST])('are exactly %i, each in one of the groups', (messages) => {
    const { bodies, fresh, known, refused, copies, unparsable, mismatched } = composeDeadLetters(
      messages,
      about,
    );
    expect(bodies).toHaveLength(messages);
    expect(fresh.length + known.length + refused.length + copies + unparsable + mismatched).toBe(messages);
    expect(copies).toBe(Math.floor(messages / 5));
  });

  it('are the same each time, and not in the order of their events', () => {
    const { bodies, fresh } = composeDeadLetters(500, about);
    expect(composeDeadLetters(500, about).bodies).toEqual(bodies);
    const firsts = bodies.slice(0, 50).map((body) => fresh.indexOf(parsed(body)?.MessageId ?? ''));
    expect(firsts).not.toEqual([...firsts].sort((a, b) => a - b));
  });

  it('hold what their groups say: copies to the byte, one MessageId with two bodies, no events at all', () => {
    const { bodies, fresh, known, refused, copies, unparsable, mismatched } = composeDeadLetters(
      2_000,
      about,
    );
    expect(bodies.length - new Set(bodies).size).toBe(copies);
    expect(bodies.filter((body) => parsed(body) === null)).toHaveLength(unparsable);

    const bodiesOf = Map.groupBy(new Set(bodies), (body) => parsed(body)?.MessageId ?? '');
    expect([...bodiesOf.keys()].filter((id) => id !== '').sort()).toEqual(
      [...fresh, ...known, ...refused].sort(),
    );
    expect(fresh.filter((id) => bodiesOf.get(id)?.length === 2)).toHaveLength(mismatched);
    expect(known.every((id) => bodiesOf.get(id)?.length === 1)).toBe(true);
  });

  it('have several lines, quotes and an emoji among them', () => {
    const { bodies } = composeDeadLetters(100, about);
    const messages = bodies.map((body) => parsed(body)?.Message ?? body);
    for (const awkward of ['\n', '\\n', '\\"', '📬', '😱']) expect(messages.join('')).toContain(awkward);
  });
});
