import { expect, test } from 'vitest';
import { ownWords } from '../../../../../shared/database/postgres/pg-dump/own-words.ts';

const preamble = 'pg_dump failed with exit code 1. \nError message: ';
const lost = 'invalid binary "/var/task/worker.mjs": No such file or directory';

test.each([
  ['one line', `${preamble}${lost}worker.mjs: error: no right`, 'pg_dump: error: no right'],
  [
    'several lines',
    `${preamble}${lost}worker.mjs: warning: a\nworker.mjs: error: b\ndetail: c\n`,
    'pg_dump: warning: a\npg_dump: error: b\ndetail: c',
  ],
  ['no preamble', 'out of memory', 'pg_dump: out of memory'],
  ['nothing but the file that it missed', `${preamble}${lost}`, lost],
])('of %s, only what pg_dump said is left', (_, text, words) => {
  expect(ownWords(text, 'worker.mjs')).toBe(words);
});
