import type { Screen } from '../../cli/render/screen.ts';
import { count } from '../../cli/render/words.ts';
import type { Finding } from './findings.ts';

/** Shows what was held against the facts, and of what is not as it must be, both sides. */
export function showFindings({ line, paint }: Screen, findings: readonly Finding[]): void {
  for (const { what, expected, found, good } of findings)
    line(
      good
        ? `  ${paint('green', '✔')} ${what}: ${paint('dim', found)}`
        : `  ${paint('red', '✖')} ${what}: expected ${expected}, found ${paint('red', found)}`,
    );
}

/** Says at the end whether all of them hold, and repeats those that do not. */
export function showConclusion(screen: Screen, findings: readonly Finding[]): void {
  const { line, paint } = screen;
  const amiss = findings.filter(({ good }) => !good);
  line();
  if (amiss.length === 0) {
    line(
      `  ${paint(['bold', 'green'], 'IT ADDS UP')}  ${count(findings.length, 'finding')}, all as they must be`,
    );
    return;
  }
  line(
    `  ${paint(['bold', 'red'], 'IT DOES NOT ADD UP')}  ${amiss.length} of ${count(findings.length, 'finding')}:`,
  );
  showFindings(screen, amiss);
}
