import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, type ScalarTag } from 'yaml';

/** A part of the template. */
export interface TemplatePart {
  readonly Resources: Record<string, object>;
  readonly Outputs: Record<string, object>;
}

/** The short forms of CloudFormation that our files use. */
const references: ScalarTag[] = [
  { tag: '!Ref', resolve: (id) => ({ Ref: id }) },
  { tag: '!GetAtt', resolve: (attribute) => ({ 'Fn::GetAtt': attribute.split('.') }) },
  { tag: '!Sub', resolve: (text) => ({ 'Fn::Sub': text }) },
];

/** Reads a YAML file in which references are written in CloudFormation's short form. */
export function readYaml<Content>(file: string): Content {
  return parse(readFileSync(file, 'utf8'), { customTags: references });
}

/** Reads a part of the template from `resources/<name>.yml`. */
export function readPart(name: string): TemplatePart {
  const { Resources = {}, Outputs = {} } = readYaml<Partial<TemplatePart>>(
    path.join(import.meta.dirname, `${name}.yml`),
  );
  return { Resources, Outputs };
}
