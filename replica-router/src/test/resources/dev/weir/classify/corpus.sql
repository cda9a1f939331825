# Verdict and statement: READ may leave the primary, all others stay for the reason named.
# ---- plain reads ----
READ SELECT 1
READ select 1
READ SELECT
READ SELECT 1;
READ ;; SELECT 1 ;;
READ SELECT * FROM item
READ SELECT id, name FROM item WHERE id = 1
READ SELECT id FROM public.item WHERE id IN (1, 2, 3)
READ SELECT item.id FROM item
READ SELECT "id" FROM "item"
READ SELECT "Odd Name" FROM item
READ SELECT i."Odd Name" AS "select" FROM item AS i
READ SELECT * FROM shop."order" o JOIN item i ON i.id = o.item
READ SELECT * FROM shop."order" o JOIN item i ON (i.id = o.item)
READ SELECT * FROM item LEFT OUTER JOIN shop."order" o ON o.item = item.id
READ SELECT * FROM item NATURAL JOIN cheap
READ SELECT * FROM item JOIN cheap USING (id)
READ SELECT * FROM item JOIN cheap USING (id) AS j
READ SELECT * FROM item CROSS JOIN cheap
READ SELECT * FROM ONLY item
READ SELECT * FROM ONLY (item)
READ SELECT * FROM item*
READ SELECT DISTINCT name FROM item
READ SELECT DISTINCT ON (name) name, id FROM item ORDER BY name, id
READ SELECT DISTINCT ON (name) lower(name) FROM item ORDER BY name
READ SELECT ALL id FROM item
READ SELECT id FROM item ORDER BY price DESC NULLS LAST LIMIT 5 OFFSET 2
READ SELECT id FROM item ORDER BY (price) LIMIT (2 + 3)
READ SELECT id FROM item FETCH FIRST 3 ROWS ONLY
READ SELECT id FROM item ORDER BY id FETCH FIRST (3) ROWS WITH TIES
READ SELECT id FROM item ORDER BY id OFFSET 3 ROWS FETCH NEXT 2 ROWS ONLY
READ SELECT price, count(*) FROM item GROUP BY price HAVING count(*) > 0
READ SELECT price, count(*) FROM item GROUP BY (price)
READ SELECT price, name, count(*) FROM item GROUP BY GROUPING SETS ((price), (name), ())
READ SELECT price, name, grouping(price) FROM item GROUP BY ROLLUP (price, name)
READ SELECT price, name FROM item GROUP BY CUBE (price, name)
READ SELECT price FROM item GROUP BY DISTINCT price
READ SELECT 1 UNION SELECT 2
READ SELECT 1 UNION ALL (SELECT 2)
READ (SELECT 1)
READ ((SELECT 1) UNION (SELECT 2)) ORDER BY 1
READ SELECT id FROM item EXCEPT SELECT id FROM cheap
READ SELECT id FROM item INTERSECT ALL SELECT id FROM cheap
READ VALUES (1, 'a'), (2, 'b')
READ VALUES (1) ORDER BY 1
READ TABLE item
READ TABLE shop."order"
READ SELECT * FROM (VALUES (1, 'x')) AS v (n, t)
READ SELECT * FROM (SELECT id FROM item) s
READ SELECT (SELECT max(id) FROM item)
READ SELECT EXISTS (SELECT FROM item WHERE id = 1)
READ SELECT id FROM item WHERE id = ANY (ARRAY[1, 2])
READ SELECT id FROM item WHERE id = ANY ('{1,2}'::int[])
READ SELECT id FROM item WHERE id > ALL (SELECT 1)
READ SELECT id FROM item WHERE id = SOME (SELECT 1)
READ SELECT id FROM item WHERE (id, name) = (1, 'item 1')
READ SELECT id FROM item WHERE ROW (id, name) IS NOT DISTINCT FROM ROW (1, 'item 1')
READ SELECT id FROM item WHERE id BETWEEN (1) AND (5)
READ SELECT id FROM item WHERE id BETWEEN SYMMETRIC 5 AND 1
READ SELECT id FROM item WHERE name LIKE 'item%' ESCAPE '!'
READ SELECT id FROM item WHERE name ILIKE ('item%')
READ SELECT id FROM item WHERE name SIMILAR TO 'item [0-9]+'
READ SELECT id FROM item WHERE name ~ '^item' AND NOT (name ~* 'x$')
READ SELECT id FROM item WHERE price IS NULL OR price NOTNULL
READ SELECT id FROM item WHERE data IS JSON OBJECT
READ SELECT CASE WHEN id > 3 THEN 'a' ELSE 'b' END FROM item
READ SELECT CASE id WHEN (1) THEN (2) ELSE (3) END FROM item
READ SELECT coalesce(name, 'x'), nullif(id, 1), greatest(1, 2), least(1, 2) FROM item
READ SELECT id FROM item TABLESAMPLE BERNOULLI (50)
READ SELECT id FROM item TABLESAMPLE SYSTEM (50) REPEATABLE (1)
READ SELECT * FROM item_total
READ SELECT * FROM measurement WHERE taken = '2025-01-05'
READ SELECT * FROM measurement_2025
READ SELECT * FROM cheap
READ SELECT * FROM cheaper WHERE id = 1
READ SELECT * FROM tenant
# ---- parameters ----
READ SELECT $1::int
READ SELECT id FROM item WHERE id = $1 AND name = $2
READ SELECT id FROM item WHERE id = ANY($1)
READ SELECT id FROM item LIMIT $1 OFFSET $2
# ---- expressions ----
READ SELECT 1 + 2 * 3 - -4 / 5 % 6 + 2 ^ 7
READ SELECT |/ 25.0, ||/ 27.0, @ -5
READ SELECT 5 & 3 | 1 # 2, ~1, 1 << 2, 8 >> 1
READ SELECT 'a' || 'b'
READ SELECT 1::bigint, '1'::numeric(10, 2), CAST('1' AS integer), CAST('1' AS numeric(10, 2))
READ SELECT CAST('a' AS varchar(10)), 'a'::char(3), '1'::bit(3), B'101'::bit varying(5)
READ SELECT int4 '1', float8 '2.5', date '2025-01-01', timestamp '2025-01-01 10:00'
READ SELECT interval '1 day', interval '1' year, interval(3) '1.5 seconds'
READ SELECT timestamp with time zone '2025-01-01 00:00+00' AT TIME ZONE 'UTC'
READ SELECT now() AT TIME ZONE ('UTC')
READ SELECT timestamptz(3) '2025-01-01 00:00+00'
READ SELECT double precision '1.5'
READ SELECT 1.5e10, 1e-5, .5, 5., 0x1F, 0b101, 0o17, 1_000
READ SELECT ARRAY[1, 2, 3], ARRAY[[1], [2]], ARRAY(SELECT id FROM item)
READ SELECT tags[1], tags[1:2], tags[:1] FROM item
READ SELECT (ARRAY[1, 2])[1]
READ SELECT (p).x, (p).* FROM shop."order"
READ SELECT ROW(1, 2)::pair
READ SELECT data -> 'a' ->> 'b', data #> '{a,b}', data #>> '{a,b,0}' FROM item
READ SELECT data @> '{"a": {}}', data ? 'a', data ?| array['a'], data ?& array['a'] FROM item
READ SELECT data @? '$.a', data @@ '$.a == 1' FROM item
READ SELECT data['a']['b'] FROM item
READ SELECT name COLLATE "C" FROM item ORDER BY name COLLATE "C"
READ SELECT 'happy'::mood > 'sad'
READ SELECT 3::positive
READ SELECT tags && ARRAY['a'], tags @> ARRAY['a'], tags <@ ARRAY['a', 'b'] FROM item
READ SELECT int4range(1, 5) * int4range(3, 7), int4range(1, 3) -|- int4range(3, 5)
READ SELECT (date '2025-01-01', interval '1 day') OVERLAPS (date '2025-01-01', interval '2 days')
READ SELECT current_date, current_time, localtime, localtimestamp, current_timestamp(3)
READ SELECT current_user, session_user, user, current_role, current_catalog, current_schema
READ SELECT TRUE AND NOT FALSE OR NULL IS UNKNOWN
READ SELECT 1 IS DISTINCT FROM 2
READ SELECT a.* FROM item a WHERE a IS NOT NULL
READ SELECT item FROM item
# ---- functions ----
READ SELECT lower(name), upper(name), length(name), btrim(name) FROM item
READ SELECT pg_catalog.lower('A')
READ SELECT "lower"('A')
READ SELECT substring('abc' FROM 2 FOR 1), substring('abc', 2), substring('abc' SIMILAR 'a%' ESCAPE '!')
READ SELECT overlay('abc' PLACING 'x' FROM 2 FOR 1), position('b' IN 'abc'), trim(BOTH ' ' FROM ' a ')
READ SELECT extract(year FROM now()), extract('day' FROM date '2025-01-01'), date_part('year', now())
READ SELECT normalize('a', NFC), 'a' IS NFC NORMALIZED
READ SELECT count(*), count(DISTINCT id), sum(price), avg(price), min(id), max(id) FROM item
READ SELECT array_agg(id ORDER BY id DESC), string_agg(name, ',' ORDER BY id) FROM item
READ SELECT count(*) FILTER (WHERE id > 3) FROM item
READ SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM item
READ SELECT mode() WITHIN GROUP (ORDER BY price) FROM item
READ SELECT row_number() OVER (PARTITION BY name ORDER BY id) FROM item
READ SELECT rank() OVER w, lag(id, 1) OVER w FROM item WINDOW w AS (PARTITION BY name ORDER BY id)
READ SELECT sum(price) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM item
READ SELECT sum(price) OVER (ORDER BY id RANGE UNBOUNDED PRECEDING EXCLUDE TIES) FROM item
READ SELECT first_value(id) OVER (), last_value(id) OVER (), nth_value(id, 2) OVER () FROM item
READ SELECT generate_series(1, 3)
READ SELECT * FROM generate_series(1, 3) AS g
READ SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g(n, o)
READ SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) AS u(n, t)
READ SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS r(a, b)
READ SELECT * FROM item, LATERAL (SELECT o.id FROM shop."order" o WHERE o.item = item.id) x
READ SELECT * FROM item, LATERAL unnest(tags) AS tag
READ SELECT jsonb_build_object('a', 1), to_jsonb(item), row_to_json(item) FROM item
READ SELECT jsonb_path_query(data, '$.a.b[*]') FROM item
READ SELECT * FROM jsonb_to_recordset('[{"a": 1}]') AS x(a int)
READ SELECT * FROM jsonb_each('{"a": 1}')
READ SELECT json_object('a': 1), json_array(1, 2), json_objectagg('k': 1)
READ SELECT json_value('{"a": 1}', '$.a'), json_query('{"a": [1]}', '$.a'), json_exists('{}', '$.a')
READ SELECT * FROM json_table('[{"a": 1}]', '$[*]' COLUMNS (a int PATH '$.a')) AS jt
READ SELECT xmlelement(name a, 'b'), xmlforest(1 AS a), xmlconcat('<a/>', '<b/>')
READ SELECT * FROM xmltable('/r/a' PASSING '<r><a>1</a></r>' COLUMNS n int PATH '.') AS x
READ SELECT to_char(now(), 'YYYY'), to_date('2025', 'YYYY'), to_timestamp(0), age(now())
READ SELECT date_trunc('day', now()), date_bin('1 hour', now(), now()), make_date(2025, 1, 1)
READ SELECT to_tsvector('english', 'a fat cat') @@ to_tsquery('cat'), ts_rank(to_tsvector('a'), to_tsquery('a'))
READ SELECT regexp_replace('abc', 'b', 'x'), regexp_matches('abc', 'b'), split_part('a,b', ',', 1)
READ SELECT format('%s', 1), quote_ident('a'), quote_literal('a'), encode('a'::bytea, 'hex')
READ SELECT md5('a'), sha256('a'::bytea), hashtext('a')
READ SELECT random(), clock_timestamp(), gen_random_uuid(), timeofday()
READ SELECT pg_typeof(1), pg_size_pretty(1000::bigint), pg_column_size('a')
READ SELECT pg_sleep(0)
READ SELECT current_setting('app.tenant', true)
READ SELECT twice(2)
READ SELECT public.twice(2) + twice(1)
READ SELECT * FROM shop.items()
READ SELECT (shop.items()).name
READ SELECT version(), current_schemas(true), current_database()
READ SELECT sqrt(2), round(2.5, 1), mod(5, 3), power(2, 3), width_bucket(1, 0, 2, 3)
READ SELECT array_length(tags, 1), cardinality(tags), array_to_string(tags, ',') FROM item
READ SELECT left('abc', 1), right('abc', 1), repeat('a', 2), replace('a', 'a', 'b')
READ SELECT variance(price), stddev(price), corr(id, id) FROM item
READ SELECT bool_and(id > 0), every(id > 0), bit_or(id) FROM item
READ SELECT int4range(1, 3), daterange('2025-01-01', '2025-02-01'), upper(int4range(1, 3))
READ SELECT point(1, 2) <-> point(3, 4), circle(point(0, 0), 1)
READ SELECT host('10.0.0.1/8'::inet), inet '10.0.0.1' << inet '10.0.0.0/8'
# ---- common table expressions ----
READ WITH a AS (SELECT 1 AS n) SELECT n FROM a
READ WITH a AS MATERIALIZED (SELECT 1) SELECT * FROM a
READ WITH a AS NOT MATERIALIZED (SELECT 1) TABLE a
READ WITH a AS (SELECT 1), b AS (SELECT 2) SELECT * FROM a, b
READ WITH a (n) AS (VALUES (1)) SELECT n FROM a
READ WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r
READ WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SEARCH DEPTH FIRST BY n SET o SELECT n FROM r
READ WITH a AS (SELECT 1) (SELECT * FROM a)
READ SELECT * FROM (WITH a AS (SELECT 1 AS n) SELECT n FROM a) s
# ---- comments, strings, dollar quotes ----
READ SELECT 1 -- FOR UPDATE
READ SELECT /* INSERT INTO item */ 1
READ SELECT /* a /* nested */ DELETE */ 1
READ /* hint */ SELECT 1
READ -- first\nSELECT 1
READ SELECT 'INSERT INTO item', 'a''FOR UPDATE''b'
READ SELECT E'it\\'s', E'\\\\', U&'d\\0061ta'
READ SELECT $$FOR UPDATE$$, $tag$ $$ nextval('counter') $tag$
READ SELECT 'a'\n'b'
READ SELECT 1::int--2\n+ 3
READ SELECT data @>--x\n'{}' FROM item
READ SELECT 2 */* star */ 3
READ SELECT 1 -/*x*/- 1
READ SELECT id AS "FOR UPDATE" FROM item
READ SELECT id AS "nextval(" FROM item
READ SELECT N'text', B'01', X'1F'
READ SELECT '\\x00'::bytea IS NOT NULL, E'\\x41' FROM item WHERE E'\\n' <> 'n'
READ SELECT	1
READ SELECT 1 AS für
READ SELECT 'für' AS "Größe"
# ---- EXPLAIN and COPY of reads ----
READ EXPLAIN SELECT * FROM item
READ EXPLAIN VERBOSE SELECT 1
READ EXPLAIN ANALYZE SELECT * FROM item
READ EXPLAIN ANALYZE VERBOSE SELECT 1
READ EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT * FROM item
READ EXPLAIN (COSTS off) VALUES (1)
READ EXPLAIN (SELECT 1)
READ COPY item TO STDOUT
READ COPY item (id, name) TO STDOUT
READ COPY item TO STDOUT WITH (FORMAT csv, HEADER true)
READ COPY (SELECT id FROM item WHERE id > 3) TO STDOUT
READ COPY (SELECT id, name FROM item) TO STDOUT WITH CSV HEADER DELIMITER ';'
READ COPY (TABLE item) TO STDOUT
# ---- writes ----
WRITE INSERT INTO item VALUES (100, 'x')
WRITE insert into item (id, name) select 101, 'x'
WRITE INSERT INTO item DEFAULT VALUES
WRITE INSERT INTO item (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = 'x'
WRITE INSERT INTO item (id, name) VALUES (102, 'x') RETURNING id
WRITE UPDATE item SET name = 'x' WHERE id = 1
WRITE UPDATE ONLY item SET price = 1
WRITE DELETE FROM item WHERE id = 100
WRITE DELETE FROM item USING shop."order" o WHERE o.item = item.id
WRITE MERGE INTO item i USING shop."order" o ON o.item = i.id WHEN MATCHED THEN DELETE
WRITE TRUNCATE item
WRITE TRUNCATE TABLE item CASCADE
WRITE REFRESH MATERIALIZED VIEW item_total
WRITE WITH a AS (SELECT 1) INSERT INTO item SELECT 103, 'x' FROM a
WRITE WITH d AS (DELETE FROM item WHERE id = 3 RETURNING *) SELECT * FROM d
WRITE WITH u AS (UPDATE item SET price = 1 RETURNING id) SELECT count(*) FROM u
WRITE WITH a AS (SELECT 1), i AS (INSERT INTO item VALUES (104, 'x') RETURNING id) SELECT * FROM a, i
WRITE with m as (merge into item i using cheap c on c.id = i.id when matched then do nothing returning 1) select * from m
WRITE SELECT * INTO copied FROM item
WRITE SELECT id INTO TEMP copied FROM item
WRITE SELECT id INTO TABLE copied FROM item
WRITE EXPLAIN INSERT INTO item VALUES (105, 'x')
WRITE EXPLAIN ANALYZE UPDATE item SET price = 2
WRITE EXPLAIN (ANALYZE) DELETE FROM item
WRITE EXPLAIN ANALYZE WITH d AS (DELETE FROM item RETURNING id) SELECT * FROM d
WRITE COPY item FROM STDIN
WRITE COPY item (id, name) FROM STDIN WITH (FORMAT csv)
WRITE COPY item FROM '/tmp/x'
WRITE COPY item FROM PROGRAM 'cat'
WRITE COPY (INSERT INTO item VALUES (106, 'x') RETURNING id) TO STDOUT
WRITE COPY (DELETE FROM item RETURNING id) TO STDOUT
WRITE COPY (UPDATE item SET price = 1 RETURNING id) TO STDOUT
FILE COPY item TO '/tmp/x'
FILE COPY item TO PROGRAM 'cat'
FILE COPY (SELECT 1) TO '/tmp/x'
FILE COPY item TO stdoutx
# ---- row locks ----
ROW_LOCK SELECT * FROM item FOR UPDATE
ROW_LOCK SELECT * FROM item WHERE id = 1 for update of item nowait
ROW_LOCK SELECT * FROM item FOR NO KEY UPDATE
ROW_LOCK SELECT * FROM item FOR SHARE SKIP LOCKED
ROW_LOCK SELECT * FROM item FOR KEY SHARE
ROW_LOCK SELECT * FROM item FOR/* x */UPDATE
ROW_LOCK SELECT * FROM item FOR -- x\nSHARE
ROW_LOCK SELECT * FROM (SELECT id FROM item FOR UPDATE) s
ROW_LOCK WITH l AS (SELECT id FROM item FOR UPDATE) SELECT * FROM l
ROW_LOCK VALUES (1) UNION ALL (SELECT id FROM item FOR SHARE)
ROW_LOCK EXPLAIN ANALYZE SELECT * FROM item FOR UPDATE
ROW_LOCK (SELECT id FROM item) FOR UPDATE
# ---- functions that do something ----
VOLATILE_FUNCTION SELECT nextval('counter')
VOLATILE_FUNCTION SELECT NEXTVAL ('counter')
VOLATILE_FUNCTION SELECT pg_catalog.nextval('counter')
VOLATILE_FUNCTION SELECT "nextval"('counter')
VOLATILE_FUNCTION SELECT nextval/* x */('counter')
VOLATILE_FUNCTION SELECT nextval\n('counter')
VOLATILE_FUNCTION SELECT setval('counter', 5)
VOLATILE_FUNCTION SELECT currval('counter')
VOLATILE_FUNCTION SELECT lastval()
VOLATILE_FUNCTION SELECT id FROM item WHERE id = nextval('counter')
VOLATILE_FUNCTION SELECT CASE WHEN false THEN nextval('counter') END
VOLATILE_FUNCTION VALUES (nextval('counter'))
VOLATILE_FUNCTION SELECT id FROM item ORDER BY setval('counter', 5)
VOLATILE_FUNCTION SELECT id FROM item LIMIT nextval('counter')
VOLATILE_FUNCTION SELECT * FROM nextval('counter')
VOLATILE_FUNCTION SELECT DISTINCT ON (id) nextval('counter') FROM item
VOLATILE_FUNCTION SELECT set_config('search_path', 'shop', false)
VOLATILE_FUNCTION SELECT setseed(0.5)
VOLATILE_FUNCTION SELECT bump()
VOLATILE_FUNCTION SELECT public.bump() FROM item
VOLATILE_FUNCTION SELECT "bump"()
VOLATILE_FUNCTION SELECT item.touch FROM item
VOLATILE_FUNCTION SELECT touch(item) FROM item
VOLATILE_FUNCTION SELECT (item).touch FROM item
VOLATILE_FUNCTION SELECT abs('x')
VOLATILE_FUNCTION SELECT sneaky_sum(id) FROM item
VOLATILE_FUNCTION SELECT sneaky_sum(id) OVER () FROM item
VOLATILE_FUNCTION EXPLAIN ANALYZE SELECT bump()
VOLATILE_FUNCTION COPY (SELECT bump()) TO STDOUT
VOLATILE_FUNCTION SELECT lo_create(0)
VOLATILE_FUNCTION SELECT lo_import('/tmp/x')
VOLATILE_FUNCTION SELECT lo_unlink(1)
VOLATILE_FUNCTION SELECT lo_open(1, 131072)
VOLATILE_FUNCTION SELECT lo_get(1)
VOLATILE_FUNCTION SELECT pg_advisory_lock(1)
VOLATILE_FUNCTION SELECT pg_try_advisory_lock(1)
VOLATILE_FUNCTION SELECT pg_advisory_xact_lock(1)
VOLATILE_FUNCTION SELECT pg_advisory_unlock_all()
VOLATILE_FUNCTION SELECT pg_notify('c', 'x')
VOLATILE_FUNCTION SELECT pg_terminate_backend(1)
VOLATILE_FUNCTION SELECT pg_cancel_backend(1)
VOLATILE_FUNCTION SELECT pg_reload_conf()
VOLATILE_FUNCTION SELECT pg_switch_wal()
VOLATILE_FUNCTION SELECT pg_logical_emit_message(false, 'a', 'b')
VOLATILE_FUNCTION SELECT pg_export_snapshot()
VOLATILE_FUNCTION SELECT pg_stat_reset()
VOLATILE_FUNCTION SELECT pg_promote()
VOLATILE_FUNCTION SELECT query_to_xml('DELETE FROM item', true, true, '')
VOLATILE_FUNCTION SELECT pg_read_file('x')
VOLATILE_FUNCTION SELECT pg_current_wal_lsn()
VOLATILE_FUNCTION SELECT pg_is_in_recovery()
SERVER SELECT txid_current()
SERVER SELECT pg_current_xact_id()
SERVER SELECT pg_backend_pid()
SERVER SELECT pg_postmaster_start_time()
SERVER SELECT inet_server_port()
SERVER SELECT pg_current_snapshot()
UNKNOWN_FUNCTION SELECT no_such_function(1)
UNKNOWN_FUNCTION SELECT shop.no_such_function()
UNKNOWN_FUNCTION SELECT 1 OPERATOR(pg_catalog.+) 2
VOLATILE_OPERATOR SELECT 1 <@#> 2
VOLATILE_OPERATOR SELECT id FROM item WHERE id <@#> 1
VOLATILE_OPERATOR SELECT 1 <@#>-2
VOLATILE_OPERATOR SELECT id FROM item WHERE NOT id<@#>id
# ---- relations that only the primary has ----
RELATION SELECT * FROM scratch
RELATION SELECT * FROM public.scratch
RELATION SELECT * FROM "scratch"
RELATION SELECT * FROM parent_of_unlogged
RELATION SELECT * FROM elsewhere
RELATION SELECT last_value FROM counter
RELATION SELECT * FROM ticket
RELATION SELECT * FROM tickets
RELATION SELECT * FROM latch
RELATION SELECT * FROM scratched
RELATION SELECT * FROM guarded
RELATION SELECT id FROM item WHERE EXISTS (SELECT FROM ticket)
RELATION COPY scratch TO STDOUT
RELATION TABLE ticket
SERVER SELECT * FROM pg_stat_activity
SERVER SELECT * FROM pg_catalog.pg_class
SERVER SELECT relname FROM pg_class WHERE relkind = 'r'
SERVER SELECT * FROM information_schema.tables
SERVER SELECT * FROM pg_settings
SERVER SELECT * FROM pg_locks
# ---- definitions ----
DEFINITION CREATE TABLE x (n int)
DEFINITION CREATE TEMP TABLE x AS SELECT 1
DEFINITION CREATE INDEX ON item (name)
DEFINITION CREATE VIEW v AS SELECT 1
DEFINITION CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'
DEFINITION CREATE EXTENSION hstore
DEFINITION CREATE DATABASE d
DEFINITION CREATE ROLE r
DEFINITION ALTER TABLE item ADD COLUMN x int
DEFINITION ALTER SYSTEM SET work_mem = '4MB'
DEFINITION DROP TABLE item
DEFINITION DROP INDEX CONCURRENTLY x
DEFINITION GRANT SELECT ON item TO public
DEFINITION REVOKE ALL ON item FROM public
DEFINITION COMMENT ON TABLE item IS 'x'
DEFINITION SECURITY LABEL ON TABLE item IS 'x'
DEFINITION REASSIGN OWNED BY a TO b
DEFINITION IMPORT FOREIGN SCHEMA s FROM SERVER far INTO shop
DEFINITION REINDEX TABLE item
DEFINITION CLUSTER item
DEFINITION VACUUM item
DEFINITION VACUUM (ANALYZE) item
DEFINITION ANALYZE item
DEFINITION ANALYSE
DEFINITION CHECKPOINT
# ---- code ----
CODE CALL tidy()
CODE DO $$ BEGIN DELETE FROM item WHERE false; END $$
CODE DO LANGUAGE plpgsql 'BEGIN END'
CODE LOAD 'x'
CODE EXECUTE p(1)
CODE EXPLAIN EXECUTE p(1)
# ---- transactions ----
TRANSACTION BEGIN
TRANSACTION begin work
TRANSACTION BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE
TRANSACTION START TRANSACTION READ ONLY
TRANSACTION COMMIT
TRANSACTION COMMIT AND CHAIN
TRANSACTION END
TRANSACTION ROLLBACK
TRANSACTION ROLLBACK TO SAVEPOINT s
TRANSACTION ABORT
TRANSACTION SAVEPOINT s
TRANSACTION RELEASE s
TRANSACTION PREPARE TRANSACTION 'x'
TRANSACTION COMMIT PREPARED 'x'
TRANSACTION ROLLBACK PREPARED 'x'
# ---- the session ----
SESSION SET search_path = shop
SESSION SET LOCAL work_mem = '1MB'
SESSION SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY
SESSION SET TRANSACTION READ ONLY
SESSION SET ROLE app
SESSION RESET ALL
SESSION SHOW work_mem
SESSION SHOW ALL
SESSION DISCARD ALL
SESSION DEALLOCATE ALL
SESSION LISTEN c
SESSION UNLISTEN *
SESSION NOTIFY c, 'x'
SESSION LOCK TABLE item IN SHARE MODE
SESSION DECLARE c CURSOR FOR SELECT 1
SESSION FETCH 5 FROM c
SESSION MOVE c
SESSION CLOSE c
TRANSACTION PREPARE p AS SELECT 1
# ---- several statements, and what is none ----
SEVERAL SELECT 1; SELECT 2
SEVERAL SELECT 1; DELETE FROM item
SEVERAL SELECT 1;;SELECT 2;
SEVERAL SELECT 1; COMMIT
TRANSACTION BEGIN; SELECT 1
SEVERAL SELECT 1 /* x */ ; -- y\n INSERT INTO item VALUES (107, 'x')
EMPTY 
EMPTY ;
EMPTY -- nothing
EMPTY /* nothing */
UNKNOWN_STATEMENT FROBNICATE item
UNKNOWN_STATEMENT 1
UNKNOWN_STATEMENT 'SELECT 1'
UNKNOWN_STATEMENT "SELECT" 1
UNREADABLE SELECT 'not closed
UNREADABLE SELECT "not closed
UNREADABLE SELECT $$ not closed
UNREADABLE SELECT /* not closed
UNREADABLE SELECT (1
UNREADABLE SELECT 1)
UNREADABLE SELECT E'not closed\\'
READ SELECT 'back\\slash'
READ SELECT 'a\\'' FOR UPDATE --'
UNREADABLE SELECT U&"nextv\\0061l"('counter')
UNREADABLE SELECT "a""b" FROM item
UNREADABLE SELECT a_name_so_long_that_postgresql_cuts_it_off_and_it_may_mean_another FROM item
UNREADABLE COPY item
# ---- names that could be more: they stay, to be safe ----
WRITE SELECT delete FROM item
WRITE SELECT 1 AS update
ROW_LOCK SELECT substring('abc' FOR key::int) FROM item
VOLATILE_FUNCTION SELECT id AS bump FROM item
SERVER SELECT id AS pg_something FROM item
UNKNOWN_FUNCTION SELECT * FROM item i(a)
UNKNOWN_FUNCTION WITH a AS (SELECT 1), b(n) AS (SELECT 2) SELECT * FROM a, b
READ SELECT key, share FROM item
READ SELECT item.key FROM item
UNREADABLE EXPLAIN (;
UNKNOWN_STATEMENT EXPLAIN () 'x'
UNREADABLE EXPLAIN (
UNREADABLE EXPLAIN ('
UNREADABLE EXPLAIN (analyze
READ SELECT E'a' -- goes on\n'\' b'
VOLATILE_FUNCTION SELECT E'a' -- goes on\n'\'', bump(), ''
UNREADABLE SELECT 1INTO t
UNREADABLE SELECT * FROM item WHERE id = 1FOR UPDATE
