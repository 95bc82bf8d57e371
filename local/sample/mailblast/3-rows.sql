INSERT INTO accounts
SELECT i, initcap(sample.prose(i, 'account', 1)), sample.pick('{free,free,free,pro,pro,enterprise}', i, 'plan'),
  1000 + (sample.u32(i, 'quota') % 1000000)::int, ((sample.u32(i, 'balance') - 2147483648) / 10000.0)::numeric(14, 4),
  sample.moment(i, 'account at', 300)
FROM generate_series(1, sample.rows(200, 5)) i;

INSERT INTO contacts (id, account_id, email, first_name, last_name, status, engagement, lifetime_value, tags, attributes,
  consent_proof, created_at, updated_at)
SELECT i, 1 + (h % (SELECT count(*) FROM accounts))::int,
  lower(first_name) || '.' || i || '@' || sample.pick('{gmail.com,gmail.com,yahoo.com,outlook.com,icloud.com,example.org,uni.edu,web.de}', i, 'domain'),
  CASE WHEN h % 17 <> 0 THEN first_name END,
  sample.pick('{Smith,Garcia,Müller,Dubois,Rossi,Sato,Kim,Singh,Ivanova,O''Brien,Novak,Nielsen}', i, 'last'),
  sample.pick('{subscribed,subscribed,subscribed,subscribed,unsubscribed,bounced,complained,pending}', i, 'status')::contact_status,
  CASE WHEN i % 5003 = 1 THEN 'NaN' WHEN i % 5003 = 2 THEN '-Infinity' WHEN i % 5003 = 3 THEN '-0' ELSE sqrt(sample.u01(i, 'engagement')) * 100 END,
  (power(sample.u01(i, 'value'), 4) * 9999)::numeric(12, 2),
  CASE WHEN h % 3 = 0 THEN '{}' ELSE ARRAY[sample.pick('{vip,trial,"late payer",eu,us,beta}', i, 'tag 1'), sample.pick('{news,sales,"it''s",NULL}', i, 'tag 2')] END,
  jsonb_build_object('city', sample.pick('{London,Berlin,Tokyo,"São Paulo",Lagos,"New York"}', i, 'city'), 'uid', md5(i || 'uid'),
    'score', round((sample.u01(i, 'score') * 1000)::numeric, 3), 'lastSeen', 1700000000 + h % 40000000,
    'prefs', jsonb_build_object('frequency', sample.pick('{daily,weekly,monthly}', i, 'frequency'), 'vip', h % 11 = 0)),
  CASE WHEN h % 4 = 0 THEN decode(md5(i || 'proof 1') || md5(i || 'proof 2'), 'hex') END,
  sample.moment(i, 'contact at', 300), sample.moment(i, 'contact changed', 360)
FROM generate_series(1, sample.rows(420000, 50)) i,
  LATERAL (SELECT sample.u32(i, 'contact') AS h, sample.pick('{James,Mary,Léa,Hugo,José,Yuki,Wei,Ananya,Olga,Omar,Zoë,Søren}', i, 'first') AS first_name) x;

INSERT INTO templates (account_id, name, body, variables)
SELECT 1 + (i % (SELECT count(*) FROM accounts))::int, 'Template ' || i, sample.prose(i, 'template', 30),
  json_build_object('name', 'there', 'unsubscribe', 'https://t.example.com/u/' || md5(i::text))
FROM generate_series(1, sample.rows(600, 10)) i;

INSERT INTO campaigns (id, account_id, name, subject, html_body, status, recipients, sent_count, settings, split, throttle,
  send_window, scheduled_for, created_at)
SELECT i, 1 + (h % (SELECT count(*) FROM accounts))::int, initcap(sample.prose(i, 'name', 1)), sample.prose(i, 'subject', 1),
  (SELECT string_agg('<tr><td style="padding:' || p || E'px">' || sample.prose(i * 32 + p, 'html', 3) || E'</td></tr>\r\n\t<a href="https://t.example.com/c/' || md5(i || '/' || p) || '">\', '' ORDER BY p)
   FROM generate_series(1, 12 + (h % 16)::int) p),
  status, recipients,
  CASE status WHEN 'sent' THEN recipients WHEN 'sending' THEN recipients / 2 ELSE 0 END,
  jsonb_build_object('from', 'news@account' || (h % 200) || '.example.com', 'utm', jsonb_build_object('source', 'email', 'campaign', md5(i::text))),
  CASE WHEN h % 5 = 0 THEN ARRAY[ARRAY[1, (h % 100)::int], ARRAY[2, 100 - (h % 100)::int]] END,
  make_interval(secs => h % 90, mins => (h % 3)::int, days => (h % 2)::int),
  tstzrange(scheduled_for, CASE WHEN h % 3 = 0 THEN scheduled_for + interval '2 days' END),
  CASE WHEN status <> 'draft' THEN scheduled_for END, scheduled_for - interval '3 days'
FROM generate_series(1, sample.rows(3000, 10)) i,
  LATERAL (SELECT sample.u32(i, 'campaign') AS h, 100 + (sample.u32(i, 'recipients') % 20000)::int AS recipients,
    sample.moment(i, 'scheduled', 360) AS scheduled_for,
    sample.pick('{draft,scheduled,sending,sent,sent,sent,sent,sent}', i, 'campaign status')::campaign_status AS status) x;

-- A message that SES told about through SNS carries the SNS message's id, and never twice.
INSERT INTO email_events (id, campaign_id, contact_id, type, occurred_at, message_id, ip, latency_ms, meta)
SELECT i, 1 + (sample.u32(i, 'of campaign') % (SELECT count(*) FROM campaigns))::int,
  1 + sample.u32(i, 'of contact') % (SELECT count(*) FROM contacts), type::event_type,
  timestamptz '2024-06-01 00:00:00+00' + make_interval(secs => i * 13.7) + make_interval(secs => (h % 1000000) / 1e6),
  md5(i || 'message')::uuid,
  CASE WHEN type IN ('open', 'click') THEN ('10.' || h % 256 || '.' || (h >> 8) % 256 || '.' || (h >> 16) % 256)::inet END,
  (h % 100000) / 37.0::real,
  CASE WHEN type = 'sent' THEN '{}'::jsonb ELSE jsonb_build_object('sns_message_id', md5(i || 'sns')::uuid) END
  || CASE WHEN type IN ('open', 'click')
     THEN jsonb_build_object('agent', sample.pick(agents, i, 'agent'), 'geo', jsonb_build_object('country', sample.pick('{US,US,GB,DE,FR,JP,BR,IN}', i, 'country'),
       'lat', round(((h % 180000) - 90000) / 1000.0, 3)), 'url', CASE type WHEN 'click' THEN 'https://t.example.com/c/' || md5((h % 50000)::text) END)
     ELSE jsonb_build_object('smtp', sample.pick('{"250 2.0.0 OK","250 2.0.0 OK","421 4.7.0 try later","550 5.1.1 unknown user"}', i, 'smtp'),
       'mta', 'mta-' || h % 24 || '.out.example.net', 'tries', 1 + h % 3) END
FROM generate_series(1, sample.rows(1900000, 200)) i,
  LATERAL (SELECT sample.u32(i, 'event') AS h,
    sample.pick('{sent,sent,sent,delivered,delivered,delivered,open,open,click,bounce,complaint,unsubscribe}', i, 'type') AS type) x,
  (SELECT ARRAY['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
    'GoogleImageProxy', 'Outlook-iOS/2.0'] AS agents) known;

INSERT INTO failed_jobs (queue, payload, error, attempts, created_at)
SELECT sample.pick('{email,webhook,import}', i, 'queue'), json_build_object('job', i, 'campaign_id', 1 + i % 10, 'body', sample.prose(i, 'job', 4)),
  sample.pick('{"connection reset by peer","timeout after 30s","550 mailbox\nfull"}', i, 'error'), 1 + i % 5, sample.moment(i, 'failed', 366)
FROM generate_series(1, sample.rows(4000, 20)) i;

INSERT INTO suppressions
SELECT 1 + (i % (SELECT count(*) FROM accounts))::int, decode(md5(i || 'address 1') || md5(i || 'address 2'), 'hex'),
  sample.pick('{bounce,complaint,manual,NULL}', i, 'reason'), date '2022-01-01' + (sample.u32(i, 'added') % 1000)::int
FROM generate_series(1, sample.rows(150000, 20)) i;

INSERT INTO audit_log
SELECT i, 1 + (h % (SELECT count(*) FROM accounts))::int, 'user' || h % 5000, sample.pick('{login,update,delete,export,send}', i, 'action'),
  sample.prose(i, 'audit', 2) || CASE WHEN h % 50 = 0 THEN E'\nline 2\ttab \\ back "quote" ''single''' ELSE '' END,
  timestamp '2024-01-01' + make_interval(secs => i * 31622400.0 / sample.rows(220000, 50) * 1.1)
FROM generate_series(1, sample.rows(220000, 50)) i, LATERAL (SELECT sample.u32(i, 'audit row') AS h) x;

INSERT INTO import_staging
SELECT i % 100, CASE WHEN i % 10 = 0 THEN NULL WHEN i % 10 < 4 THEN 'dup,row,' || i % 7 ELSE md5(i::text) || ',' || i END
FROM generate_series(1, sample.rows(40000, 200)) i;

INSERT INTO "Contact Notes"
SELECT i, 1 + sample.u32(i, 'noted') % (SELECT count(*) FROM contacts),
  sample.prose(i, 'note', 2) || E'\n\ttold me: "it''s \\. fine" \\N 🎉' || repeat(E'\r\n', i % 3)
FROM generate_series(1, sample.rows(10000, 20)) i;

INSERT INTO schema_migrations VALUES (42, false);
