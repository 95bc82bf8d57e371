import type { StoredPart } from '../backup/logical/read-part.ts';
import type { CheckResult } from './verdict.ts';

const leftOut = (name: string, found: string): CheckResult => ({
  kind: 'coverage',
  name,
  outcome: 'left-out',
  expected: 'in the source',
  found,
});

/** What the test says nothing of, for an auditor. None of it decides the verdict. */
export function listLeftOut({
  manifest,
  whole,
  leftOut: ofThePart,
  notAllowed,
  placeholders,
}: Pick<StoredPart, 'whole' | 'leftOut'> & {
  readonly manifest: { readonly schema: Pick<StoredPart['manifest']['schema'], 'notCarried'> };
  /** What this scratch server did not allow. */
  readonly notAllowed: readonly string[];
  /** Roles that were made so that the schema could be loaded. */
  readonly placeholders: readonly string[];
}): CheckResult[] {
  return [
    ...(whole ? [] : [leftOut('everything that was not asked for', 'only a part was restored')]),
    ...ofThePart.map((what) => leftOut(what, 'not a part of what was asked for')),
    ...manifest.schema.notCarried.map((what) => leftOut(what, 'never carried to a scratch server')),
    ...notAllowed.map((title) => leftOut(title, 'not allowed to the login of the scratch server')),
    ...placeholders.map((role) => leftOut(`role ${role}`, 'a placeholder without login or rights')),
  ];
}

/** A question or statement of the plan that names something which was not restored. */
export function notOfThePart(name: string): CheckResult {
  return leftOut(name, 'it names what was not restored');
}
