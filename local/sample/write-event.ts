import { randomUUID } from 'node:crypto';
import { beat } from '../../shared/database/postgres/heartbeat.ts';
import type { Write } from '../writer.ts';

/** Writes to MailBlast as the application does: an event, its campaign's counter and the heartbeat in one transaction. */
export function eventsOf(workload: string): Write {
  return async (client, at) => {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO email_events (campaign_id, contact_id, type, occurred_at, message_id, meta)
       SELECT (SELECT min(id) FROM campaigns), (SELECT min(id) FROM contacts), 'delivered', $1, $2,
         jsonb_build_object('sns_message_id', $3::text)`,
      [at, randomUUID(), randomUUID()],
    );
    await client.query(
      'UPDATE campaigns SET recipients = recipients + 1, sent_count = sent_count + 1 WHERE id = (SELECT min(id) FROM campaigns)',
    );
    await beat(client, workload, at);
    await client.query('COMMIT');
  };
}
