import path from 'node:path';
import * as kit from 'process-kit/run';
import { workFolder } from './folders.ts';

export type { Death, Run } from 'process-kit/run';

const runsFolder = path.join(workFolder, 'runs');

/** Opens a run of the local AWS after sweeping up dead runs. */
export const startRun = () => kit.startRun({ runsFolder, name: 'lifeboat' });

/** The runs with a record: running, kept, or not yet swept. */
export const knownRuns = () => kit.knownRuns(runsFolder);
