import type { Plan } from '../plan/schema.ts';

/** The two topics of a deployment that people are subscribed to. */
export const TOPICS = ['outcomes', 'alarms'] as const;
export type Topic = (typeof TOPICS)[number];

/** One e-mail subscription as SNS lists it. */
export interface EmailSubscription {
  readonly address: string;
  readonly confirmed: boolean;
}

/** Lists the e-mail subscriptions of a topic. */
export type ListEmails = (topic: Topic) => Promise<readonly EmailSubscription[]>;

/** An address of the plan that hears of nothing, or a topic that may not be looked into. */
export interface Unheard {
  readonly topic: Topic;
  /** Null where it could not be found out for any address. */
  readonly address: string | null;
  /** What is wrong, and the next step. */
  readonly problem: string;
}

/** SNS deletes what is not confirmed within 48 hours, and CloudFormation does not create it again. */
const PROBLEMS = {
  pending:
    'not confirmed: open the link in the e-mail of AWS Notifications within 48 hours of the deployment',
  missing:
    'no longer subscribed: take the address out of the plan, deploy, put it back, and deploy; then confirm within 48 hours',
} as const;

/** Finds the addresses of the plan that no e-mail reaches. A topic that cannot be asked does not hide the other. */
export async function unheardAddresses(
  { notifications }: Pick<Plan, 'notifications'>,
  list: ListEmails,
): Promise<Unheard[]> {
  const channels = Object.values(notifications);
  const found = await Promise.all(
    TOPICS.map(async (topic): Promise<Unheard[]> => {
      const wanted = channels.filter(({ on }) =>
        on.some((occasion) => (occasion === 'alarm') === (topic === 'alarms')),
      );
      const addresses = new Set(wanted.flatMap(({ email }) => email));
      if (addresses.size === 0) return [];
      try {
        const listed = await list(topic);
        return [...addresses].flatMap((address) => {
          const state = stateOf(address, listed);
          return state === 'confirmed' ? [] : [{ topic, address, problem: PROBLEMS[state] }];
        });
      } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        return [{ topic, address: null, problem: `not known who is subscribed: ${said}` }];
      }
    }),
  );
  return found.flat();
}

function stateOf(address: string, listed: readonly EmailSubscription[]): 'confirmed' | keyof typeof PROBLEMS {
  const own = listed.filter((subscription) => subscription.address === address);
  if (own.some(({ confirmed }) => confirmed)) return 'confirmed';
  return own.length > 0 ? 'pending' : 'missing';
}
