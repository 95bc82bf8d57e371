import { readFile } from 'node:fs/promises';

/** A resource as the packaged template declares it. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The resources of a packaged CloudFormation template. */
export async function readTemplate(file: string): Promise<TemplateResource[]> {
  const template = JSON.parse(await readFile(file, 'utf8')) as {
    Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>;
  };
  return Object.entries(template.Resources).map(([logicalId, { Type, Properties = {} }]) => ({
    logicalId,
    type: Type,
    properties: Properties,
  }));
}

/** The values that a template's references resolve to. */
export interface References {
  readonly physicalIds: ReadonlyMap<string, string>;
  readonly region: string;
  readonly accountId: string;
}

/**
 * The properties with `Ref`, `Fn::GetAtt … Arn` and `Fn::Sub` resolved. An ARN becomes the physical id, which the
 * settings applied here also accept (a KMS key may be named by either).
 */
export function resolve<Value>(value: Value, references: References): Value {
  return replace(value, references) as Value;
}

function replace(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => replace(item, references));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only) {
    const [key, target] = only;
    if (key === 'Ref') return lookUp(String(target), references);
    if (key === 'Fn::GetAtt') return lookUp(logicalIdOf(target), references);
    if (key === 'Fn::Sub' && typeof target === 'string') {
      return target.replace(/\$\{([\w:.]+)\}/g, (_, name: string) => lookUp(logicalIdOf(name), references));
    }
    if (key.startsWith('Fn::'))
      throw new Error(`The local deployment does not resolve ${key}: ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(entries.map(([key, inner]) => [key, replace(inner, references)]));
}

function lookUp(name: string, { physicalIds, region, accountId }: References): string {
  const pseudo: Record<string, string> = {
    'AWS::Region': region,
    'AWS::AccountId': accountId,
    'AWS::Partition': 'aws',
  };
  const found = pseudo[name] ?? physicalIds.get(name);
  if (found === undefined)
    throw new Error(`The template refers to "${name}", which the deployed stack does not hold.`);
  return found;
}

/** `[Key, Arn]`, as JSON templates write it, or `Key.Arn`. */
function logicalIdOf(target: unknown): string {
  return Array.isArray(target) ? String(target[0]) : (String(target).split('.')[0] ?? '');
}
