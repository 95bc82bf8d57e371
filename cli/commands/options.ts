import { Option } from 'commander';

/** Which deployment of the plan is meant. */
export const stageOption = () =>
  new Option('--stage <stage>', 'the stage that was deployed').env('LIFEBOAT_STAGE').default('prod');

/** Which of the plan's databases. */
export const databaseOption = () => new Option('--database <name>', 'a database of the plan').default('main');

export const PLAN_ARGUMENT = 'path of a plan, or the name of one in plans/';
