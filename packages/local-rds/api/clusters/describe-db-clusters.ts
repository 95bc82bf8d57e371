import { Fault } from '../../protocol/fault.ts';
import { action } from '../action.ts';
import { arnOf } from '../arn.ts';

/** There are none here. Tools that look for Aurora beside RDS go on with an empty answer. */
export const describeDBClusters = action('DescribeDBClusters', {
  parameters: ['DBClusterIdentifier', 'Filters', 'IncludeShared', 'MaxRecords', 'Marker'],
  resources: (call) => [arnOf(call, 'cluster', '*')],
  perform(_, input) {
    if (input.DBClusterIdentifier !== undefined)
      throw new Fault('DBClusterNotFoundFault', `DBCluster ${input.DBClusterIdentifier} not found.`);
    return { DBClusters: [] };
  },
});
