import type { Reference, ServiceModel } from '../../protocol/service-model.ts';

const awkward = 'ä & <b>"x"</b> + 100 % = \'y\'; ü\n\t 漢';

/** One that fits is taken for a text with a pattern. */
const candidates = [
  awkward,
  'abcde',
  'db.t4g.micro',
  'arn:aws:rds:eu-west-1:123456789012:db:mydb',
  'arn:aws:iam::123456789012:role/some',
  'arn:aws:rds:eu-west-1:123456789012:integration:01234567-89ab-cdef-0123-456789abcdef',
  'arn:aws:backup:eu-west-1:123456789012:recovery-point:abc',
];

/** A value of a shape with every member set, two items in every list, and texts that are hard to encode. */
export function sampleValue(model: ServiceModel, { shape: name }: Reference, seen: string[] = []): unknown {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`No shape ${name}.`);
  const sample = (reference: Reference) => sampleValue(model, reference, [...seen, name]);
  switch (shape.type) {
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members ?? {})
          .filter(([, member]) => !seen.includes(member.shape))
          .map(([key, member]) => [key, sample(member)]),
      );
    case 'list':
      return [sample(shape.member as Reference), sample(shape.member as Reference)];
    case 'map':
      return { one: sample(shape.value as Reference), other: sample(shape.value as Reference) };
    case 'boolean':
      return true;
    case 'integer':
    case 'long':
      return Math.max(shape.min ?? 0, Math.min(shape.max ?? 42, 42));
    case 'double':
      return 0.5;
    case 'timestamp':
      return new Date('2026-03-01T12:34:56.789Z');
    case 'string': {
      const { min = 0, max = 1e6, pattern = '[\\s\\S]*' } = shape;
      const fits = (text: string) =>
        text.length >= min && text.length <= max && new RegExp(`^(?:${pattern})$`).test(text);
      const found = shape.enum?.[0] ?? candidates.find(fits);
      if (found === undefined) throw new Error(`No sample fits the pattern of ${name}: ${pattern}`);
      return found;
    }
  }
}
