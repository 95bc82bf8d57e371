import { parsePlan } from '../../../shared/plan/load.ts';
import { PlanInvalid } from '../../../shared/plan/mistake.ts';

/** What parsePlan has against a text that it is told to call x.yml, a line for each mistake; none for a right plan. */
export function mistakesIn(text: string): string[] {
  try {
    parsePlan(text, 'x.yml');
  } catch (error) {
    if (error instanceof PlanInvalid) return error.message.split('\n');
    throw error;
  }
  return [];
}
