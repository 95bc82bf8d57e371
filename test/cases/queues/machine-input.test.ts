import { expect } from 'vitest';
import { machineUnderTest } from '../../state-machines/machine-under-test.ts';
import { fieldCase } from '../field-case.ts';

fieldCase('B9', async (now) => {
  const run = await machineUnderTest('backup').walk({ plan: 'mailblast' }, {});
  now(`${run.error}: ${run.cause}`);
  expect(run).toMatchObject({
    status: 'FAILED',
    error: 'InputInvalid',
    calls: [],
    cause:
      'nothing was started, because the input of the machine "backup" is not valid: unknown: plan; ' +
      'database is missing (text that is not empty); backup is missing (text that is not empty); ' +
      'startedBy is missing (text that is not empty). Needed: database, backup, startedBy. Optional: label, runId',
  });
});
