-- Version 3: less to write for each event.  An event's row in an index by grid or by code
-- fell on a page of its own, and such a page costs as much as all else that an event
-- writes; the events of a grid are found by the open ones, or by the key of owner.

DROP INDEX IF EXISTS event_by_code;
CREATE INDEX event_by_code ON event (code) WHERE code IS NOT NULL;

-- Buildings only.
DROP INDEX IF EXISTS owner_by_grid;
CREATE INDEX owner_by_grid ON owner (grid_id) WHERE kind = 1;

-- A grid with what it and the grids below it own.  The open events are gone through once.
DROP VIEW IF EXISTS v_grid_status;
CREATE VIEW v_grid_status AS
WITH open_event (grid_id, level, n) AS MATERIALIZED (
    SELECT o.grid_id, t.level, count(*)
    FROM event_status t CROSS JOIN scheme s CROSS JOIN owner o
    WHERE t.stage NOT IN (7, 9, 10) AND o.scheme_id = s.id AND o.kind = 3
        AND o.object_id = t.event_id
    GROUP BY o.grid_id, t.level)
SELECT g.id AS id, g.code AS code, g.name AS name, s.name AS scheme,
    g.level AS level, l.name AS level_name, l.name_zh AS level_name_zh, g.kind AS kind,
    (SELECT code FROM grid p WHERE p.id = g.parent_id) AS parent_code,
    g.area_m2 AS area_m2,
    (WITH RECURSIVE below (id) AS (
        SELECT g.id UNION
        SELECT c.id FROM below JOIN grid c ON c.parent_id = below.id)
     SELECT count(*) FROM below CROSS JOIN owner o ON o.grid_id = below.id AND o.kind = 1
     CROSS JOIN building b ON b.id = o.object_id
     WHERE b.part_of IS NULL AND (b.valid_to IS NULL OR
         b.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) AS buildings,
    (WITH RECURSIVE below (id) AS (
        SELECT g.id UNION
        SELECT c.id FROM below JOIN grid c ON c.parent_id = below.id)
     SELECT coalesce(sum(b.households), 0) FROM below
     CROSS JOIN owner o ON o.grid_id = below.id AND o.kind = 1
     CROSS JOIN building b ON b.id = o.object_id
     WHERE b.valid_to IS NULL OR
         b.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) AS households,
    (WITH RECURSIVE below (id) AS (
        SELECT g.id UNION
        SELECT c.id FROM below JOIN grid c ON c.parent_id = below.id)
     SELECT coalesce(sum(b.population), 0) FROM below
     CROSS JOIN owner o ON o.grid_id = below.id AND o.kind = 1
     CROSS JOIN building b ON b.id = o.object_id
     WHERE b.valid_to IS NULL OR
         b.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) AS population,
    (WITH RECURSIVE below (id) AS (
        SELECT g.id UNION
        SELECT c.id FROM below JOIN grid c ON c.parent_id = below.id)
     SELECT coalesce(sum(n), 0) FROM open_event
     WHERE grid_id IN (SELECT id FROM below)) AS open_events,
    coalesce((WITH RECURSIVE below (id) AS (
        SELECT g.id UNION
        SELECT c.id FROM below JOIN grid c ON c.parent_id = below.id)
     SELECT min(level) FROM (
        SELECT level FROM open_event
        WHERE level > 0 AND grid_id IN (SELECT id FROM below)
        UNION ALL
        SELECT a.level FROM alert a
        WHERE a.cleared_at IS NULL AND a.level > 0 AND a.grid_id IN (SELECT id FROM below)
        UNION ALL
        SELECT a.level FROM alert a
        JOIN owner o ON o.scheme_id = g.scheme_id AND o.kind = 1
            AND o.object_id = a.building_id
        WHERE a.cleared_at IS NULL AND a.level > 0
            AND o.grid_id IN (SELECT id FROM below))), 0) AS alert_level,
    (SELECT f.name FROM duty d JOIN officer f ON f.id = d.officer_id
     WHERE d.grid_id = g.id
         AND (d.valid_from IS NULL OR
              d.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
         AND (d.valid_to IS NULL OR d.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
     ORDER BY d.role <> 'officer', d.id LIMIT 1) AS officer,
    g.valid_from AS valid_from, g.valid_to AS valid_to, g.geom AS geom
FROM grid g
JOIN scheme s ON s.id = g.scheme_id
JOIN level l ON l.id = g.level;
