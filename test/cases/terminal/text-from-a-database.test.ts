import { PassThrough } from 'node:stream';
import { expect } from 'vitest';
import { createScreen } from '../../../cli/render/screen.ts';
import { showVerdict } from '../../../cli/render/verdict.ts';
import { email } from '../../../shared/notify/email/email.ts';
import { runEnded } from '../../../shared/run/run-ended.ts';
import { visibleJson } from '../../../shared/text/visible.ts';
import { evidence as sample } from '../../unit/run/evidence-fixture.ts';
import { useServers } from '../databases/servers.ts';
import { fieldCase } from '../field-case.ts';

const servers = useServers();

/** Clears the screen, sets the title, and writes a verdict. */
const FORGED = '\u001b[2J\u001b[H\u001b]0;all is well\u0007\r\n  RESTORE VERIFIED  25 checks passed\n\u202e';

/** What our own colours and live line send. Anything else that a terminal obeys is not ours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this test is about
const OWN = /\u001b\[(?:[\d;]*m|\?(?:25|2026)[hl]|\d*[AGK]|J)/g;

fieldCase('A13', async (now) => {
  // The name of the constraint and the raised text are hostile: PostgreSQL allows any character but NUL in both.
  const { verdict, error } = await servers.backUpAndRestore({
    statements: [
      `CREATE FUNCTION guard(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
         IF current_setting('is_superuser') = 'off' AND current_database() LIKE 'lifeboat%' THEN
           RAISE EXCEPTION '${FORGED}' USING CONSTRAINT = '${FORGED}', TABLE = '${FORGED}';
         END IF; RETURN n; END $$`,
      `CREATE TABLE "t${FORGED}" (n int)`,
      `INSERT INTO "t${FORGED}" VALUES (1)`,
      `CREATE INDEX "i${FORGED}" ON "t${FORGED}" (guard(n))`,
    ],
  });
  expect(verdict).not.toBe('verified');
  const { message, name } = error as Error;
  expect(message, 'the case is none unless the text reaches the message').toContain('\u001b[2J');

  const evidence = {
    ...sample,
    outcome: verdict as 'not-proven',
    reason: `the recovery point could not be loaded: ${name}`,
    failure: { error: name, cause: message },
  };
  const printed = printedVerdict(evidence, message);
  expect(
    printed.match(/[\p{Cc}\p{Cf}\u2028\u2029]/gu)?.filter((character) => character !== '\n') ?? [],
  ).toEqual([]);
  const verdicts = printed.split('\n').filter((line) => /^ {0,2}[A-Z]{3,} [A-Z]{3,} /.test(line));
  expect(verdicts).toEqual([
    expect.stringMatching(/^ {2}(RESTORE NOT PROVEN|BACKUP REJECTED) {2}.*\\x1b\[2J/),
  ]);

  const mail = email.compose(runEnded(evidence, 's3://vault/run.json')).message;
  expect(mail.split('\n').filter((line) => /^ *RESTORE VERIFIED/.test(line))).toEqual([]);
  expect(mail.match(/[^\P{C}\n]/gu)).toBeNull();

  const document = visibleJson(evidence);
  expect(JSON.parse(document)).toEqual(evidence);
  expect(document.match(/[^\P{C}\n]/gu)).toBeNull();
  now(`the true verdict stands (${verdict}), control characters are written as escapes`);
});

/** What a terminal of 100 columns received, without the screen's own sequences. */
function printedVerdict(evidence: typeof sample, cause: string): string {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 100, getColorDepth: () => 8 });
  const chunks: string[] = [];
  stream.on('data', (chunk) => chunks.push(String(chunk)));
  const screen = createScreen(stream as unknown as NodeJS.WriteStream);
  showVerdict(screen, {
    machine: 'restore-test',
    runId: evidence.runId,
    executionArn: evidence.executionArn,
    end: { status: 'FAILED', error: 'RestoreNotProven', cause },
    evidence,
    evidenceLocation: 's3://vault/run.json',
    evidenceProblem: null,
  });
  screen.close();
  return chunks.join('').replace(OWN, '');
}
