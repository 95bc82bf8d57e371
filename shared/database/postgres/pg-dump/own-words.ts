/**
 * What pg_dump itself said of its failure. The package puts a preamble before it, and a program in WebAssembly cannot find
 * its own file, says so first, and calls itself by the name of the script that runs it.
 *
 * @param text as the package threw it
 * @param program the file name of that script
 */
export function ownWords(text: string, program: string): string {
  const [, said = text] = text.split(/^Error message: /m);
  const lines = said.split(`${program}: `);
  const preamble = lines[0]?.startsWith('invalid binary "') ? lines.shift() : undefined;
  if (lines.length === 0) return preamble ?? text;
  return lines
    .join('pg_dump: ')
    .trim()
    .replace(/^(?:pg_dump: )?/, 'pg_dump: ');
}
