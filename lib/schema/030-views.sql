-- What a person wants to see, one flat row each.  "The first scheme" is the one of lowest
-- id that is in force; owners in every scheme stand in v_building_owner, v_part_owner and
-- v_event_owner.  No SpatiaLite functions here: a plain SQLite client reads them too.
-- Columns cost only what is asked for: each looks its value up by an index.

CREATE VIEW v_scheme_first AS
SELECT min(id) AS id FROM scheme
WHERE valid_to IS NULL OR valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now');

CREATE VIEW v_building AS
SELECT b.id AS id, b.code AS code, b.name AS name, b."use" AS "use",
    b.address AS address, b.part_of AS part_of, b.base_m AS base_m,
    b.height_m AS height_m, b.height_from AS height_from, b.floors AS floors,
    b.roof AS roof, b.households AS households, b.population AS population,
    b.elderly_alone AS elderly_alone,
    (SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id
     WHERE o.scheme_id = (SELECT id FROM v_scheme_first) AND o.kind = 1
         AND o.object_id = b.id) AS grid_code,
    (SELECT count(*) FROM event e JOIN event_status s ON s.event_id = e.id
     WHERE e.building_id = b.id AND s.stage NOT IN (7, 9, 10)) AS open_events,
    coalesce((SELECT min(level) FROM (
        SELECT s.level AS level FROM event e JOIN event_status s ON s.event_id = e.id
        WHERE e.building_id = b.id AND s.level > 0 AND s.stage NOT IN (7, 9, 10)
        UNION ALL
        SELECT a.level FROM alert a
        WHERE a.building_id = b.id AND a.level > 0 AND a.cleared_at IS NULL)), 0)
        AS alert_level,
    b.source_id AS source_id, b.valid_from AS valid_from, b.valid_to AS valid_to,
    b.geom AS geom
FROM building b;

CREATE VIEW v_building_owner AS
SELECT o.object_id AS building_id, b.code AS building_code, s.name AS scheme,
    g.id AS grid_id, g.code AS grid_code, g.name AS grid_name, o.share AS share,
    o.how AS how
FROM owner o
JOIN building b ON b.id = o.object_id
JOIN scheme s ON s.id = o.scheme_id
LEFT JOIN grid g ON g.id = o.grid_id
WHERE o.kind = 1;

CREATE VIEW v_building_cut AS
SELECT b.id AS id, b.code AS code, b.name AS name, b.address AS address,
    b.height_from AS height_from,
    (SELECT group_concat(s.name || ' ' || coalesce(g.code, '-') || ' ' ||
                         printf('%.1f%%', 100 * w.share), ', ')
     FROM owner_share w JOIN scheme s ON s.id = w.scheme_id
     LEFT JOIN grid g ON g.id = w.grid_id
     WHERE w.building_id = b.id) AS shares,
    b.geom AS geom
FROM building b
WHERE b.id IN (SELECT building_id FROM owner_share);

CREATE VIEW v_part AS
SELECT p.id AS id, p.code AS code, p.class AS class, p.name AS name, p.state AS state,
    (SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id
     WHERE o.scheme_id = (SELECT id FROM v_scheme_first) AND o.kind = 2
         AND o.object_id = p.id) AS grid_code,
    p.source_id AS source_id, p.valid_from AS valid_from, p.valid_to AS valid_to,
    p.geom AS geom
FROM part p;

CREATE VIEW v_part_owner AS
SELECT o.object_id AS part_id, p.code AS part_code, s.name AS scheme, g.id AS grid_id,
    g.code AS grid_code, g.name AS grid_name, o.how AS how
FROM owner o
JOIN part p ON p.id = o.object_id
JOIN scheme s ON s.id = o.scheme_id
LEFT JOIN grid g ON g.id = o.grid_id
WHERE o.kind = 2;

CREATE VIEW v_event AS
SELECT e.id AS id, e.uuid AS uuid, e.code AS code, e.class AS class, e.title AS title,
    e.description AS description, e.address AS address, e.source AS source,
    e.occurred_at AS occurred_at, e.reported_at AS reported_at,
    s.stage AS stage, t.name AS stage_name, t.name_zh AS stage_name_zh,
    s.level AS level, l.name AS level_name, l.name_zh AS level_name_zh,
    s.due_at AS due_at, s.closed_at AS closed_at, s.acknowledged_at AS acknowledged_at,
    (SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id
     WHERE o.scheme_id = (SELECT id FROM v_scheme_first) AND o.kind = 3
         AND o.object_id = e.id) AS grid_code,
    e.building_id AS building_id, e.part_id AS part_id, e.accuracy_m AS accuracy_m,
    e.geom AS geom
FROM event e
LEFT JOIN event_status s ON s.event_id = e.id
LEFT JOIN stage t ON t.id = s.stage
LEFT JOIN alert_level l ON l.id = s.level;

CREATE VIEW v_event_open AS
SELECT e.id AS id, e.uuid AS uuid, e.code AS code, e.class AS class, e.title AS title,
    e.description AS description, e.address AS address, e.source AS source,
    e.occurred_at AS occurred_at, e.reported_at AS reported_at,
    s.stage AS stage, t.name AS stage_name, t.name_zh AS stage_name_zh,
    s.level AS level, l.name AS level_name, l.name_zh AS level_name_zh,
    s.due_at AS due_at, s.acknowledged_at AS acknowledged_at,
    (SELECT g.code FROM owner o JOIN grid g ON g.id = o.grid_id
     WHERE o.scheme_id = (SELECT id FROM v_scheme_first) AND o.kind = 3
         AND o.object_id = e.id) AS grid_code,
    e.building_id AS building_id, e.part_id AS part_id, e.accuracy_m AS accuracy_m,
    e.geom AS geom
FROM event_status s
JOIN event e ON e.id = s.event_id
JOIN stage t ON t.id = s.stage
JOIN alert_level l ON l.id = s.level
WHERE s.stage NOT IN (7, 9, 10);

CREATE VIEW v_event_owner AS
SELECT o.object_id AS event_id, e.code AS event_code, s.name AS scheme, g.id AS grid_id,
    g.code AS grid_code, g.name AS grid_name, o.how AS how
FROM owner o
JOIN event e ON e.id = o.object_id
JOIN scheme s ON s.id = o.scheme_id
LEFT JOIN grid g ON g.id = o.grid_id
WHERE o.kind = 3;

-- What no grid of a scheme owns.
CREATE VIEW v_outside AS
SELECT CASE o.kind WHEN 1 THEN 'building' WHEN 2 THEN 'part' ELSE 'event' END AS kind,
    o.object_id AS object_id,
    CASE o.kind WHEN 1 THEN (SELECT code FROM building WHERE id = o.object_id)
                WHEN 2 THEN (SELECT code FROM part WHERE id = o.object_id)
                ELSE (SELECT code FROM event WHERE id = o.object_id) END AS code,
    s.name AS scheme, o.how AS how
FROM owner o
JOIN scheme s ON s.id = o.scheme_id
WHERE o.grid_id IS NULL;

CREATE VIEW v_officer_duty AS
SELECT d.id AS id, f.code AS officer_code, f.name AS officer, f.phone AS phone,
    d.role AS role, s.name AS scheme, g.code AS grid_code, g.name AS grid_name,
    d.valid_from AS valid_from, d.valid_to AS valid_to
FROM duty d
JOIN officer f ON f.id = d.officer_id
JOIN grid g ON g.id = d.grid_id
JOIN scheme s ON s.id = g.scheme_id;

-- A grid and every grid below it, itself included.
CREATE VIEW v_grid_below AS
WITH RECURSIVE below (top, id) AS (
    SELECT id, id FROM grid
    UNION
    SELECT below.top, g.id FROM below JOIN grid g ON g.parent_id = below.id
)
SELECT top, id FROM below;

INSERT INTO views_geometry_columns
    (view_name, view_geometry, view_rowid, f_table_name, f_geometry_column, read_only)
VALUES
    ('v_building', 'geom', 'id', 'building', 'geom', 1),
    ('v_building_cut', 'geom', 'id', 'building', 'geom', 1),
    ('v_part', 'geom', 'id', 'part', 'geom', 1),
    ('v_event', 'geom', 'id', 'event', 'geom', 1),
    ('v_event_open', 'geom', 'id', 'event', 'geom', 1),
    ('v_grid_status', 'geom', 'id', 'grid', 'geom', 1);
