import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

const functionTag = (tag: string, name: string) => ({
  tag: `!${tag}`,
  resolve: (text: string) => ({ [name]: text }),
});

/** A part of the template as plain data: `!Ref Journal` is `{ Ref: 'Journal' }`; what osls fills in stays as written. */
export function readTemplatePart(file: string): unknown {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const customTags = [
    functionTag('Ref', 'Ref'),
    functionTag('GetAtt', 'Fn::GetAtt'),
    functionTag('Sub', 'Fn::Sub'),
  ];
  return parse(text, { customTags });
}
