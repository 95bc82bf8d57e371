import { describe, expect, test } from 'vitest';
import {
  aroundParentheses,
  splitSql,
  withoutWord,
} from '../../../../../shared/database/postgres/sql/split-sql.ts';

describe('splitSql', () => {
  test.each<[string, string, string[]]>([
    [
      'statements',
      'CREATE INDEX a ON t (x);\n\nALTER TABLE t CLUSTER ON a;\n',
      ['CREATE INDEX a ON t (x)', 'ALTER TABLE t CLUSTER ON a'],
    ],
    ['a quoted name', 'SELECT 1 AS "a;""b"; SELECT 2', ['SELECT 1 AS "a;""b"', 'SELECT 2']],
    ['a string', "SELECT 'it''s; \\'; SELECT 2", ["SELECT 'it''s; \\'", 'SELECT 2']],
    ['an escape string', "SELECT E'it\\'s; \\\\'; SELECT 2", ["SELECT E'it\\'s; \\\\'", 'SELECT 2']],
    ['dollar quotes', 'SELECT $$a;$b$;$$; SELECT $b$;$$;$b$', ['SELECT $$a;$b$;$$', 'SELECT $b$;$$;$b$']],
    ['a dollar sign in a name', 'SELECT a$b; SELECT a$b', ['SELECT a$b', 'SELECT a$b']],
    [
      'a name that ends as an escape string begins',
      "SELECT nice'a\\'; SELECT 2",
      ["SELECT nice'a\\'", 'SELECT 2'],
    ],
    [
      'comments',
      "SELECT 1 -- it's; not\n; SELECT 2 /* ; /* ' */ ; */",
      ["SELECT 1 -- it's; not", "SELECT 2 /* ; /* ' */ ; */"],
    ],
    [
      'parentheses',
      'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT (2)); SELECT 3',
      ['CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT (2))', 'SELECT 3'],
    ],
    ['nothing', ' ;\n; ', []],
    ['a quote that never ends', "SELECT 'a; b", ["SELECT 'a", 'b']],
  ])('knows %s', (_, sql, statements) => {
    expect(splitSql(sql, ';')).toEqual(statements);
  });

  test('splits a list', () => {
    expect(splitSql(`a numeric(10,2) DEFAULT f(1, ','), "b,c" text`, ',')).toEqual([
      `a numeric(10,2) DEFAULT f(1, ',')`,
      '"b,c" text',
    ]);
  });
});

describe('aroundParentheses', () => {
  test('takes the first that are not in a name', () => {
    expect(aroundParentheses('CREATE TABLE "a(b" (\n    x int CHECK ((x > (0)))\n)\nINHERITS (p)')).toEqual({
      before: 'CREATE TABLE "a(b" ',
      inside: '\n    x int CHECK ((x > (0)))\n',
      after: '\nINHERITS (p)',
    });
  });

  test('finds none where there are none', () => {
    expect(aroundParentheses("SELECT '('")).toBeNull();
    expect(aroundParentheses('SELECT (1')).toBeNull();
  });
});

test('withoutWord leaves the word in names, strings and comments', () => {
  const sql = `ADD GENERATED ( SEQUENCE NAME "LOGGED"\n    LOGGED\n    START WITH 1 -- LOGGED\n); 'LOGGED' UNLOGGED`;
  expect(withoutWord(sql, 'LOGGED')).toBe(sql.replace('    LOGGED\n', '    \n'));
});
