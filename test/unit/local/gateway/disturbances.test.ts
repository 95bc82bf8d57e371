import { describe, expect, test } from 'vitest';
import { Disturbances } from '../../../../local/gateway/disturbances.ts';

const call = {
  region: 'us-east-1',
  service: 's3',
  path: '/vault/rows/0/0.lbk',
  actions: ['s3:PutObject'],
  resource: 'mailblast-vault',
  caller: { functionName: 'copy-part', roleName: 'CopyPartRole' },
};
const slowDown = { status: 503, code: 'SlowDown', message: 'Reduce your request rate.' };

describe('a disturbance', () => {
  test('meets as many calls as it was given', () => {
    const disturbances = new Disturbances();
    disturbances.add({ match: { action: 's3:PutObject' }, fault: slowDown, times: 2 });
    expect([1, 2, 3].map(() => disturbances.take(call))).toEqual([slowDown, slowDown, undefined]);
  });

  test('meets every call until it is lifted', () => {
    const disturbances = new Disturbances();
    const lift = disturbances.add({ match: {}, fault: 'drop' });
    expect([1, 2, 3].map(() => disturbances.take(call))).toEqual(['drop', 'drop', 'drop']);
    lift();
    expect(disturbances.take(call)).toBeUndefined();
  });

  test.each([
    [{ region: 'us-west-2' }],
    [{ service: 'kms' }],
    [{ action: 's3:GetObject' }],
    [{ role: 'OtherRole' }],
    [{ action: 's3:PutObject', role: 'OtherRole' }],
  ])('for %j leaves another call alone', (match) => {
    const disturbances = new Disturbances();
    disturbances.add({ match, fault: 'drop' });
    expect(disturbances.take(call)).toBeUndefined();
  });

  test('for a role leaves the root user alone', () => {
    const disturbances = new Disturbances();
    disturbances.add({ match: { role: 'CopyPartRole' }, fault: 'drop' });
    expect(disturbances.take({ ...call, caller: undefined })).toBeUndefined();
    expect(disturbances.take(call)).toBe('drop');
  });

  test('meets only calls whose path has the piece that it names', () => {
    const disturbances = new Disturbances();
    disturbances.add({ match: { path: 'rows/0/' }, fault: { flipByteAt: 9 } });
    expect(disturbances.take({ ...call, path: '/vault/rows/1/0.lbk' })).toBeUndefined();
    expect(disturbances.take(call)).toEqual({ flipByteAt: 9 });
  });
});
