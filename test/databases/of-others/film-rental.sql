-- A shop that lends films, written anew after the design of Pagila (https://github.com/devrimgunduz/pagila, PostgreSQL licence),
-- itself after MySQL's Sakila (BSD licence). Names of tables and their relations are Pagila's; statements and rows are not.
-- Added: payments with a default partition, a second and third materialized view on the first, and archives that inherit.

CREATE EXTENSION pg_trgm;
CREATE TYPE mpaa_rating AS ENUM ('G', 'PG', 'PG-13', 'R', 'NC-17');
CREATE DOMAIN year AS integer CONSTRAINT year_check CHECK (VALUE >= 1901 AND VALUE <= 2155);
CREATE DOMAIN rate AS numeric(4, 2) DEFAULT 4.99 CHECK (VALUE >= 0);

CREATE FUNCTION _join_names(text, text) RETURNS text LANGUAGE sql IMMUTABLE
  AS $_$ SELECT CASE WHEN $2 IS NULL THEN $1 WHEN $1 IS NULL THEN $2 ELSE $1 || ', ' || $2 END $_$;
CREATE AGGREGATE group_concat(text) (SFUNC = _join_names, STYPE = text);

CREATE TABLE country (country_id serial PRIMARY KEY, country text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE city (city_id serial PRIMARY KEY, city text NOT NULL, country_id integer NOT NULL REFERENCES country ON UPDATE CASCADE ON DELETE RESTRICT);
CREATE TABLE address (address_id serial PRIMARY KEY, address text NOT NULL, district text, city_id integer NOT NULL REFERENCES city, phone text NOT NULL);
CREATE TABLE language (language_id serial PRIMARY KEY, name character(20) NOT NULL);
CREATE TABLE actor (actor_id serial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL, last_update timestamptz NOT NULL DEFAULT now());
CREATE TABLE category (category_id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE film (
  film_id serial PRIMARY KEY, title text NOT NULL, description text, release_year year,
  language_id integer NOT NULL REFERENCES language, original_language_id integer REFERENCES language,
  rental_duration smallint NOT NULL DEFAULT 3, rental_rate rate NOT NULL, length smallint, replacement_cost numeric(5, 2) NOT NULL DEFAULT 19.99,
  rating mpaa_rating DEFAULT 'G'::mpaa_rating, last_update timestamptz NOT NULL DEFAULT now(), special_features text[], fulltext tsvector NOT NULL,
  revenue_projection numeric(7, 2) GENERATED ALWAYS AS (rental_duration * rental_rate) STORED
);
CREATE TABLE film_actor (actor_id integer REFERENCES actor, film_id integer REFERENCES film, PRIMARY KEY (actor_id, film_id));
CREATE TABLE film_category (film_id integer REFERENCES film, category_id integer REFERENCES category, PRIMARY KEY (film_id, category_id));
-- A store has a manager, and the manager has a store.
CREATE TABLE staff (staff_id serial PRIMARY KEY, first_name text NOT NULL, address_id integer REFERENCES address, store_id integer NOT NULL, active boolean NOT NULL DEFAULT true, picture bytea);
CREATE TABLE store (store_id serial PRIMARY KEY, manager_staff_id integer UNIQUE NOT NULL REFERENCES staff DEFERRABLE, address_id integer NOT NULL REFERENCES address);
CREATE TABLE inventory (inventory_id serial PRIMARY KEY, film_id integer NOT NULL REFERENCES film, store_id integer NOT NULL REFERENCES store);
CREATE TABLE customer (
  customer_id serial PRIMARY KEY, store_id integer NOT NULL REFERENCES store, first_name text NOT NULL, last_name text NOT NULL, email text,
  address_id integer NOT NULL REFERENCES address, activebool boolean NOT NULL DEFAULT true, create_date date NOT NULL DEFAULT CURRENT_DATE, active integer
);
CREATE TABLE rental (
  rental_id serial PRIMARY KEY, rental_date timestamptz NOT NULL, inventory_id integer NOT NULL REFERENCES inventory,
  customer_id integer NOT NULL REFERENCES customer, return_date timestamptz, staff_id integer NOT NULL REFERENCES staff, rental_period tstzrange
);
CREATE SEQUENCE payment_payment_id_seq;
CREATE TABLE payment (
  payment_id integer NOT NULL DEFAULT nextval('payment_payment_id_seq'), customer_id integer NOT NULL, staff_id integer NOT NULL,
  rental_id integer NOT NULL, amount numeric(5, 2) NOT NULL, payment_date timestamptz NOT NULL, PRIMARY KEY (payment_date, payment_id)
) PARTITION BY RANGE (payment_date);
CREATE TABLE payment_p2022_01 PARTITION OF payment FOR VALUES FROM ('2022-01-01 00:00:00+00') TO ('2022-02-01 00:00:00+00');
CREATE TABLE payment_p2022_02 PARTITION OF payment FOR VALUES FROM ('2022-02-01 00:00:00+00') TO ('2022-03-01 00:00:00+00');
CREATE TABLE payment_p2022_03 PARTITION OF payment FOR VALUES FROM ('2022-03-01 00:00:00+00') TO ('2022-04-01 00:00:00+00');
CREATE TABLE payment_other PARTITION OF payment DEFAULT;
ALTER TABLE ONLY payment_p2022_01 ADD FOREIGN KEY (customer_id) REFERENCES customer;
ALTER TABLE ONLY payment_p2022_02 ADD FOREIGN KEY (customer_id) REFERENCES customer;
CREATE INDEX idx_payment_staff ON payment (staff_id);
CREATE INDEX idx_2022_03_amount ON payment_p2022_03 (amount DESC) WHERE amount > 5;

CREATE FUNCTION last_updated() RETURNS trigger LANGUAGE plpgsql AS $_$ BEGIN NEW.last_update := CURRENT_TIMESTAMP; RETURN NEW; END $_$;
CREATE TRIGGER last_updated BEFORE UPDATE ON film FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER last_updated BEFORE UPDATE ON actor FOR EACH ROW EXECUTE FUNCTION last_updated();
CREATE TRIGGER film_fulltext_trigger BEFORE INSERT OR UPDATE ON film FOR EACH ROW
  EXECUTE FUNCTION tsvector_update_trigger('fulltext', 'pg_catalog.english', 'title', 'description');
CREATE FUNCTION inventory_in_stock(p_inventory_id integer) RETURNS boolean LANGUAGE plpgsql STABLE AS $_$
DECLARE v_out integer;
BEGIN
  SELECT count(*) INTO v_out FROM rental WHERE inventory_id = p_inventory_id AND return_date IS NULL;
  RETURN v_out = 0;
END $_$;
CREATE FUNCTION film_in_stock(p_film_id integer, p_store_id integer, OUT p_film_count integer) RETURNS SETOF integer LANGUAGE sql
  AS $_$ SELECT inventory_id FROM inventory WHERE film_id = $1 AND store_id = $2 AND inventory_in_stock(inventory_id) $_$;
CREATE FUNCTION rewards_report(min_monthly integer, min_amount numeric) RETURNS SETOF customer LANGUAGE plpgsql SECURITY DEFINER AS $_$
DECLARE rr record;
BEGIN
  FOR rr IN EXECUTE 'SELECT c.* FROM customer AS c JOIN payment p USING (customer_id) GROUP BY c.customer_id HAVING sum(amount) > $1 AND count(*) > $2'
    USING min_amount, min_monthly LOOP RETURN NEXT rr; END LOOP;
END $_$;

CREATE INDEX film_fulltext_idx ON film USING gist (fulltext);
CREATE INDEX idx_title ON film USING gin (title gin_trgm_ops);
CREATE INDEX idx_last_name ON customer (lower(last_name) text_pattern_ops);
CREATE UNIQUE INDEX idx_unq_rental ON rental (rental_date, inventory_id, customer_id);

CREATE VIEW actor_info AS
  SELECT a.actor_id, a.first_name, a.last_name,
    group_concat(DISTINCT c.name || ': ' || (SELECT group_concat(f.title) FROM film f JOIN film_category fc2 ON f.film_id = fc2.film_id
      JOIN film_actor fa2 ON f.film_id = fa2.film_id WHERE fc2.category_id = c.category_id AND fa2.actor_id = a.actor_id GROUP BY fa2.actor_id)) AS film_info
  FROM actor a LEFT JOIN film_actor fa ON a.actor_id = fa.actor_id LEFT JOIN film_category fc ON fa.film_id = fc.film_id
    LEFT JOIN category c ON fc.category_id = c.category_id GROUP BY a.actor_id, a.first_name, a.last_name;
CREATE VIEW customer_list AS
  SELECT cu.customer_id AS id, cu.first_name || ' ' || cu.last_name AS name, a.address, a.phone, city.city,
    CASE WHEN cu.activebool THEN 'active' ELSE '' END AS notes, cu.store_id AS sid
  FROM customer cu JOIN address a USING (address_id) JOIN city USING (city_id);
CREATE RULE customer_list_update AS ON UPDATE TO customer_list
  DO INSTEAD UPDATE customer SET activebool = NEW.notes = 'active' WHERE customer.customer_id = OLD.id;
CREATE RULE keep_payments AS ON DELETE TO payment_p2022_01 WHERE OLD.amount > 10 DO INSTEAD NOTHING;

-- Archives, as such shops kept them before there were partitions.
CREATE TABLE rental_archive (archived_at timestamptz DEFAULT now(), note text) INHERITS (rental);
ALTER TABLE rental_archive ADD PRIMARY KEY (rental_id);

INSERT INTO country (country) SELECT 'Country ' || n FROM generate_series(1, 10) n;
INSERT INTO city (city, country_id) SELECT 'City ' || n, 1 + n % 10 FROM generate_series(1, 30) n;
INSERT INTO address (address, district, city_id, phone) SELECT n || E' Main St.\n"Block" ' || n, NULLIF('D' || n % 7, 'D0'), 1 + n % 30, '' FROM generate_series(1, 100) n;
INSERT INTO language (name) VALUES ('English'), ('Italian'), ('日本語');
INSERT INTO actor (first_name, last_name) SELECT 'First' || n, 'O''Last' || n FROM generate_series(1, 40) n;
INSERT INTO category (name) VALUES ('Action'), ('Sci-Fi'), ('Children'), ('Documentary; "long"');
INSERT INTO film (title, description, release_year, language_id, rental_rate, length, rating, special_features)
  SELECT 'Film ' || n, 'A thoughtful drama of a robot and ' || n || ' dogs who must fight', 1990 + n % 30, 1 + n % 3, (n % 5) + 0.99, 60 + n,
    (enum_range(NULL::mpaa_rating))[1 + n % 5], CASE WHEN n % 4 = 0 THEN NULL ELSE ARRAY['Trailers', 'Deleted "Scenes"', NULL] END FROM generate_series(1, 120) n;
INSERT INTO film_actor SELECT 1 + (n * 7) % 40, n FROM generate_series(1, 120) n;
INSERT INTO film_category SELECT n, 1 + n % 4 FROM generate_series(1, 120) n;
INSERT INTO staff (first_name, address_id, store_id, picture) VALUES ('Mike', 1, 1, '\x89504e470d0a1a0a'), ('Jon', 2, 2, NULL);
INSERT INTO store (manager_staff_id, address_id) VALUES (1, 1), (2, 2);
ALTER TABLE staff ADD FOREIGN KEY (store_id) REFERENCES store;
INSERT INTO inventory (film_id, store_id) SELECT 1 + n % 120, 1 + n % 2 FROM generate_series(1, 300) n;
INSERT INTO customer (store_id, first_name, last_name, email, address_id, active) SELECT 1 + n % 2, 'C' || n, 'Müller-' || n, NULL, 1 + n % 100, n % 2 FROM generate_series(1, 80) n;
INSERT INTO rental (rental_date, inventory_id, customer_id, return_date, staff_id, rental_period)
  SELECT t, 1 + n % 300, 1 + n % 80, CASE WHEN n % 9 > 0 THEN t + interval '3 days' END, 1 + n % 2, tstzrange(t, CASE WHEN n % 9 > 0 THEN t + interval '3 days' END)
  FROM generate_series(1, 600) n, LATERAL (SELECT timestamptz '2022-01-01 00:00+00' + n * interval '4 hours' AS t) AS at;
INSERT INTO rental_archive (rental_id, rental_date, inventory_id, customer_id, staff_id, note) SELECT 10000 + n, '2021-01-01', 1, 1, 1, 'old' FROM generate_series(1, 20) n;
INSERT INTO payment (customer_id, staff_id, rental_id, amount, payment_date) SELECT customer_id, staff_id, rental_id, (rental_id % 12) + 0.99, rental_date FROM ONLY rental;

CREATE MATERIALIZED VIEW rental_by_category AS
  SELECT c.name AS category, sum(p.amount) AS total_sales FROM payment p JOIN rental r USING (rental_id) JOIN inventory i USING (inventory_id)
    JOIN film_category fc USING (film_id) JOIN category c USING (category_id) GROUP BY c.name ORDER BY sum(p.amount) DESC WITH NO DATA;
CREATE UNIQUE INDEX rental_category ON rental_by_category (category);
CREATE MATERIALIZED VIEW above_average AS SELECT category FROM rental_by_category WHERE total_sales > (SELECT avg(total_sales) FROM rental_by_category) WITH NO DATA;
CREATE MATERIALIZED VIEW catalogue AS SELECT string_agg(category, ', ' ORDER BY category) AS best, (SELECT group_concat(title ORDER BY film_id) FROM film WHERE fulltext @@ to_tsquery('english', 'dog & fight')) AS dogs FROM above_average WITH NO DATA;
REFRESH MATERIALIZED VIEW rental_by_category;
REFRESH MATERIALIZED VIEW above_average;
REFRESH MATERIALIZED VIEW catalogue;
