import * as z from 'zod';
import { planSchema } from './schema.ts';

/**
 * The JSON Schema of plan files as written (durations are still text), so that editors can complete and
 * explain. It is looser than parsePlan, because a JSON Schema cannot compare one value with another.
 *
 * Draft 7, because yaml-language-server, which most editors use, supports that draft in full.
 */
export function planJsonSchema(): string {
  const schema = z.toJSONSchema(planSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
