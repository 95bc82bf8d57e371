import { WrongUsage } from '../usage.ts';
import { type Answers, answerOf, mistakeIn, QUESTIONS, type Question } from './answers.ts';

/** Asks a person. Returns what was typed, empty for the ordinary answer. */
export type Ask = (words: string, ordinary: string | undefined) => Promise<string>;

/**
 * Answers every question: by the options given, then by asking, then by the ordinary answer.
 *
 * @param given the options, by the name of the answer
 * @param ask null where nobody can be asked: without a terminal, or with --yes
 * @param refused told why an answer is not accepted, before it is asked for again
 * @throws WrongUsage for a wrong option, or naming every option that is needed and missing
 */
export async function collectAnswers(
  given: Readonly<Record<string, string | undefined>>,
  {
    ask,
    refused,
    environment,
  }: { ask: Ask | null; refused: (sentence: string) => void; environment: NodeJS.ProcessEnv },
): Promise<Answers> {
  const answers: Partial<Record<keyof Answers, unknown>> = {};
  const sofar = answers as Partial<Answers>;
  const missing: Question[] = [];
  for (const question of QUESTIONS) {
    if (question.applies?.(sofar) === false) {
      if (given[question.name] !== undefined)
        throw new WrongUsage(`--${question.flag} makes no sense here: ${whyNot(question)}`);
      continue;
    }
    const ordinary = question.ordinary(sofar, environment);
    const written = given[question.name];
    if (written !== undefined) {
      const mistake = mistakeIn(question, written);
      if (mistake !== undefined)
        throw new WrongUsage(`--${question.flag}: expected ${mistake}, found ${JSON.stringify(written)}`);
      answers[question.name] = answerOf(question, written);
    } else if (ask)
      answers[question.name] = answerOf(question, await askUntilGood(question, ordinary, ask, refused));
    else if (ordinary === undefined) {
      // With an earlier answer missing, this one would have its ordinary value once that is given.
      if (!question.derived || missing.length === 0) missing.push(question);
    } else answers[question.name] = answerOf(question, ordinary);
  }
  if (missing.length > 0)
    throw new WrongUsage(
      `a new plan needs ${missing.map(({ flag, words }) => `--${flag} (${words})`).join(', ')}`,
    );
  return { subnets: [], securityGroups: [], ...answers } as unknown as Answers;
}

async function askUntilGood(
  question: Question,
  ordinary: string | undefined,
  ask: Ask,
  refused: (sentence: string) => void,
): Promise<string> {
  for (;;) {
    const written = (await ask(question.words, ordinary || undefined)).trim() || (ordinary ?? '');
    const mistake = written === '' && ordinary === undefined ? 'an answer' : mistakeIn(question, written);
    if (mistake === undefined) return written;
    refused(`expected ${mistake}`);
  }
}

function whyNot({ name }: Question): string {
  return name === 'target' ? 'there is no --queue' : 'there are no --subnets';
}
