import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { FinishedRun } from '../../../cli/follow/run-machine.ts';
import { createScreen, type Screen } from '../../../cli/render/screen.ts';
import { Shown, shown } from '../../../cli/render/shown.ts';
import { createTable } from '../../../cli/render/table.ts';
import { createTimeline } from '../../../cli/render/timeline.ts';
import { showVerdict } from '../../../cli/render/verdict.ts';
import { evidence } from '../run/evidence-fixture.ts';
import { HOSTILE } from '../text/hostile.ts';

/** Sequences of our own: colours, and log-update's for the live line and the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this test is about
const OWN = /\u001b\[(?:[\d;]*m|\?(?:25|2026)[hl]|\d*[AGK]|2K|1A|J)/g;

/** All that a terminal of 100 columns received. */
function printed(show: (screen: Screen) => void): string {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, getColorDepth: () => 8 });
  const chunks: string[] = [];
  stream.on('data', (chunk) => chunks.push(String(chunk)));
  const screen = createScreen(stream as unknown as NodeJS.WriteStream);
  show(screen);
  screen.close();
  return chunks.join('');
}

/** Lines of a text without the screen's own sequences. */
const linesOf = (text: string) => text.replace(OWN, '').split('\n');

const rejected = (text: string): FinishedRun => ({
  machine: 'restore-test',
  runId: 'restore-test-1',
  executionArn: 'arn:execution',
  end: { status: 'FAILED', error: 'RestoreRejected', cause: text },
  evidence: {
    ...evidence,
    outcome: 'rejected',
    reason: `campaigns: ${text}`,
    failure: { error: text.slice(0, 40), cause: text },
    subject: text,
    recoveryPoint: text,
    checks: [
      { kind: 'tables', name: `${text.slice(0, 60)}`, outcome: 'failed', expected: text, found: text },
    ],
  },
  evidenceLocation: text,
  evidenceProblem: text,
});

describe.each(Object.entries(HOSTILE))('text from outside: %s', (_, text) => {
  test('controls no terminal', () => {
    const out = printed((screen) => {
      showVerdict(screen, rejected(text));
      const show = createTimeline(screen, Date.now);
      show({ kind: 'entered', state: text, at: new Date() });
      show({ kind: 'attempt-failed', state: text, attempt: 1, failure: { error: text, cause: text } });
      show({ kind: 'left', state: text, tookMs: 1, caught: { error: text, cause: text } });
      screen.line(text);
      screen.line(`${text} ${screen.paint('red', text)}`);
      screen.line(shown`${screen.paint('red', text)} ${text}`);
    });
    const received = out.replace(OWN, '').replaceAll('\n', '');
    expect(received.match(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu)).toBeNull();
  });

  test('forges no verdict', () => {
    const verdicts = linesOf(printed((screen) => showVerdict(screen, rejected(text)))).filter((line) =>
      /^ {0,2}[A-Z]{3,} [A-Z]{3,} /.test(line),
    );
    expect(verdicts).toEqual([expect.stringMatching(/^ {2}BACKUP REJECTED {2}campaigns: /)]);
  });

  test('floods no screen', () => {
    const out = printed((screen) => showVerdict(screen, rejected(text)));
    expect(out.length).toBeLessThan(60_000);
    expect(linesOf(out).length).toBeLessThan(150);
  });
});

test('a plain string loses its colours rather than its safety', () => {
  const out = printed((screen) => screen.line(`${screen.paint('red', 'a\u001b[2J')} b`));
  expect(out.replace(OWN, '')).toBe('a\\x1b[2J b\n'.replaceAll('\\\\', '\\'));
  expect(out).not.toContain('\u001b[31m');
});

test('a table fits the terminal, counts wide characters as two columns, and keeps every word of an id', () => {
  const id = '20261122T040000000Z-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';
  const out = printed((screen) => {
    const table = createTable(screen, ['id', 'reason']);
    table.push([id, '数据丢失 '.repeat(40)], ['b', '🚨 alarm']);
    screen.line(table.shown());
  });
  const lines = linesOf(out).filter((line) => line !== '');
  const widths = new Set(lines.map((line) => Shown.of(line).plain).map(columnsOf));
  expect([...widths]).toHaveLength(1);
  expect(Math.max(...widths)).toBeLessThanOrEqual(100);
  expect(out).toContain('0f1e2d3c');
});

/** Independent of the code under test: wide by Unicode's own ranges, as far as this test writes them. */
function columnsOf(line: string): number {
  return [...line].reduce(
    (sum, character) => sum + (/[\u3400-\u9fff]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1),
    0,
  );
}
