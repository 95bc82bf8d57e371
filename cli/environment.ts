/** Variables that the command line reads itself. The SDK reads others, which all begin with AWS_. */
const READ = /^(AWS_.*|LIFEBOAT_.*|INIT_CWD|CI|NO_COLOR|FORCE_COLOR)$/;

/**
 * Settles once what the environment says, before anything reads it:
 *
 * - A variable that is set to nothing is not set. Scripts and CI set one that way where they have no value for it.
 * - Of NO_COLOR and FORCE_COLOR one remains. Node would warn of both, and commander would decide otherwise than Node.
 *   FORCE_COLOR wins, as it does for Node, unless `--no-color` was typed. https://nodejs.org/api/cli.html#force_color1-2-3
 */
export function settleEnvironment(environment: NodeJS.ProcessEnv, argv: readonly string[]): void {
  for (const name of Object.keys(environment))
    if (READ.test(name) && environment[name]?.trim() === '') delete environment[name];
  const { FORCE_COLOR: forced } = environment;
  if (argv.includes('--no-color') || forced === '0' || forced === 'false') {
    delete environment.FORCE_COLOR;
    environment.NO_COLOR = '1';
  } else if (forced !== undefined) delete environment.NO_COLOR;
}

/**
 * Whether a person sits at this terminal. A CI server may give its jobs a terminal where no one answers.
 *
 * @param environment after `settleEnvironment`
 */
export function isAttended(
  environment: NodeJS.ProcessEnv,
  ...streams: readonly { readonly isTTY?: boolean }[]
): boolean {
  const { CI } = environment;
  return (CI === undefined || CI === '0' || CI === 'false') && streams.every(({ isTTY }) => isTTY === true);
}
