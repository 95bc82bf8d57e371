import { z } from 'zod';
import type { Json } from '../json.ts';

/** A whole string is an expression or it is a constant: `{%` first and `%}` last, no blanks around (spec, "JSONata Expressions"). */
export const isExpression = (text: string): boolean => text.startsWith('{%') && text.endsWith('%}');

/** Any JSON value in which strings may be expressions: Arguments, Output, Items, ItemSelector. */
export const template: z.ZodType<Json> = z.json();

const expression = z.templateLiteral(['{%', z.string(), '%}']);

/** Constant or expression of the type that the field needs; an expression's result is checked when it is evaluated. */
export const constantOrExpression = <T>(constant: z.ZodType<T>) => z.union([constant, expression]);

export const seconds = z.int().min(1).max(99_999_999);

/** Variable names of the spec: a Unicode identifier of up to 80 characters; `states` is reserved. */
export const assign = z.record(
  z.string().regex(/^(?!states$)[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u, 'is no variable name'),
  template,
);

/** Fields that every state may have. */
export const anyState = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() };

/** Exactly one of Next and End; `transitions.ts` checks that. Here each only gets its type. */
export const transition = { Next: z.string().optional(), End: z.literal(true).optional() };

/** Fields of states that produce a result. */
export const outputFields = { Output: template.optional(), Assign: assign.optional() };
