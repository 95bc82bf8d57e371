import type { Screen } from '../cli/render/screen.ts';
import type { Workload } from '../cli/workload.ts';
import type { LocalAws } from '../local/start.ts';

/** Where a drill takes place: a local AWS that is up, and what is deployed to it. */
export interface Scene {
  readonly aws: LocalAws;
  readonly workload: Workload;
  readonly screen: Screen;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}
