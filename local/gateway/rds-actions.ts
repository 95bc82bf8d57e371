/**
 * Creating a resource with tags also needs the right to tag it:
 * "Dependent actions" of the Service Authorization Reference for RDS.
 */
export function rdsActions(operation: string, body = ''): string[] {
  const tags = [...new URLSearchParams(body).keys()].some((name) => name.startsWith('Tags.'));
  const actions = [operation, ...(tags ? ['AddTagsToResource'] : [])];
  return [...new Set(actions)].map((action) => `rds:${action}`);
}
