/** Whether a text matches a pattern with `*` and `?`, by the rules of `StringLike`. */
export function isLike(text: string, pattern: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/** Actions are compared case-insensitively. */
export function actionFits(action: string, pattern: string): boolean {
  return isLike(action.toLowerCase(), pattern.toLowerCase());
}

/**
 * Whether an ARN matches a pattern, part by part: "Each of the six colon-delimited components of the ARN is checked separately and each
 * can include multi-character match wildcards (*) or single-character match wildcards (?)". Undefined for a pattern that is neither
 * `*` nor an ARN.
 */
export function arnFits(arn: string, pattern: string): boolean | undefined {
  if (pattern === '*') return true;
  const wanted = partsOf(pattern);
  if (!wanted) return undefined;
  const given = partsOf(arn);
  return given?.every((part, index) => isLike(part, wanted[index] ?? '')) ?? false;
}

/** Six parts; the last one may contain colons. */
function partsOf(arn: string): string[] | undefined {
  const [first = '', partition = '', service = '', region = '', account = '', ...rest] = arn.split(':');
  return first === 'arn' && rest.length > 0
    ? [first, partition, service, region, account, rest.join(':')]
    : undefined;
}
