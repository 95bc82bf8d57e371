import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { benchBackup } from './backup.ts';
import { type Figure, ratioOf } from './figure.ts';
import { benchLease } from './lease.ts';
import { benchRds } from './rds.ts';
import { benchReplay } from './replay.ts';

const program = new Command('bench').description(
  'Measures Lifeboat against what people use today, both sides in one run.',
);

program
  .command('backup')
  .description("a logical backup against the script of MailBlast's document")
  .option('--scale <n>', 'size of the database; 1 is about 1 GB', Number, 0.3)
  .option('--rounds <n>', 'how often each side runs; medians count', Number, 3)
  .addOption(new Option('--json', 'one line for each figure'))
  .action(async ({ scale, rounds, json }) => show(await benchBackup({ scale, rounds }), json));

program
  .command('rds')
  .description("a snapshot and a restore of the local RDS against pgBackRest's")
  .option('--scale <n>', 'size of the database; 1 is about 1 GB', Number, 1)
  .option('--rounds <n>', 'how often each side runs; medians count', Number, 3)
  .addOption(new Option('--json', 'one line for each figure'))
  .action(async ({ scale, rounds, json }) => show(await benchRds({ scale, rounds }), json));

program
  .command('replay')
  .description("the replay of a dead-letter queue against the shell loop of MailBlast's document, and others")
  .option('--messages <n>', 'messages in the queue', Number, 5000)
  .option('--rounds <n>', 'how often each side runs; medians count', Number, 3)
  .addOption(new Option('--json', 'one line for each figure'))
  .action(async ({ messages, rounds, json }) => show(await benchReplay({ messages, rounds }), json));

program
  .command('lease')
  .description('writes of an application to a table that a lease fences, against the same without the fence')
  .option('--rounds <n>', 'how often each side runs; medians count', Number, 5)
  .addOption(new Option('--json', 'one line for each figure'))
  .action(async ({ rounds, json }) => show(await benchLease({ rounds }), json));

function show(figures: Figure[], json: boolean | undefined): void {
  if (json) {
    for (const figure of figures) console.log(JSON.stringify({ ...figure, ratio: ratioOf(figure) }));
    return;
  }
  const table = new Table({ head: ['what', 'ours', 'theirs', 'ratio'], style: { head: [], border: [] } });
  const number = (value: number | null) =>
    value === null ? '' : value >= 1000 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
  for (const figure of figures)
    table.push([figure.what, number(figure.ours), number(figure.theirs), number(ratioOf(figure))]);
  console.log(table.toString());
}

await program.parseAsync();
