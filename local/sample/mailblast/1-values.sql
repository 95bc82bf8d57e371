-- Where the sample's values come from: every one derives from md5(key || salt), so that the same scale gives the same
-- rows on any server, on any day. Nothing here calls random() or now(). The schema is dropped when the rows are in.
CREATE SCHEMA sample;

-- How many rows a table gets: so many at scale 1, never fewer than the minimum.
CREATE FUNCTION sample.rows(at_scale_1 int, minimum int) RETURNS int LANGUAGE sql STABLE AS
$$ SELECT greatest(minimum, (at_scale_1 * current_setting('sample.scale')::float8)::int) $$;

-- 0 … 2^32 - 1
CREATE FUNCTION sample.u32(key bigint, salt text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT ('x' || substr(md5(key::text || salt), 1, 8))::bit(32)::bigint & 4294967295 $$;

-- [0, 1)
CREATE FUNCTION sample.u01(key bigint, salt text) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT (('x' || substr(md5(key::text || salt), 1, 8))::bit(32)::bigint & 4294967295) / 4294967296.0::float8 $$;

CREATE FUNCTION sample.pick(choices text[], key bigint, salt text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT choices[1 + (('x' || substr(md5(key::text || salt), 1, 8))::bit(32)::bigint & 4294967295) % array_length(choices, 1)] $$;

-- Seconds after the start of 2024, with microseconds.
CREATE FUNCTION sample.moment(key bigint, salt text, span_days int) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT timestamptz '2024-01-01 00:00:00+00' + make_interval(secs => sample.u01(key, salt) * span_days * 86400) $$;

CREATE TABLE sample.word (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, word text NOT NULL);
INSERT INTO sample.word (word) SELECT regexp_split_to_table($$the of and to in your for you a our is with on new now from
get free this that we all by best offer sale today only more shop save up off order shipping deal time last chance
exclusive members just arrived season collection discover style home gift card reward points early access limited edition
price drop online store code use checkout before midnight ends tomorrow weekend summer winter black friday flash bundle
premium trial upgrade account update password confirm email address preferences unsubscribe privacy policy terms apply see
details view browser forward friend follow customer service support help question answer feedback survey review rating
product launch release webinar register event live session speaker download guide report case study insight trend revenue
marketing automation campaign segment audience list contact pipeline conversion open click bounce delivery inbox sender
domain analytics dashboard metric goal test variant subject preview content template design image button personal trigger
workflow journey onboarding welcome series winback loyalty referral abandoned cart transactional receipt invoice tracking
refund exchange warranty integrate api webhook developer changelog security compliance consent audit retention archive
backup restore region availability incident status resolved maintenance window notice thank hello dear cheers regards
zürich naïve café façade jalapeño München Ångström 東京 Привет 안녕하세요 🎉 it's "quoted" back\slash$$, '\s+');

-- Sentences that texts are put together from; frequent words come first, as in a language.
CREATE TABLE sample.sentence (id int PRIMARY KEY, text text NOT NULL);
INSERT INTO sample.sentence
SELECT s, string_agg(word, ' ' ORDER BY position)
FROM generate_series(0, 4095) s
CROSS JOIN LATERAL generate_series(1, 6 + (sample.u32(s, 'length') % 14)::int) AS position
JOIN sample.word ON word.id = 1 + floor(power(sample.u01(s * 64 + position, 'word'), 1.6) * (SELECT count(*) FROM sample.word))::int
GROUP BY s;

CREATE FUNCTION sample.prose(key bigint, salt text, sentences int) RETURNS text LANGUAGE sql STABLE AS
$$ SELECT string_agg(text, '. ' ORDER BY n) FROM generate_series(1, sentences) n
   JOIN sample.sentence ON id = sample.u32(key * 64 + n, salt) % 4096 $$;
