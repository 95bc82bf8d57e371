import { measureInWords, worstLossInWords } from '../../objectives/measure-in-words.ts';
import { visible } from '../../text/visible.ts';
import type { Notifier } from '../notifier.ts';

/** A message for SNS, which sends it by e-mail. */
export interface Email {
  /** At most 99 characters of ASCII: SNS refuses more. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
  readonly subject: string;
  readonly message: string;
}

/** Says in a few lines what a run found and where its evidence is. No text in the fact can add a line to it. */
export const email: Notifier<Email> = {
  name: 'email',
  compose(fact) {
    const subject = `Lifeboat: ${fact.workload}/${fact.subject}: ${fact.words}`;
    const lines = [
      `${fact.outcome}: ${fact.reason}${fact.failure ? `: ${fact.failure.cause}` : ''}`,
      '',
      ...(fact.measures
        ? [`RPO ${measureInWords(fact.measures.rpo)}`, `RTO ${measureInWords(fact.measures.rto)}`]
        : []),
      ...(fact.measures?.worstLoss ? [`Worst loss: ${worstLossInWords(fact.measures.worstLoss)}`] : []),
      ...fact.details.map(({ label, text }) => `${capitalized(label)}: ${text}`),
      `Started by: ${fact.startedBy} at ${fact.startedAt}`,
      `Evidence: ${fact.evidence}`,
    ];
    return {
      subject: subject.replace(/[^\x20-\x7e]/g, '?').slice(0, 99),
      message: lines.map((line) => visible(line)).join('\n'),
    };
  },
};

function capitalized(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1);
}
