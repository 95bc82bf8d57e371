import type { LocalAws } from '../../local/start.ts';
import type { Screen } from '../render/screen.ts';
import type { Workload } from '../workload.ts';
import type { Sample } from './sample.ts';

/** Where a drill takes place: a local AWS that is up, and what is deployed to it. */
export interface Scene {
  readonly aws: LocalAws;
  readonly workload: Workload;
  readonly sample: Sample;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
