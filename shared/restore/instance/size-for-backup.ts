import type { Manifest } from '../../backup/logical/manifest.ts';

const GIBIBYTE = 2 ** 30;

/** What gp3 of RDS has at least and at most. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html */
const LEAST = 20;
const MOST = 65_536;

/** A row's header, its pointer in the page, and its entries in one or two indexes. */
const BYTES_PER_ROW = 100;

/** Indexes of wide columns, and what a load writes beside its rows: the log and the files of sorts. */
const TIMES = 3;

/** The log of a load that is not yet recycled, and what RDS needs for itself. */
const BESIDES_GIBIBYTES = 10;

/** How much storage an instance needs to load a logical backup and build its indexes, in whole GiB. Rather too much: it is paid for an hour. */
export function gibibytesFor({ tables }: Pick<Manifest, 'tables'>): number {
  const bytes = tables.reduce((sum, { rows, parts }) => {
    const raw = parts.reduce((of, { rawBytes }) => of + rawBytes, 0);
    return sum + raw + Number(rows) * BYTES_PER_ROW;
  }, 0);
  const needed = Math.ceil((bytes * TIMES) / GIBIBYTE) + BESIDES_GIBIBYTES;
  return Math.min(MOST, Math.max(LEAST, needed));
}

type Source = Pick<Manifest['source'], 'serverVersion'>;

/** The version of the source as RDS names it: 170006 is `17.6`. */
export function engineVersionOf(source: Source): string {
  return `${majorOf(source)}.${source.serverVersion % 10_000}`;
}

/** The major version of the source: 170006 is `17`. */
export function majorOf({ serverVersion }: Source): string {
  return String(Math.floor(serverVersion / 10_000));
}
