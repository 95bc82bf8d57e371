import { action } from '../action.ts';
import { arnOf } from '../arn.ts';
import { filtered } from '../filters.ts';
import { page } from '../pages.ts';
import { describeInstance, namedInstanceArn } from './describe-instance.ts';
import { instanceArn, instanceNamed } from './instance.ts';

export const describeDBInstances = action('DescribeDBInstances', {
  parameters: ['DBInstanceIdentifier', 'Filters', 'MaxRecords', 'Marker'],
  resources: (call, input) => [
    input.DBInstanceIdentifier ? namedInstanceArn(call, input.DBInstanceIdentifier) : arnOf(call, 'db', '*'),
  ],
  async perform(call, input) {
    const instances = input.DBInstanceIdentifier
      ? [instanceNamed(call, input.DBInstanceIdentifier)]
      : call.service.state.instances.list(call);
    const wanted = filtered(instances, input.Filters, {
      'db-cluster-id': () => [],
      'db-instance-id': (instance) => [instance.name, instanceArn(instance)],
      'dbi-resource-id': ({ shown }) => [shown.DbiResourceId],
      domain: () => [],
      engine: ({ shown }) => [shown.Engine],
    });
    const { items, ...marker } = page(wanted, ({ name }) => name, input);
    return {
      ...marker,
      DBInstances: await Promise.all(items.map((instance) => describeInstance(call.service, instance))),
    };
  },
});
