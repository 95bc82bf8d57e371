import { expect, test } from 'vitest';
import { writeAnswer } from '../../../protocol/write-answer.ts';
import { serviceModel } from '../../support/service-model.ts';

const model = await serviceModel();

test('an action without a result answers only the id of the request', () => {
  expect(writeAnswer(model, 'DeleteDBSubnetGroup', undefined, 'an-id')).toEqual({
    status: 200,
    body:
      '<?xml version="1.0" encoding="UTF-8"?>\n<DeleteDBSubnetGroupResponse xmlns="http://rds.amazonaws.com/doc/2014-10-31/">' +
      '<ResponseMetadata><RequestId>an-id</RequestId></ResponseMetadata></DeleteDBSubnetGroupResponse>\n',
  });
});

test.each([
  ['a member that the model does not have', { DBInstances: [{ Colour: 'red' }] }, 'DBInstance.Colour'],
  ['a text for a number', { DBInstances: [{ AllocatedStorage: '20' }] }, 'AllocatedStorage'],
  ['a text for a time', { DBInstances: [{ LatestRestorableTime: '2026-01-01' }] }, 'LatestRestorableTime'],
  ['a number for a text', { Marker: 1 }, 'Marker'],
])('an answer with %s is a defect that shows', (_, output, at) => {
  expect(() => writeAnswer(model, 'DescribeDBInstances', output, 'an-id')).toThrow(
    expect.objectContaining({ name: 'AnswerNotOfModel', message: expect.stringContaining(at) }),
  );
});
