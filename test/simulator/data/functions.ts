import { createHash } from 'node:crypto';
import jsonata from 'jsonata';
import { Random } from '../time/random.ts';

const DIGESTS: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The sources of time and randomness for the functions that are not pure. */
export interface Source {
  readonly now: number;
  readonly random: Random;
}

/**
 * The functions that Step Functions adds to JSONata (developer guide, "JSONata functions provided by Step Functions": whole-number
 * parameters are rounded down), and the two functions that read the clock, on virtual time.
 */
export function registerFunctions(expression: jsonata.Expression, { now, random }: Source): void {
  expression.registerFunction('partition', partition, '<an:a>');
  expression.registerFunction('range', range, '<nnn:x>');
  expression.registerFunction('hash', hash, '<ss:s>');
  expression.registerFunction(
    'random',
    (seed?: number) => (seed === undefined ? random : new Random(seed)).next(),
    '<n?:n>',
  );
  expression.registerFunction('uuid', () => random.uuid(), '<:s>');
  expression.registerFunction(
    'parse',
    (text?: string) => (text === undefined ? undefined : JSON.parse(text)),
    '<s:x>',
  );
  expression.registerFunction('millis', () => now, '<:n>');
  expression.registerFunction(
    'now',
    (picture?: string, zone?: string) => format(now, picture, zone),
    '<s?s?:s>',
  );
}

function partition(items?: unknown[], wanted?: number): unknown[][] | undefined {
  if (items === undefined || wanted === undefined) return undefined;
  const size = Math.floor(wanted);
  if (size < 1) throw new Error(`the size of a part must be positive, but was ${wanted}`);
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size),
  );
}

/** A single number is a number, not a list of one: AWS was recorded to answer `$range(1, 9, 9)` with `1`. */
function range(first?: number, last?: number, delta?: number): number | number[] | undefined {
  if (first === undefined || last === undefined || delta === undefined) return undefined;
  const [from, to, step] = [Math.floor(first), Math.floor(last), Math.floor(delta)];
  if (step === 0) throw new Error('the delta of a range must not be zero');
  const length = Math.max(0, Math.floor((to - from) / step) + 1);
  return length === 1 ? from : Array.from({ length }, (_, index) => from + index * step);
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const digest = DIGESTS[algorithm];
  if (digest === undefined)
    throw new Error(`the algorithm must be one of ${Object.keys(DIGESTS).join(', ')}`);
  return createHash(digest).update(text).digest('hex');
}

const format = (at: number, picture?: string, zone?: string): Promise<string> =>
  jsonata('$fromMillis($at, $picture, $zone)').evaluate(undefined, { at, picture, zone });
