import { describeFailoverState } from '../../contract/failover-state.ts';
import { memoryFailoverState } from './memory-failover-state.ts';

describeFailoverState('memory', () => memoryFailoverState());
