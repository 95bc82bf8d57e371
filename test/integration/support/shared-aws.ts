import type { Connection } from 'local-postgres/access';
import type { TestProject } from 'vitest/node';
import { startLocalAws } from '../../../local/start.ts';

/** The address of the local AWS that the tests of a project share: `shared-aws` or `cases-on-aws`. */
export interface SharedAws {
  readonly runFolder: string;
  readonly region: string;
  /** The superusers of its two PostgreSQL servers. */
  readonly source: Connection;
  readonly scratch: Connection;
}

declare module 'vitest' {
  export interface ProvidedContext {
    sharedAws: SharedAws;
  }
}

/** Starts it once, before the first test. Its state machines skip all waits. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false, waitScale: 0 });
  project.provide('sharedAws', {
    runFolder: aws.runFolder,
    region: aws.region,
    source: aws.source.superuser(),
    scratch: aws.scratch.superuser(),
  });
  return () => aws.stop();
}
