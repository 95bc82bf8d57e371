import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { projectFolder } from '../cli/run-lifeboat.ts';

type Json = Record<string, unknown>;

/**
 * Compares a document with its published schema, which is read from its file. Strictly: a field that the schema does not
 * have is a mistake too, although the schema lets readers meet new fields.
 *
 * @param document a value, or the text that a command printed
 * @returns a line for each mistake
 */
export function mistakesIn(name: string, document: unknown): string[] {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  const { error } = z.fromJSONSchema(closed(published(name)) as Json).safeParse(JSON.parse(text));
  return error ? z.prettifyError(error).split('\n') : [];
}

function published(name: string): unknown {
  return JSON.parse(readFileSync(path.join(projectFolder, `schemas/${name}.schema.json`), 'utf8'));
}

/** The same schema, whose objects have no fields but their own. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isObject = 'properties' in schema && (schema as Json).type === 'object';
  return isObject && !('additionalProperties' in schema)
    ? { ...inside, additionalProperties: false }
    : inside;
}
