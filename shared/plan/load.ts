import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import { checkRules } from './check-rules.ts';
import { readDocument } from './document.ts';
import { checkLanguage } from './language.ts';
import { type Finding, formatPath, type Mistake, PlanInvalid } from './mistake.ts';
import { checkOldLanguage } from './old-language.ts';
import type { Plan } from './schema.ts';
import { checkShape } from './shape.ts';

/**
 * The plan file could not be read: it is missing, not a file, or not readable. `cause` has the system's
 * error.
 */
export class PlanUnreadable extends LifeboatError {
  override readonly name = 'PlanUnreadable';
  override readonly kind = 'usage';
  readonly path: string;

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`${path}: ${reason}`, options);
    this.path = path;
  }
}

const LARGEST_PLAN = 1024 * 1024;

/**
 * Reads the plan file at `path`.
 *
 * @throws {PlanUnreadable} when there is no such file, or it is not UTF-8 text of at most 1 MB
 * @throws {PlanInvalid} with every mistake, when the text is not a plan
 */
export async function loadPlan(path: string): Promise<Plan> {
  return parsePlan(await readPlanText(path), path);
}

/**
 * Reads a plan from its YAML text. Mistakes use `source` as its name, usually the path.
 *
 * @throws {PlanInvalid} with every mistake: of YAML, of shape and of values that contradict each other, by
 * line
 */
export function parsePlan(text: string, source: string): Plan {
  const { value, mistakes, place } = readDocument(text);
  if (value === undefined) throw new PlanInvalid(source, inOrder(mistakes));

  const anotherLanguage = checkLanguage(value);
  if (anotherLanguage.length > 0)
    throw new PlanInvalid(
      source,
      inOrder([...mistakes, ...anotherLanguage.map((finding) => locate(finding, place))]),
    );
  const shape = checkShape(value);
  const ofShape = 'findings' in shape ? shape.findings : [];
  const unreadable = ofShape.map(({ path }) => formatPath(path));
  // To a rule, what could not be read is missing.
  const ofRules = checkRules(value).filter(({ path }) => !unreadable.includes(formatPath(path)));
  const findings = withoutOldKeys([...ofShape, ...ofRules], value);
  const located = findings.map((finding) => locate(finding, place));
  if ('plan' in shape && located.length === 0 && mistakes.length === 0) return shape.plan;
  throw new PlanInvalid(source, inOrder([...mistakes, ...located]));
}

/**
 * Identifies a version of a plan: twelve hexadecimal digits of its text's SHA-256. It is the same on every
 * system, whatever git does to line endings. A changed comment changes it.
 */
export function planVersion(text: string): string {
  return createHash('sha256').update(text.replace(/\r\n?/g, '\n')).digest('hex').slice(0, 12);
}

/** Reports a key of an earlier language as `old key`, not `unknown key`: its replacement says more. */
function withoutOldKeys(findings: readonly Finding[], raw: unknown): Finding[] {
  const old = checkOldLanguage(raw);
  const places = old.map(({ path }) => formatPath(path));
  return [
    ...old,
    ...findings.filter(({ kind, path }) => kind !== 'unknown key' || !places.includes(formatPath(path))),
  ];
}

function locate(finding: Finding, place: ReturnType<typeof readDocument>['place']): Mistake {
  const { kind, path, expected, found, suggestion } = finding;
  // The message names the unknown key; the path is the map that contains it.
  const shownPath = kind === 'unknown key' ? path.slice(0, -1) : path;
  return {
    kind,
    path: formatPath(shownPath),
    ...place(path, kind === 'wrong value' ? 'value' : 'key'),
    expected,
    ...(found !== undefined && { found }),
    ...(suggestion !== undefined && { suggestion }),
  };
}

/** Sorted by place and without duplicates, because the YAML parser repeats itself after a broken bracket. */
function inOrder(mistakes: readonly Mistake[]): Mistake[] {
  const distinct = new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake]));
  return [...distinct.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
}

async function readPlanText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new PlanUnreadable(path, 'is not UTF-8 text', { cause });
  }
}

async function readBytes(path: string): Promise<Buffer> {
  const { size, isFile } = await statOf(path);
  if (!isFile) throw new PlanUnreadable(path, 'is not a file; give the path of one plan');
  if (size > LARGEST_PLAN)
    throw new PlanUnreadable(path, `has ${size} bytes; a plan has at most ${LARGEST_PLAN}`);
  return readFile(path).catch((cause: unknown) => {
    throw new PlanUnreadable(path, reasonOf(cause), { cause });
  });
}

/** Checked before it is opened, because opening a named pipe would wait indefinitely. */
async function statOf(path: string): Promise<{ size: number; isFile: boolean }> {
  try {
    const found = await stat(path);
    return { size: found.size, isFile: found.isFile() };
  } catch (cause) {
    throw new PlanUnreadable(path, reasonOf(cause), { cause });
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user';
  return `cannot be read (${code ?? 'unknown reason'})`;
}
