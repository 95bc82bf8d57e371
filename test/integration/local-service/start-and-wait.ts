/** Starts a local AWS, tells where it is, and waits to be killed: the owner that a test takes away. */
import { startLocalAws } from '../../../local/start.ts';

const aws = await startLocalAws({ plan: 'plans/mailblast.yml', deploy: false });
process.stdout.write(`${JSON.stringify({ runFolder: aws.runFolder, endpoint: aws.endpoint })}\n`);
