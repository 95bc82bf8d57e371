import type { Screen } from '../cli/render/screen.ts';
import { shown } from '../cli/render/shown.ts';
import { count } from '../shared/run/quantity.ts';
import type { Finding } from './finding.ts';

/** Shows each finding. Where the two differ, it shows both what was expected and what was found. */
export function showFindings({ line, paint }: Screen, findings: readonly Finding[]): void {
  for (const { what, expected, found, good } of findings)
    line(
      good
        ? shown`  ${paint('green', '✔')} ${what}: ${paint('dim', found)}`
        : shown`  ${paint('red', '✖')} ${what}: expected ${expected}, found ${paint('red', found)}`,
    );
}

/** Says at the end whether all findings are good, and repeats those that are not. */
export function showConclusion(screen: Screen, findings: readonly Finding[]): void {
  const { line, paint } = screen;
  const bad = findings.filter(({ good }) => !good);
  line();
  if (bad.length === 0) {
    line(
      shown`  ${paint(['bold', 'green'], 'IT ADDS UP')}  ${count(findings.length, 'finding')}, all as they must be`,
    );
    return;
  }
  line(
    shown`  ${paint(['bold', 'red'], 'IT DOES NOT ADD UP')}  ${bad.length} of ${count(findings.length, 'finding')}:`,
  );
  showFindings(screen, bad);
}
