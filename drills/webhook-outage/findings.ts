import type { DeadLetters } from '../../local/sample/dead-letters.ts';
import type { Account } from '../../shared/replay/account/account.ts';
import { dealtWith } from '../../shared/status/tally.ts';
import { type Finding, finding } from '../finding.ts';

/** What the receiver has seen in some part of the drill. */
export interface Seen {
  readonly requests: number;
  /** Requests that took effect. */
  readonly effects: number;
  /** Requests whose event was recorded before. */
  readonly known: number;
}

/** How a run of the drill ended. */
export interface Ended {
  readonly outcome: string | null;
  readonly account: Account | null;
}

/** A run that was to change nothing: the messages in the queue before and after, and what the webhook saw. */
interface Unchanging {
  readonly run: Ended;
  readonly before: number;
  readonly after: number;
  readonly seen: Seen;
}

/** The replay while the receiver was down. */
export function whileDown({ run, before, after, seen }: Unchanging): Finding[] {
  return [
    finding('a replay while the webhook is down stops itself', 'stopped', run.outcome ?? 'no outcome'),
    finding('and loses nothing: messages in the queue', before, after),
    sentNothing(seen),
  ];
}

/** The dry run. */
export function afterDryRun({ run, before, after, seen }: Unchanging): Finding[] {
  return [
    finding('a dry run ends as one', 'dry-run', run.outcome ?? 'no outcome'),
    finding('and takes nothing: messages in the queue', before, after),
    sentNothing(seen),
  ];
}

const sentNothing = ({ requests }: Seen) =>
  finding('and sends nothing: requests to the webhook', 0, requests);

/** The replay itself: its account beside what was put into the queue, what the webhook saw, and what the database has. */
export function afterReplay({
  letters,
  run,
  seen,
  recorded,
  quarantined,
  left,
}: {
  letters: DeadLetters;
  run: Ended;
  seen: Seen;
  /** How often each MessageId stands in the database. */
  recorded: ReadonlyMap<string, number>;
  /** Messages in quarantine. */
  quarantined: number;
  left: number;
}): Finding[] {
  const outcome = finding('the replay came to its end', 'replayed', run.outcome ?? 'no outcome');
  const { account } = run;
  if (!account) return [outcome, finding('the replay has an account', 'an account', 'none')];
  const { known, fresh, refused, copies, unparsable, mismatched, bodies } = letters;
  const due = [...known, ...fresh];
  const poison = refused.length + unparsable + mismatched;
  return [
    outcome,
    finding(
      'the account adds up: received = delivered + duplicates + quarantined + returned',
      account.received,
      dealtWith(account),
    ),
    finding(
      'every message was received, and none went back',
      bodies.length,
      account.received - account.returned,
    ),
    finding('the queue is empty', 0, left),
    finding(
      'every event is in the database exactly once',
      due.length,
      due.filter((id) => recorded.get(id) === 1).length,
    ),
    finding('refused events are not in the database', 0, refused.filter((id) => recorded.has(id)).length),
    finding('delivered are the events that the application had never seen', fresh.length, account.delivered),
    finding('and each took effect at the webhook, once', account.delivered, seen.effects),
    finding('duplicates are copies, and what the application had', copies + known.length, account.duplicates),
    finding('what the webhook was sent again is what the account calls unknown', seen.known, account.unknown),
    finding('quarantined is what could not be delivered', poison, account.quarantined),
    finding('and all of it lies in the vault', poison, quarantined),
  ];
}

/** The message that was released, after its replay. */
export function afterRelease({
  run,
  id,
  recorded,
}: {
  run: Ended;
  id: string;
  recorded: ReadonlyMap<string, number>;
}): Finding[] {
  return [
    finding('what was released is delivered by the next replay', 1, run.account?.delivered ?? 0),
    finding('and is in the database exactly once', 1, recorded.get(id) ?? 0),
  ];
}
