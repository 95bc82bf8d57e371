/** What is made with tags needs the right to tag it too: "Dependent actions" of the Service Authorization Reference for RDS. */
export function rdsActions(operation: string, body = ''): string[] {
  const tags = [...new URLSearchParams(body).keys()].some((name) => name.startsWith('Tags.'));
  const actions = [operation, ...(tags ? ['AddTagsToResource'] : [])];
  return [...new Set(actions)].map((action) => `rds:${action}`);
}
