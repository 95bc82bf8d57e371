import { refused } from '../../delivery/delivery-outcome.ts';
import { parseBody } from '../../delivery/parse-body.ts';
import type { Target } from '../../delivery/target.ts';
import { type ShapeRules, shapeOf } from './shape.ts';

/** A webhook, queue or topic that is given the payload of a message where the plan says so, and its body otherwise. */
export function unwrapped(target: Target, rules: ShapeRules): Target {
  return {
    ...target,
    deliver: async (message, key, signal) => {
      const shape = shapeOf(message, rules);
      if (shape.as === null) return refused(shape.why);
      if (shape.as !== 'payload') return target.deliver(message, key, signal);
      const { content } = parseBody(shape.text);
      return target.deliver({ ...message, body: shape.text, content, wrapper: null }, key, signal);
    },
  };
}
