import * as z from 'zod';
import { planSchema } from './schema.ts';

/**
 * The JSON Schema of plan files as written (durations are still text), so that editors can complete and
 * explain. It is looser than parsePlan, because a JSON Schema cannot compare one value with another.
 *
 * Draft 7, because yaml-language-server, which most editors use, supports that draft in full.
 */
export function planJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(planSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.pattern === undefined) return;
      // What the plan's own reader says of a text that matches no pattern. Editors that know the key show it.
      const refused = ['\0', ''].map((text) => z.safeParse(zodSchema, text)).find(({ success }) => !success);
      if (refused?.error) jsonSchema.patternErrorMessage = `Expected ${refused.error.issues[0]?.message}.`;
    },
  });
  const head = { $schema, $id: 'urn:lifeboat:plan' };
  return `${JSON.stringify({ ...head, ...explained(schema) }, null, 2)}\n`;
}

/** Adds a title to each key, and names the language of expressions. After the generation, because types are shared. */
function explained<Of>(schema: Of): Of {
  if (Array.isArray(schema)) return schema.map(explained) as Of;
  if (typeof schema !== 'object' || schema === null) return schema;
  const { properties, format, ...rest } = schema as Record<string, unknown>;
  const words =
    format === 'jmespath' ? `${rest.description} A JMESPath expression: https://jmespath.org` : undefined;
  const others = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, explained(value)]));
  const titled = Object.entries(properties ?? {}).map(([key, value]) => [
    key,
    { title: titleOf(key), ...explained(value) },
  ]);
  return {
    ...others,
    ...(format !== undefined && words === undefined && { format }),
    ...(words !== undefined && { description: words }),
    ...(properties !== undefined && { properties: Object.fromEntries(titled) }),
  } as Of;
}

/** `restoreTests`: `Restore tests`. */
function titleOf(key: string): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
