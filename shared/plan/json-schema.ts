import * as z from 'zod';
import { planSchema } from './schema.ts';

/**
 * The JSON Schema of plan files as they are written (durations still text), for editors to complete and explain. It is
 * looser than parsePlan: a JSON Schema cannot say what one value means for another.
 *
 * Draft 7, since yaml-language-server, behind most editors, supports that draft in full.
 */
export function planJsonSchema(): string {
  const schema = z.toJSONSchema(planSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
