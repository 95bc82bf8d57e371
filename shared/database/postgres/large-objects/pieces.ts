/** Bytes of a piece. A large object may hold 4 TB, and no session needs more of it in memory. */
export const PIECE_BYTES = 1024 * 1024;

/** The mode in which `lo_open` reads. https://www.postgresql.org/docs/current/lo-interfaces.html */
const INV_READ = 0x40000;

/**
 * Selects large objects in pieces (object, piece, bytes, comment), as the session's snapshot shows them. An empty object
 * has one empty piece. The comment stands beside the first piece.
 *
 * Only a superuser may read `pg_largeobject`, so the bytes come from functions, which ask for the right to each object.
 *
 * @param where limits the objects by their `oid`; all by default
 */
export function selectPieces(where = ''): string {
  return `
    SELECT object, piece, pg_catalog.lo_get(object, piece * ${PIECE_BYTES}, ${PIECE_BYTES}) AS bytes,
      CASE WHEN piece = 0 THEN pg_catalog.obj_description(object, 'pg_largeobject') END AS comment
    FROM (${selectSizes(where)}) AS sized, pg_catalog.generate_series(0, greatest(size - 1, 0) / ${PIECE_BYTES}) AS piece`;
}

/** Sizes are read from an open object. It is closed at once, so that a transaction holds one open, not millions. */
function selectSizes(where: string): string {
  return `
    SELECT object, pg_catalog.lo_lseek64(opened, 0, 2) AS size, pg_catalog.lo_close(opened)
    FROM (
      SELECT oid AS object, pg_catalog.lo_open(oid, ${INV_READ}) AS opened
      FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata${where} ORDER BY oid) AS listed OFFSET 0) AS read`;
}
