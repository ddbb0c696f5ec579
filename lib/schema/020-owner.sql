-- Owners of what another program writes, found at once.  Plain SQL with SpatiaLite: the
-- same rule as assign.c, which must give the same answers.
--
-- The rule: only grids in force without children in force own.  A point belongs to the
-- lowest code among the grids that cover it.  A building belongs to the lowest code
-- among the grids that cover it whole, else to the grid of the largest share (to nine
-- places; lowest code on a tie).  A share of up to 1e-4 (WG_CUT_SHARE) is no cut.
-- Buildings and parts are asked of the grids in force now, events of those in force when
-- they happened, by the polygons that held then (grid_past).  A scheme out of force keeps
-- its owners; one without a grid has none.

-- What each grid holds of a building: weight 2 for the whole, else the share 0 … 1.
-- Meant to be asked for one building.
CREATE VIEW owner_piece AS
SELECT b.id AS building_id, g.scheme_id AS scheme_id, g.id AS grid_id, g.code AS code,
    CASE WHEN ST_Covers(g.geom, b.geom) = 1 THEN 2.0
         WHEN ST_Intersects(g.geom, b.geom) = 1 THEN min(1.0, coalesce(
             coalesce(ST_Area(ST_Intersection(b.geom, g.geom)),
                 ST_Area(ST_Intersection(ST_Buffer(b.geom, 0), ST_Buffer(g.geom, 0))))
             / ST_Area(b.geom), 0.0))
         ELSE 0.0 END AS weight
FROM building b CROSS JOIN idx_grid_geom r CROSS JOIN grid g
WHERE g.id = r.pkid
    AND r.xmax >= MbrMinX(b.geom) AND r.xmin <= MbrMaxX(b.geom)
    AND r.ymax >= MbrMinY(b.geom) AND r.ymin <= MbrMaxY(b.geom)
    AND (g.valid_from IS NULL OR g.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND (g.valid_to IS NULL OR g.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND NOT EXISTS (
        SELECT 1 FROM grid c WHERE c.parent_id = g.id
            AND (c.valid_from IS NULL
                 OR c.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            AND (c.valid_to IS NULL
                 OR c.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));

-- Schemes whose owners are kept: in force, with a grid.
CREATE VIEW owner_scheme AS
SELECT s.id AS id FROM scheme s
WHERE (s.valid_from IS NULL OR s.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND (s.valid_to IS NULL OR s.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND EXISTS (SELECT 1 FROM grid g WHERE g.scheme_id = s.id);

-- INSERT INTO owner_ask (kind, object_id, scheme_id) asks an object again: kind 1
-- building, 2 part, 3 event; scheme NULL: every scheme in force.
CREATE VIEW owner_ask AS
SELECT 0 AS kind, 0 AS object_id, 0 AS scheme_id WHERE 0;

CREATE TRIGGER owner_ask_building INSTEAD OF INSERT ON owner_ask WHEN new.kind = 1
BEGIN
    INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how)
    SELECT 1, b.id, s.id, w.grid_id, coalesce(min(w.weight, 1.0), 0.0),
        CASE WHEN b.geom IS NULL THEN 'no place' WHEN w.grid_id IS NULL THEN 'outside'
             WHEN w.weight = 2.0 THEN 'cover' ELSE 'share' END
    FROM building b CROSS JOIN owner_scheme s LEFT JOIN (
        SELECT scheme_id, grid_id, weight, row_number() OVER (
            PARTITION BY scheme_id ORDER BY round(weight, 9) DESC, code) AS place
        FROM owner_piece
        WHERE building_id = new.object_id
            AND (new.scheme_id IS NULL OR scheme_id = new.scheme_id)
    ) w ON w.scheme_id = s.id AND w.place = 1 AND round(w.weight, 9) > 0
    WHERE b.id = new.object_id AND (new.scheme_id IS NULL OR s.id = new.scheme_id)
    ON CONFLICT (scheme_id, kind, object_id) DO UPDATE SET
        grid_id = excluded.grid_id, share = excluded.share, how = excluded.how
    WHERE grid_id IS NOT excluded.grid_id OR share IS NOT excluded.share
        OR how IS NOT excluded.how;

    DELETE FROM owner_share
    WHERE scheme_id IN (SELECT id FROM owner_scheme
                        WHERE new.scheme_id IS NULL OR id = new.scheme_id)
        AND building_id = new.object_id;
    -- each piece, and once (beside the first) what no grid holds
    INSERT INTO owner_share (scheme_id, building_id, grid_id, share)
    SELECT scheme_id, new.object_id, grid_id, share
    FROM (
        SELECT scheme_id, grid_id, share, count(*) OVER (PARTITION BY scheme_id) AS n
        FROM (
            SELECT w.scheme_id AS scheme_id, iif(o.outside, 0, w.grid_id) AS grid_id,
                iif(o.outside, round(1.0 - w.total, 12), w.share) AS share
            FROM (
                SELECT scheme_id, grid_id, min(weight, 1.0) AS share,
                    row_number() OVER (PARTITION BY scheme_id ORDER BY grid_id) AS place,
                    sum(min(weight, 1.0)) OVER (PARTITION BY scheme_id) AS total
                FROM owner_piece
                WHERE building_id = new.object_id
                    AND (new.scheme_id IS NULL OR scheme_id = new.scheme_id)
            ) w
            JOIN (SELECT 0 AS outside UNION ALL SELECT 1) o
                ON o.outside = 0 OR w.place = 1
            JOIN owner_scheme s ON s.id = w.scheme_id) p
        WHERE share > 1e-4 OR grid_id = (
            SELECT x.grid_id FROM owner x
            WHERE x.scheme_id = p.scheme_id AND x.kind = 1
                AND x.object_id = new.object_id))
    WHERE n > 1;
END;

CREATE TRIGGER owner_ask_part INSTEAD OF INSERT ON owner_ask WHEN new.kind = 2
BEGIN
    INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how)
    SELECT 2, p.id, s.id, w.grid_id, w.grid_id IS NOT NULL,
        CASE WHEN p.geom IS NULL THEN 'no place' WHEN w.grid_id IS NULL THEN 'outside'
             ELSE 'cover' END
    FROM part p CROSS JOIN owner_scheme s LEFT JOIN (
        SELECT g.scheme_id AS scheme_id, g.id AS grid_id, min(g.code)
        FROM part q CROSS JOIN idx_grid_geom r CROSS JOIN grid g
        WHERE q.id = new.object_id AND g.id = r.pkid
            AND r.xmax >= ST_X(q.geom) AND r.xmin <= ST_X(q.geom)
            AND r.ymax >= ST_Y(q.geom) AND r.ymin <= ST_Y(q.geom)
            AND (new.scheme_id IS NULL OR g.scheme_id = new.scheme_id)
            AND (g.valid_from IS NULL
                 OR g.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            AND (g.valid_to IS NULL
                 OR g.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            AND CASE WHEN NOT EXISTS (
                SELECT 1 FROM grid c WHERE c.parent_id = g.id
                    AND (c.valid_from IS NULL
                         OR c.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
                    AND (c.valid_to IS NULL
                         OR c.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
                THEN ST_Covers(g.geom, q.geom) = 1 END
        GROUP BY g.scheme_id
    ) w ON w.scheme_id = s.id
    WHERE p.id = new.object_id AND (new.scheme_id IS NULL OR s.id = new.scheme_id)
    ON CONFLICT (scheme_id, kind, object_id) DO UPDATE SET
        grid_id = excluded.grid_id, share = excluded.share, how = excluded.how
    WHERE grid_id IS NOT excluded.grid_id OR share IS NOT excluded.share
        OR how IS NOT excluded.how;
END;

-- Events: schema/014-revisions.sql.

-- INSERT INTO owner_ask_near (scheme_id, geom, geom2) asks every object again whose box
-- meets the box of one of the two geometries (either may be NULL).
CREATE VIEW owner_ask_near AS
SELECT 0 AS scheme_id, NULL AS geom, NULL AS geom2 WHERE 0;

CREATE TRIGGER owner_ask_near_insert INSTEAD OF INSERT ON owner_ask_near
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id)
    SELECT 1, pkid, new.scheme_id FROM idx_building_geom
    WHERE xmax >= MbrMinX(new.geom) AND xmin <= MbrMaxX(new.geom)
        AND ymax >= MbrMinY(new.geom) AND ymin <= MbrMaxY(new.geom)
    UNION
    SELECT 1, pkid, new.scheme_id FROM idx_building_geom
    WHERE xmax >= MbrMinX(new.geom2) AND xmin <= MbrMaxX(new.geom2)
        AND ymax >= MbrMinY(new.geom2) AND ymin <= MbrMaxY(new.geom2);
    INSERT INTO owner_ask (kind, object_id, scheme_id)
    SELECT 2, pkid, new.scheme_id FROM idx_part_geom
    WHERE xmax >= MbrMinX(new.geom) AND xmin <= MbrMaxX(new.geom)
        AND ymax >= MbrMinY(new.geom) AND ymin <= MbrMaxY(new.geom)
    UNION
    SELECT 2, pkid, new.scheme_id FROM idx_part_geom
    WHERE xmax >= MbrMinX(new.geom2) AND xmin <= MbrMaxX(new.geom2)
        AND ymax >= MbrMinY(new.geom2) AND ymin <= MbrMaxY(new.geom2);
    INSERT INTO owner_ask (kind, object_id, scheme_id)
    SELECT 3, pkid, new.scheme_id FROM idx_event_geom
    WHERE xmax >= MbrMinX(new.geom) AND xmin <= MbrMaxX(new.geom)
        AND ymax >= MbrMinY(new.geom) AND ymin <= MbrMaxY(new.geom)
    UNION
    SELECT 3, pkid, new.scheme_id FROM idx_event_geom
    WHERE xmax >= MbrMinX(new.geom2) AND xmin <= MbrMaxX(new.geom2)
        AND ymax >= MbrMinY(new.geom2) AND ymin <= MbrMaxY(new.geom2);
END;
