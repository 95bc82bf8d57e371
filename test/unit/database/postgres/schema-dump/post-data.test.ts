import { describe, expect, test } from 'vitest';
import { splitPostData } from '../../../../../shared/database/postgres/schema-dump/post-data.ts';
import {
  entriesByTitle,
  schemaDifferences,
} from '../../../../../shared/database/postgres/schema-dump/schema-differences.ts';

const entry = (name: string, type: string, sql: string, schema = 'public') =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: -\n--\n\n${sql}\n\n\n`;

const PREAMBLE = `--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
SET row_security = off;

`;
const FOOTER = '--\n-- PostgreSQL database dump complete\n--\n\n';

const pkey = entry(
  'contacts contacts_pkey',
  'CONSTRAINT',
  'ALTER TABLE ONLY public.contacts\n    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);',
);
const index = entry(
  'contacts_email',
  'INDEX',
  'CREATE INDEX contacts_email ON public.contacts USING btree (email);',
);
const foreignKey = entry(
  'events events_contact_fkey',
  'FK CONSTRAINT',
  'ALTER TABLE ONLY public.events ADD CONSTRAINT events_contact_fkey FOREIGN KEY (contact) REFERENCES public.contacts(id);',
);
const trigger = entry(
  'contacts touch',
  'TRIGGER',
  'CREATE TRIGGER touch BEFORE UPDATE ON public.contacts FOR EACH ROW EXECUTE FUNCTION public.touch();',
);
const attach = entry('p1_pkey', 'INDEX ATTACH', 'ALTER INDEX public.p_pkey ATTACH PARTITION public.p1_pkey;');
const refresh = entry('totals', 'MATERIALIZED VIEW DATA', 'REFRESH MATERIALIZED VIEW public.totals;');

describe('the post-data section', () => {
  test('is divided into what may be built at once and what keeps its order', () => {
    const { preamble, independent, ordered } = splitPostData(
      PREAMBLE + pkey + index + attach + foreignKey + trigger + refresh + FOOTER,
    );
    expect(preamble).toBe(PREAMBLE);
    expect(independent).toEqual([pkey, index]);
    expect(ordered).toEqual([attach, foreignKey, trigger, refresh + FOOTER]);
  });

  test('loses no byte', () => {
    const sql = PREAMBLE + trigger + pkey + foreignKey + index + FOOTER;
    const { preamble, independent, ordered } = splitPostData(sql);
    expect([preamble, ...independent, ...ordered].join('').length).toBe(sql.length);
  });

  test('of a database without indexes is its preamble', () => {
    expect(splitPostData(PREAMBLE + FOOTER)).toEqual({
      preamble: PREAMBLE + FOOTER,
      independent: [],
      ordered: [],
    });
    expect(splitPostData('')).toEqual({ preamble: '', independent: [], ordered: [] });
  });

  test('takes a name with semicolons and the word Type for what it is', () => {
    const odd = entry('a; Type: b; Schema: c', 'TRIGGER', 'SELECT 1;');
    const { independent, ordered } = splitPostData(PREAMBLE + odd + index);
    expect(ordered).toEqual([odd]);
    expect(independent).toEqual([index]);
  });

  test('builds the index of a view that it makes itself after the view', () => {
    // A view grouped by a primary key can only be made once the key is there: pg_dump puts it behind the rows.
    const view = entry(
      'per_contact',
      'MATERIALIZED VIEW',
      'CREATE MATERIALIZED VIEW public.per_contact AS\n SELECT id\n   FROM public.contacts\n  GROUP BY id\n  WITH NO DATA;',
    );
    const onView = entry(
      'per_contact_id',
      'INDEX',
      'CREATE UNIQUE INDEX per_contact_id ON public.per_contact USING btree (id);',
    );
    const named = entry(
      'Odd View',
      'MATERIALIZED VIEW',
      'CREATE MATERIALIZED VIEW public."Odd View"\nWITH (fillfactor=\'70\') AS\n SELECT 1 AS n\n  WITH NO DATA;',
    );
    const onNamed = entry('odd', 'INDEX', 'CREATE INDEX odd ON public."Odd View" USING btree (n);');
    const { independent, ordered } = splitPostData(
      PREAMBLE + pkey + view + named + index + onView + onNamed + refresh,
    );
    expect(independent).toEqual([pkey, index]);
    expect(ordered).toEqual([view, named, onView, onNamed, refresh]);
  });
});

describe('entriesByTitle', () => {
  test('names entries by kind, schema and name', () => {
    const entries = entriesByTitle(
      PREAMBLE + pkey + index + entry('public', 'SCHEMA', 'CREATE SCHEMA public;', '-'),
    );
    expect([...entries.keys()]).toEqual([
      'CONSTRAINT public.contacts contacts_pkey',
      'INDEX public.contacts_email',
      'SCHEMA public',
    ]);
    expect(entries.get('INDEX public.contacts_email')).toBe(index.trim());
  });
});

describe('schemaDifferences', () => {
  const dump = (...postData: string[]) => ({ preData: PREAMBLE, postData: postData.join('') });

  test('names what is missing, added or different', () => {
    const changed = pkey.replace('(id)', '(email)');
    expect(schemaDifferences(dump(pkey, index), dump(changed, trigger))).toEqual([
      'CONSTRAINT public.contacts contacts_pkey',
      'INDEX public.contacts_email',
      'TRIGGER public.contacts touch',
    ]);
  });

  test('says so where only the order differs', () => {
    expect(schemaDifferences(dump(pkey, index), dump(index, pkey))).toEqual(['the order of its entries']);
  });

  test('names ten of many, and how many more', () => {
    const many = Array.from({ length: 13 }, (_, n) => entry(`i${n}`, 'INDEX', 'SELECT 1;'));
    const differences = schemaDifferences(dump(), dump(...many));
    expect(differences).toHaveLength(11);
    expect(differences.at(-1)).toBe('3 more');
  });
});
