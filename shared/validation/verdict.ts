import * as z from 'zod';

/**
 * One fact that was checked in the restored copy. `not-run`: the check could not be made, so nothing is known. `left-out`: no
 * restore test covers it, and an auditor must see that. `differs`: the data is not at fault, but a restored instance is not like its
 * source.
 */
export const CheckResult = z.object({
  /**
   * Which part of the validation. Of a loaded copy: `schema`, `sequences`, `indexes`. Of a restored instance: `settings`, `blocks`,
   * `structure`, `constraints`, and of one that was restored to a moment `stop`. Of both: `tables`, `content`, `freshness`, `plan`; `coverage` for what was left out.
   */
  kind: z.enum([
    'schema',
    'tables',
    'content',
    'sequences',
    'indexes',
    'settings',
    'blocks',
    'structure',
    'constraints',
    'stop',
    'freshness',
    'plan',
    'coverage',
  ]),
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'not-run', 'left-out', 'differs']),
  expected: z.string(),
  found: z.string(),
});
export type CheckResult = z.infer<typeof CheckResult>;

/** verified: the data came back. rejected: the backup is bad. not-proven: the harness failed, so nothing is known of the backup. */
export const Verdict = z.enum(['verified', 'rejected', 'not-proven']);
export type Verdict = z.infer<typeof Verdict>;

/** The kinds without which no verdict is "verified", however many other checks passed: by what was restored. */
const REQUIRED = {
  database: ['schema', 'tables', 'content'],
  instance: ['tables', 'blocks', 'freshness'],
} as const satisfies Record<string, readonly CheckResult['kind'][]>;

/**
 * Decides what the checks prove. One failed check rejects the backup. Without a failed check, one that did not run leaves the
 * backup unproven, and so does a required kind without any check. What was left out, or differs, decides nothing, and is named.
 */
export function decideVerdict(
  checks: readonly CheckResult[],
  restored: keyof typeof REQUIRED = 'database',
): { verdict: Verdict; reason: string } {
  const failed = checks.filter((check) => check.outcome === 'failed');
  if (failed.length > 0) return { verdict: 'rejected', reason: listed(failed) };
  const notRun = checks.filter((check) => check.outcome === 'not-run');
  if (notRun.length > 0) return { verdict: 'not-proven', reason: listed(notRun) };
  const missing = REQUIRED[restored].filter((kind) => !checks.some((check) => check.kind === kind));
  if (missing.length > 0)
    return { verdict: 'not-proven', reason: `nothing was checked of: ${missing.join(', ')}` };
  const named = (outcome: CheckResult['outcome']) =>
    checks.filter((check) => check.outcome === outcome).map(({ name }) => short(name));
  const [leftOut, differing] = [named('left-out'), named('differs')];
  return {
    verdict: 'verified',
    reason: [
      `${checks.length - leftOut.length - differing.length} checks passed`,
      ...(differing.length > 0 ? [`unlike the source: ${firstOf(differing).join(', ')}`] : []),
      ...(leftOut.length > 0 ? [`not proven: ${firstOf(leftOut).join(', ')}`] : []),
    ].join('; '),
  };
}

/** The first few checks in words, and how many more there are. Cut short, because a state machine passes on at most 256 KiB. */
function listed(checks: readonly CheckResult[]): string {
  const shown = checks
    .slice(0, 3)
    .map(({ name, expected, found }) => `${short(name)}: expected ${short(expected)}, found ${short(found)}`);
  const more = checks.length - shown.length;
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The first few of a list, and how many more there are. */
function firstOf(names: readonly string[]): string[] {
  return names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : [...names];
}

function short(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
