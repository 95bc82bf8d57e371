import pg from 'pg';
import { LifeboatError } from '../errors/lifeboat-error.ts';
import type { Rules } from './destination.ts';

/** The result of the plan's query at one moment. The server keeps it, and it is read in pages. */
export interface Answer {
  /** How many rows there are. */
  readonly rows: number;
  /** All rows in the order of the query, page by page. */
  read(page: number): AsyncGenerator<Row[]>;
}

export interface Row {
  readonly key: string;
  readonly body: string;
  readonly group: string | null;
}

/** The plan's query, or a row that it returns, cannot become messages. Nothing was sent. */
export class RehydrationInvalid extends LifeboatError {
  override readonly name = 'RehydrationInvalid';
  override readonly kind = 'usage';
  constructor(rehydration: string, problem: string, options?: ErrorOptions) {
    super(`rehydration "${rehydration}" sends nothing: ${problem}. Correct its SQL in the plan`, options);
  }
}

/** The query must sort and store all its rows within this time. */
const TIMEOUT = '10min';

/** https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat */
const BYTEA = 17;

/**
 * Runs the plan's query once, in one snapshot and in a read-only transaction, and checks every row before it
 * returns the first.
 *
 * The server keeps the rows. So neither their number nor the sending time burdens this process or the
 * application.
 *
 * @param sql returns the columns `key` and `body`, and `group` for a FIFO queue
 * @throws RehydrationInvalid with PostgreSQL's words, or naming row and column
 */
export async function openAnswer(
  client: pg.Client,
  { rehydration, sql, rules }: { rehydration: string; sql: string; rules: Rules },
): Promise<Answer> {
  const invalid = (problem: string, cause?: unknown) =>
    new RehydrationInvalid(rehydration, problem, { cause });
  try {
    await client.query(
      `BEGIN READ ONLY; SET statement_timeout = '${TIMEOUT}'; SET LOCAL search_path = public; SET LOCAL cursor_tuple_fraction = 1`,
    );
    const query = subquery(sql);
    const { fields } = await client.query(oneStatement(`SELECT * FROM ${query} LIMIT 0`));
    const problem = columnProblem(fields, rules);
    if (problem !== null) throw invalid(problem);
    await client.query(oneStatement(declareCursor(query, rules)));
    await client.query('COMMIT');
  } catch (error) {
    throw error instanceof pg.DatabaseError ? invalid(error.message, error) : error;
  }
  const { rows: first } = await client.query<Checked>('FETCH 1 FROM answer');
  const [worst] = first;
  if (worst?.wrong) throw invalid(`row ${worst.row} of its answer: ${worst.wrong}`);
  const rest = await client.query('MOVE FORWARD ALL FROM answer');
  return {
    rows: first.length + (rest.rowCount ?? 0),
    async *read(page) {
      await client.query('MOVE ABSOLUTE 0 FROM answer');
      for (;;) {
        const { rows } = await client.query<Checked>(`FETCH ${page} FROM answer`);
        if (rows.length === 0) return;
        yield rows;
      }
    },
  };
}

interface Checked extends Row {
  readonly row: string;
  /** What is wrong with the row. Wrong rows come first. */
  readonly wrong: string | null;
}

/** The plan's query as a table, even if it ends with a semicolon or a comment. */
function subquery(sql: string): string {
  return `(\n${sql.replace(/;\s*$/, '')}\n) AS answer`;
}

/**
 * Uses the extended protocol, which accepts a single statement. A second one could end the read-only
 * transaction.
 */
function oneStatement(text: string): pg.QueryConfig {
  const config = { text, queryMode: 'extended' };
  return config;
}

function columnProblem(
  fields: readonly Pick<pg.FieldDef, 'name' | 'dataTypeID'>[],
  { fifo }: Rules,
): string | null {
  for (const column of fifo ? ['key', 'body', 'group'] : ['key', 'body']) {
    const found = fields.filter(({ name }) => name === column);
    const names = fields.map(({ name }) => name).join(', ');
    if (found.length !== 1)
      return `its answer has ${found.length === 0 ? 'no' : 'more than one'} column "${column}" (it has: ${names})`;
    if (found[0]?.dataTypeID === BYTEA) return `its column "${column}" is a bytea, and must be text or JSON`;
  }
  return null;
}

/** The server checks the rows: it checks all of them, and no row has to leave it for that. */
function declareCursor(query: string, { bytes, fifo, plainText }: Rules): string {
  const utf8 = (column: string) => `octet_length(convert_to(${column}, 'UTF8'))`;
  const controls = String.raw`'[\u0001-\u0008\u000b\u000c\u000e-\u001f]'`;
  const wrong = [
    ['key IS NULL', `'its "key" is null'`],
    [`key = ''`, `'its "key" is empty'`],
    ['row <> first', `format('its "key" is that of row %s: %s', first, left(key, 100))`],
    ['body IS NULL', `'its "body" is null'`],
    [`body = ''`, `'its "body" is empty'`],
    [
      `${utf8('key')} + ${utf8('body')} > ${bytes}`,
      `format('its "key" and "body" have %s bytes, more than ${bytes}', ${utf8('key')} + ${utf8('body')})`,
    ],
    ...(plainText
      ? ['key', 'body'].map((column) => [
          `${column} ~ ${controls}`,
          `'its "${column}" has a control character, which SQS does not take'`,
        ])
      : []),
    ...(fifo
      ? [
          ['"group" IS NULL', `'its "group" is null'`],
          [
            `"group" !~ '^[!-~]{1,128}$' COLLATE "C"`,
            `'its "group" is none of SQS: 1 to 128 printable characters of ASCII, no spaces'`,
          ],
        ]
      : []),
  ].map(([condition, words]) => `WHEN ${condition} THEN ${words}`);
  const group = fifo ? '"group"::text' : 'NULL::text';
  // Rows are numbered before they are sorted to find duplicate keys.
  return `
    DECLARE answer SCROLL CURSOR WITH HOLD FOR
    SELECT row, wrong, CASE WHEN wrong IS NULL THEN key END AS key, CASE WHEN wrong IS NULL THEN body END AS body, "group" FROM (
      SELECT *, CASE ${wrong.join(' ')} END AS wrong FROM (
        SELECT *, min(row) OVER (PARTITION BY key COLLATE "C") AS first FROM (
          SELECT row_number() OVER () AS row, key::text, body::text, ${group} AS "group" FROM ${query}
        ) AS numbered
      ) AS compared
    ) AS judged ORDER BY wrong IS NULL, row`;
}
