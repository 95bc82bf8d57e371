import type { Finding } from '../drill/findings.ts';
import type { Screen } from './screen.ts';

/** Shows what was held against the facts, and of what is not as it must be, both sides. */
export function showFindings({ line, paint }: Screen, findings: readonly Finding[]): void {
  for (const { what, expected, found, good } of findings)
    line(
      good
        ? `  ${paint('green', '✔')} ${what}: ${paint('dim', found)}`
        : `  ${paint('red', '✖')} ${what}: expected ${expected}, found ${paint('red', found)}`,
    );
}
