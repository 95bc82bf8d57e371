/**
 * Classes that RDS offers for PostgreSQL 18, and whether each runs in two zones. Here they are names: every instance runs on the
 * same machine.
 */
export const instanceClasses: readonly string[] = [
  ...['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'].map((size) => `db.t4g.${size}`),
  ...['micro', 'small', 'medium', 'large', 'xlarge', '2xlarge'].map((size) => `db.t3.${size}`),
  ...['m6g', 'm6i', 'm7g', 'm7i', 'm8g', 'r6g', 'r6i', 'r7g', 'r7i', 'r8g'].flatMap((family) =>
    ['large', 'xlarge', '2xlarge', '4xlarge', '8xlarge', '12xlarge', '16xlarge'].map(
      (size) => `db.${family}.${size}`,
    ),
  ),
];

/** Kinds of storage, with the sizes in GiB that RDS has for PostgreSQL. */
export const storageTypes: Readonly<
  Record<string, { readonly min: number; readonly max: number; readonly iops: boolean }>
> = {
  gp2: { min: 20, max: 65_536, iops: false },
  gp3: { min: 20, max: 65_536, iops: true },
  io1: { min: 100, max: 65_536, iops: true },
  io2: { min: 100, max: 65_536, iops: true },
  standard: { min: 20, max: 3_072, iops: false },
};

/** Zones of a Region. */
export const zonesOf = (region: string): string[] => ['a', 'b', 'c'].map((letter) => `${region}${letter}`);
