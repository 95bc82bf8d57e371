import type { CheckResult } from './verdict.ts';

/** What the test says nothing of, for an auditor. None of it decides the verdict. */
export function listLeftOut({
  notCarried,
  notAllowed,
  placeholders,
}: {
  /** What never comes to a scratch server, in words. */
  readonly notCarried: readonly string[];
  /** What this scratch server did not allow. */
  readonly notAllowed: readonly string[];
  /** Roles that were made so that the schema could be loaded. */
  readonly placeholders: readonly string[];
}): CheckResult[] {
  const leftOut = (name: string, found: string): CheckResult => ({
    kind: 'coverage',
    name,
    outcome: 'left-out',
    expected: 'in the source',
    found,
  });
  return [
    ...notCarried.map((what) => leftOut(what, 'never carried to a scratch server')),
    ...notAllowed.map((title) => leftOut(title, 'not allowed to the login of the scratch server')),
    ...placeholders.map((role) => leftOut(`role ${role}`, 'a placeholder without login or rights')),
  ];
}
