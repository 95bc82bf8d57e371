import { type Finding, show } from './mistake.ts';
import { checkOldLanguage } from './old-language.ts';
import { isMap } from './parts.ts';

/** The version of the plan language that this Lifeboat reads. */
export const LANGUAGE = 1;

/** The first key of every plan, as it must be written. */
const FIRST_KEY = `lifeboat: ${LANGUAGE}`;

/**
 * Whether the plan declares the supported language. A plan in another language gets only that error, with
 * replacements for its old keys. Its other errors would apply the wrong language's rules.
 */
export function checkLanguage(raw: unknown): Finding[] {
  if (!isMap(raw)) return [];
  const path = ['lifeboat'];
  if (!Object.hasOwn(raw, 'lifeboat'))
    return [
      ...checkOldLanguage(raw),
      { kind: 'missing', path, expected: `${FIRST_KEY} as the first key: the version of the plan language` },
    ];
  if (raw.lifeboat !== LANGUAGE) {
    const expected = `${LANGUAGE}, the version of the plan language that this Lifeboat reads`;
    return [{ kind: 'wrong value', path, expected, found: show(raw.lifeboat, path) }];
  }
  if (Object.keys(raw)[0] !== 'lifeboat')
    return [{ kind: 'wrong name', path, expected: `${FIRST_KEY} as the first key` }];
  return [];
}
