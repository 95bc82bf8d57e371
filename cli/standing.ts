/** The scripts of package.json that run this program. */
const OWN_SCRIPTS = new Set(['lifeboat', 'drill', 'local']);

/**
 * Makes the person's folder the current one. `npm run` starts a script in the project's folder and keeps in INIT_CWD where
 * it was typed: relative paths mean that folder. https://docs.npmjs.com/cli/commands/npm-run
 */
export function standWhereTyped({ npm_lifecycle_event: script, INIT_CWD: typedIn }: NodeJS.ProcessEnv): void {
  if (script !== undefined && OWN_SCRIPTS.has(script) && typedIn !== undefined) process.chdir(typedIn);
}
