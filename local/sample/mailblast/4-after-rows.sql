-- Keys, indexes and what computes: made after the rows, as every loader does.
ALTER TABLE contacts ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE templates ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE;
ALTER TABLE campaigns ADD PRIMARY KEY (id), ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE email_events ADD PRIMARY KEY (id), ADD FOREIGN KEY (campaign_id) REFERENCES campaigns,
  ADD FOREIGN KEY (contact_id) REFERENCES contacts DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE failed_jobs ADD PRIMARY KEY (id);
ALTER TABLE suppressions ADD PRIMARY KEY (account_id, email_hash), ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE audit_log ADD PRIMARY KEY (id, at), ADD FOREIGN KEY (account_id) REFERENCES accounts;
ALTER TABLE "Contact Notes" ADD FOREIGN KEY ("contact") REFERENCES contacts;

CREATE UNIQUE INDEX contacts_account_email ON contacts (account_id, lower(email));
CREATE INDEX contacts_attributes ON contacts USING gin (attributes jsonb_path_ops);
CREATE INDEX contacts_updated ON contacts (updated_at);
CREATE INDEX campaigns_pending ON campaigns (created_at) WHERE status IN ('scheduled', 'sending');
CREATE INDEX events_contact_time ON email_events (contact_id, occurred_at DESC);
CREATE INDEX events_campaign_type ON email_events (campaign_id, type);
CREATE INDEX events_bounces ON email_events (occurred_at) WHERE type IN ('bounce', 'complaint');
CREATE UNIQUE INDEX events_sns_message ON email_events ((meta ->> 'sns_message_id'));
CREATE INDEX "Notes, by contact" ON "Contact Notes" ("contact");

CREATE VIEW campaign_stats AS SELECT campaign_id, type, count(*) AS events FROM email_events GROUP BY 1, 2;
CREATE MATERIALIZED VIEW daily_stats AS
  SELECT date_trunc('day', occurred_at AT TIME ZONE 'UTC') AS day, type, count(*) AS events FROM email_events GROUP BY 1, 2;

CREATE FUNCTION touch_updated() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER contacts_touch BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION touch_updated();

COMMENT ON TABLE campaigns IS 'What is sent, and how far it got; "sent_count" is the application''s own counter';
COMMENT ON COLUMN email_events.meta IS 'What SES told: {"sns_message_id": …}';

SELECT setval(pg_get_serial_sequence('contacts', 'id'), (SELECT max(id) FROM contacts)),
  setval(pg_get_serial_sequence('campaigns', 'id'), (SELECT max(id) FROM campaigns)),
  setval(pg_get_serial_sequence('email_events', 'id'), (SELECT max(id) FROM email_events)),
  setval('invoice_number', 10000 + 7 * 123);
DROP SCHEMA sample CASCADE;
