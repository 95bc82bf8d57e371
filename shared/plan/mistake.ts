import { closest, distance } from 'fastest-levenshtein';
import { LifeboatError } from '../errors/lifeboat-error.ts';

/** Steps from the top of the plan: keys and list indexes. */
export type Path = readonly (string | number)[];

/**
 * One mistake, before its place in the text is known.
 *
 * `wrong value`: a value that is not allowed there
 * `wrong name`: a key whose spelling is not allowed
 * `missing`: a required key
 * `unknown key`: a key that Lifeboat does not read
 * `old key`: a key of an earlier language
 *
 * For mistakes about keys, `found` is the key.
 */
export interface Finding {
  readonly kind: 'wrong value' | 'wrong name' | 'missing' | 'unknown key' | 'old key';
  readonly path: Path;
  /** Completes "expected …". */
  readonly expected: string;
  /** The value found there, safe to show. */
  readonly found?: string | undefined;
  /** The nearest valid spelling. */
  readonly suggestion?: string | undefined;
}

/** One mistake with its place in the file. Lines and columns count from 1. */
export interface Mistake {
  readonly kind: Finding['kind'];
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly expected: string;
  readonly found?: string;
  readonly suggestion?: string;
}

/** The plan cannot be used. Carries every mistake, in the order of the file. */
export class PlanInvalid extends LifeboatError {
  override readonly name = 'PlanInvalid';
  override readonly kind = 'usage';

  readonly source: string;
  readonly mistakes: readonly Mistake[];

  constructor(source: string, mistakes: readonly Mistake[]) {
    super(mistakes.map((mistake) => describeMistake(source, mistake)).join('\n'));
    this.source = source;
    this.mistakes = mistakes;
  }
}

/**
 * The line that an editor or a person clicks to jump: `plans/x.yml:12:9 databases.main: unknown key
 * "retenton"; did you mean …`.
 */
function describeMistake(source: string, mistake: Mistake): string {
  const place = [`${source}:${mistake.line}:${mistake.column}`, mistake.path].filter(Boolean).join(' ');
  const hint = mistake.suggestion === undefined ? '' : `; did you mean "${mistake.suggestion}"?`;
  return `${place}: ${whatIsWrong(mistake)}${hint}`;
}

function whatIsWrong({ kind, expected, found, suggestion }: Mistake): string {
  if (kind === 'missing') return `missing, expected ${expected}`;
  if (kind === 'old key') return `is of an earlier plan language; write instead: ${expected}`;
  if (kind === 'unknown key') {
    return suggestion === undefined ? `unknown key ${found}, expected ${expected}` : `unknown key ${found}`;
  }
  return `expected ${expected}${found === undefined ? '' : `, found ${found}`}`;
}

/** `databases.main.restoreTest.checks[2].expect` */
export function formatPath(path: Path): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${/^[\w-]+$/.test(step) ? step : show(step)}`))
    .join('')
    .replace(/^\./, '');
}

const LONGEST_SHOWN = 60;
/** Keys that name a secret, where someone may have written the secret itself. */
const SECRET_KEYS = ['secret', 'certificateAuthority'];

/** A value as an error may show it: short, and never where a password could be. */
export function show(value: unknown, path: Path = []): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a map';
  if (typeof value !== 'string') return String(value);
  if (SECRET_KEYS.includes(String(path.at(-1))) || /:\/\/[^/\s]*@/.test(value)) {
    return 'a text that is not shown, as it may be a secret';
  }
  return value.length > LONGEST_SHOWN ? `a text of ${value.length} characters` : JSON.stringify(value);
}

/** The candidate so close to `word` that it was probably meant. */
export function closestSpelling(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const lower = word.toLowerCase();
  const index = candidates.map((candidate) => candidate.toLowerCase());
  const nearest = closest(lower, index);
  const allowed = Math.max(1, Math.floor(nearest.length / 3));
  return distance(lower, nearest) <= allowed ? candidates[index.indexOf(nearest)] : undefined;
}

/** The value at a path; undefined if there is none. */
export function valueAt(raw: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[Number(step)];
    const isMap = typeof value === 'object' && value !== null;
    return isMap && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }, raw);
}
