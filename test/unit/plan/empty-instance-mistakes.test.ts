import { describe, expect, it } from 'vitest';
import { parsePlan } from '../../../shared/plan/load.ts';
import { emptyInstanceTestsOf, storedInstancePlacesOf } from '../../../shared/plan/lookup.ts';
import { plannedCopy } from '../../../shared/restore/made-for.ts';
import { mistakesIn } from './mistakes-in.ts';
import { planWith } from './plan-text.ts';

const DATABASE = `      scratchDatabase:
        secret: shop/scratch
        certificateAuthority: shop/scratch-ca
        expires: 6h
`;
const INSTANCE = `      scratchInstance:
        securityGroups: [sg-0a1b2c3d]
        class: db.t4g.small
        subnetGroup: private
        engineVersion: "17.6"
        gibibytes: 40
        parameterGroup: shop-17
        standby: { subnetGroup: private, securityGroups: [sg-0a1b2c3e] }
        kmsKey: alias/scratch
        expires: 12h
`;
const TESTED = planWith(DATABASE, INSTANCE);

describe('a restore test of a logical backup in an RDS instance of its own', () => {
  it('names class and subnet group, and may leave the rest to the manifest and to RDS', () => {
    expect(mistakesIn(TESTED)).toEqual([]);
    const least = INSTANCE.split('\n').filter((line) => !/engine|gibi|parameter|standby|kmsKey/.test(line));
    expect(mistakesIn(planWith(INSTANCE, least.join('\n'), TESTED))).toEqual([]);
  });

  it('is known as such, and its login is in no secret of the plan', () => {
    const plan = parsePlan(TESTED, 'x.yml');
    expect(emptyInstanceTestsOf(plan).map(([name]) => name)).toEqual(['nightly']);
    expect(storedInstancePlacesOf(plan)).toEqual([]);
    expect(plannedCopy(plan, { restoreTest: 'nightly' })).toMatchObject({
      machine: 'restore-test',
      server: { secret: null, certificateAuthority: 'shop/database-ca', expires: 43_200_000 },
    });
  });

  it.each([
    // RDS asks for a class, and puts an instance without a subnet group into the default VPC.
    ['        class: db.t4g.small\n', '', 'scratchInstance.class: expected the class of the empty instance'],
    ['        subnetGroup: private\n', '', 'scratchInstance.subnetGroup: expected the DB subnet group'],
    [
      'standby: { subnetGroup: private, ',
      'standby: { ',
      'scratchInstance.standby.subnetGroup: expected the DB subnet group',
    ],
    ['class: db.t4g.small', 'class: db.t2', 'expected a class of RDS instances such as db.t4g.medium'],
    ['gibibytes: 40', 'gibibytes: 5', 'gibibytes: expected whole GiB from 20 to 65536'],
    ['gibibytes: 40', 'gibibytes: 19.5', 'gibibytes: expected whole GiB from 20 to 65536'],
    ['gibibytes: 40', 'gibibytes: 70000', 'gibibytes: expected whole GiB from 20 to 65536'],
    ['gibibytes: 40', 'gibibytes: 40Gi', 'gibibytes: expected whole GiB from 20 to 65536'],
    // YAML reads it as a number, and 17.10 would become 17.1.
    ['"17.6"', '17.10', 'engineVersion: expected a version of PostgreSQL that RDS offers'],
    ['"17.6"', '"9.6.24"', 'engineVersion: expected a version of PostgreSQL that RDS offers'],
    ['"17.6"', '"17.6-R1"', 'engineVersion: expected a version of PostgreSQL that RDS offers'],
    ['"17.6"', 'latest', 'engineVersion: expected a version of PostgreSQL that RDS offers'],
    ['        kmsKey:', '        database: shop\n        kmsKey:', 'database: expected no database'],
    ['        kmsKey:', '        iops: 3000\n        kmsKey:', 'unknown key "iops"'],
    ['        kmsKey:', '        storageType: io1\n        kmsKey:', 'unknown key "storageType"'],
  ])('with %j as %j is a mistake, with its place', (passage, replacement, mistake) => {
    const found = mistakesIn(planWith(passage, replacement, TESTED));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^x\.yml:\d+:\d+ restoreTests\.nightly\./);
    expect(found[0]).toContain(mistake);
  });
});
