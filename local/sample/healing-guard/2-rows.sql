-- Every value derives from a row's number, so that the same scale gives the same rows on any server, on any day.
INSERT INTO pipelines
SELECT n, 'customer-' || n % 97 || '/service-' || n, 'main',
  jsonb_build_object('retries', n % 4, 'tools', jsonb_build_array('npm', 'pytest'), 'name', 'Dienst № ' || n),
  timestamptz '2024-01-01 00:00:00+00' + n * interval '1 hour'
FROM generate_series(1, greatest(20, (20000 * current_setting('sample.scale')::float8)::int)) n;

INSERT INTO runs (pipeline_id, status, seconds, log, finished_at)
SELECT 1 + n % (SELECT count(*) FROM pipelines), (ARRAY['passed', 'passed', 'failed', 'healed'])[1 + n % 4]::run_status,
  (n * 7919 % 100000) / 100.0, repeat(md5(n::text) || E' exit code 1\n', 10),
  timestamptz '2024-01-01 00:00:00+00' + n * interval '20 seconds'
FROM generate_series(1, greatest(200, (1500000 * current_setting('sample.scale')::float8)::int)) n;

INSERT INTO healings
SELECT id, (ARRAY['retry', 'pin a dependency', 'raise a limit'])[1 + id % 3], (id % 1000) / 999.0, decode(md5(id::text), 'hex')
FROM runs WHERE status = 'healed';
