import pg from 'pg';
import { PIECE_BYTES } from './pieces.ts';

/** Comments of one statement: each locks its object until the statement ends. */
const COMMENTS_AT_ONCE = 500;

/**
 * A temporary table that COPY loads pieces into. A trigger writes each piece into its large object, which keeps its number,
 * because tables refer to it. The bytes are not kept in the table.
 */
const PREPARE = `
  CREATE TEMPORARY TABLE IF NOT EXISTS large_objects (object pg_catalog.oid, piece int8, bytes bytea, comment text);
  TRUNCATE pg_temp.large_objects;
  CREATE OR REPLACE FUNCTION pg_temp.write_piece() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.piece = 0 THEN
        PERFORM pg_catalog.lo_from_bytea(NEW.object, NEW.bytes);
      ELSE
        PERFORM pg_catalog.lo_put(NEW.object, NEW.piece * ${PIECE_BYTES}, NEW.bytes);
      END IF;
      NEW.bytes := NULL;
      RETURN NEW;
    END $$;
  CREATE OR REPLACE TRIGGER write_piece BEFORE INSERT ON pg_temp.large_objects
    FOR EACH ROW EXECUTE FUNCTION pg_temp.write_piece()`;

/** Where to COPY pieces to. Call `writeComments` after it. */
export async function preparePieces(connection: pg.Client): Promise<string> {
  await connection.query(PREPARE);
  return 'pg_temp.large_objects (object, piece, bytes, comment)';
}

/** Gives the large objects that were loaded last their comments. */
export async function writeComments(connection: pg.Client): Promise<void> {
  const { rows } = await connection.query<{ object: string; comment: string }>(
    'SELECT object::text, comment FROM pg_temp.large_objects WHERE comment IS NOT NULL',
  );
  for (let from = 0; from < rows.length; from += COMMENTS_AT_ONCE)
    await connection.query(
      rows
        .slice(from, from + COMMENTS_AT_ONCE)
        .map(({ object, comment }) => `COMMENT ON LARGE OBJECT ${object} IS ${pg.escapeLiteral(comment)}`)
        .join('; '),
    );
  await connection.query('TRUNCATE pg_temp.large_objects');
}
