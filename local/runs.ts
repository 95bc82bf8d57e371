import path from 'node:path';
import * as kit from 'process-kit/run';
import { workFolder } from './folders.ts';

export type { Run } from 'process-kit/run';

const runsFolder = path.join(workFolder, 'runs');

/** Opens a run of the local AWS, after it has swept what dead runs left behind. */
export const startRun = () => kit.startRun({ runsFolder, name: 'lifeboat' });

/** The runs that left a record: those that run, those that are kept, and those that were not swept yet. */
export const knownRuns = () => kit.knownRuns(runsFolder);
