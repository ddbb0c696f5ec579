-- When owners are asked again: an object comes, moves or goes; a grid comes, moves,
-- ends, is renamed or goes; a scheme comes into force.  A row in `bulk` rests them.

-- ---- objects ----

CREATE TRIGGER owner_building_insert AFTER INSERT ON building
WHEN NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (1, new.id, NULL);
END;

CREATE TRIGGER owner_building_update AFTER UPDATE OF geom ON building
WHEN new.geom IS NOT old.geom AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (1, new.id, NULL);
END;

CREATE TRIGGER owner_building_delete AFTER DELETE ON building
BEGIN
    DELETE FROM owner
    WHERE scheme_id IN (SELECT id FROM scheme) AND kind = 1 AND object_id = old.id;
    DELETE FROM owner_share
    WHERE scheme_id IN (SELECT id FROM scheme) AND building_id = old.id;
END;

CREATE TRIGGER owner_part_insert AFTER INSERT ON part
WHEN NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (2, new.id, NULL);
END;

CREATE TRIGGER owner_part_update AFTER UPDATE OF geom ON part
WHEN new.geom IS NOT old.geom AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (2, new.id, NULL);
END;

CREATE TRIGGER owner_part_delete AFTER DELETE ON part
BEGIN
    DELETE FROM owner
    WHERE scheme_id IN (SELECT id FROM scheme) AND kind = 2 AND object_id = old.id;
END;

CREATE TRIGGER owner_event_insert AFTER INSERT ON event
WHEN NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (3, new.id, NULL);
END;

CREATE TRIGGER owner_event_update AFTER UPDATE OF geom, occurred_at, reported_at ON event
WHEN (new.geom IS NOT old.geom OR new.occurred_at IS NOT old.occurred_at
      OR new.reported_at IS NOT old.reported_at)
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id) VALUES (3, new.id, NULL);
END;

CREATE TRIGGER owner_event_delete AFTER DELETE ON event
BEGIN
    DELETE FROM owner
    WHERE scheme_id IN (SELECT id FROM scheme) AND kind = 3 AND object_id = old.id;
END;

-- ---- the building an event is in ----

-- The whole building of lowest id whose footprint covers the point.
CREATE TRIGGER event_building_insert AFTER INSERT ON event
WHEN new.building_id IS NULL AND new.geom IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    UPDATE event SET building_id = (
        SELECT min(b.id) FROM idx_building_geom r CROSS JOIN building b
        WHERE b.id = r.pkid
            AND r.xmax >= ST_X(new.geom) AND r.xmin <= ST_X(new.geom)
            AND r.ymax >= ST_Y(new.geom) AND r.ymin <= ST_Y(new.geom)
            AND b.part_of IS NULL
            AND (b.valid_to IS NULL
                 OR b.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            AND ST_Covers(b.geom, new.geom) = 1)
    WHERE id = new.id AND building_id IS NULL AND EXISTS (
        SELECT 1 FROM idx_building_geom r
        WHERE r.xmax >= ST_X(new.geom) AND r.xmin <= ST_X(new.geom)
            AND r.ymax >= ST_Y(new.geom) AND r.ymin <= ST_Y(new.geom));
END;

CREATE TRIGGER event_building_update AFTER UPDATE OF geom ON event
WHEN new.building_id IS NULL AND new.geom IS NOT NULL AND new.geom IS NOT old.geom
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    UPDATE event SET building_id = (
        SELECT min(b.id) FROM idx_building_geom r CROSS JOIN building b
        WHERE b.id = r.pkid
            AND r.xmax >= ST_X(new.geom) AND r.xmin <= ST_X(new.geom)
            AND r.ymax >= ST_Y(new.geom) AND r.ymin <= ST_Y(new.geom)
            AND b.part_of IS NULL
            AND (b.valid_to IS NULL
                 OR b.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
            AND ST_Covers(b.geom, new.geom) = 1)
    WHERE id = new.id AND building_id IS NULL AND EXISTS (
        SELECT 1 FROM idx_building_geom r
        WHERE r.xmax >= ST_X(new.geom) AND r.xmin <= ST_X(new.geom)
            AND r.ymax >= ST_Y(new.geom) AND r.ymin <= ST_Y(new.geom));
END;

CREATE TRIGGER building_event_insert AFTER INSERT ON building
WHEN new.part_of IS NULL AND new.geom IS NOT NULL
    AND (new.valid_to IS NULL
         OR new.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    UPDATE event SET building_id = new.id
    WHERE building_id IS NULL AND id IN (
        SELECT e.id FROM idx_event_geom r CROSS JOIN event e
        WHERE e.id = r.pkid AND e.building_id IS NULL
            AND r.xmax >= MbrMinX(new.geom) AND r.xmin <= MbrMaxX(new.geom)
            AND r.ymax >= MbrMinY(new.geom) AND r.ymin <= MbrMaxY(new.geom)
            AND ST_Covers(new.geom, e.geom) = 1);
END;

CREATE TRIGGER building_event_update AFTER UPDATE OF geom ON building
WHEN new.part_of IS NULL AND new.geom IS NOT NULL AND new.geom IS NOT old.geom
    AND (new.valid_to IS NULL
         OR new.valid_to > strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    UPDATE event SET building_id = new.id
    WHERE building_id IS NULL AND id IN (
        SELECT e.id FROM idx_event_geom r CROSS JOIN event e
        WHERE e.id = r.pkid AND e.building_id IS NULL
            AND r.xmax >= MbrMinX(new.geom) AND r.xmin <= MbrMaxX(new.geom)
            AND r.ymax >= MbrMinY(new.geom) AND r.ymin <= MbrMaxY(new.geom)
            AND ST_Covers(new.geom, e.geom) = 1);
END;

-- ---- grids ----

-- SQLite runs the triggers of one event in no promised order, and SpatiaLite's own
-- keeps the R-tree: so these bring the changed row of the R-tree up to date themselves,
-- in SpatiaLite's very words, before they ask by it.

-- The first grid of a scheme: what lies elsewhere is outside, and said to be.
CREATE TRIGGER owner_grid_insert AFTER INSERT ON grid
WHEN NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    DELETE FROM idx_grid_geom WHERE pkid = new.id;
    SELECT RTreeAlign('idx_grid_geom', new.id, new.geom);
    INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how)
    SELECT o.kind, o.id, s.id, NULL, 0.0, iif(o.has_place, 'outside', 'no place')
    FROM owner_scheme s CROSS JOIN (
        SELECT 1 AS kind, id, geom IS NOT NULL AS has_place FROM building
        UNION ALL SELECT 2, id, geom IS NOT NULL FROM part
        UNION ALL SELECT 3, id, geom IS NOT NULL FROM event) o
    WHERE s.id = new.scheme_id
        AND NOT EXISTS (SELECT 1 FROM owner WHERE scheme_id = new.scheme_id);
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    VALUES (new.scheme_id, new.geom, NULL);
END;

-- (owner_grid_update: schema/014-revisions.sql.)

CREATE TRIGGER owner_grid_move AFTER UPDATE OF scheme_id ON grid
WHEN new.scheme_id IS NOT old.scheme_id AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    DELETE FROM idx_grid_geom WHERE pkid = new.id;
    SELECT RTreeAlign('idx_grid_geom', new.id, new.geom);
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    VALUES (old.scheme_id, old.geom, NULL), (new.scheme_id, new.geom, NULL);
END;

CREATE TRIGGER owner_grid_delete AFTER DELETE ON grid
WHEN NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    DELETE FROM idx_grid_geom WHERE pkid = old.id;
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    VALUES (old.scheme_id, old.geom, NULL);
    -- what it owned yet does not meet it any more
    INSERT INTO owner_ask (kind, object_id, scheme_id)
    SELECT kind, object_id, scheme_id FROM owner WHERE grid_id = old.id;
    DELETE FROM owner WHERE scheme_id = old.scheme_id
        AND NOT EXISTS (SELECT 1 FROM grid WHERE scheme_id = old.scheme_id);
    DELETE FROM owner_share WHERE scheme_id = old.scheme_id
        AND NOT EXISTS (SELECT 1 FROM grid WHERE scheme_id = old.scheme_id);
END;

-- A parent owns while it has no child in force.  Its whole area is asked again when a
-- child comes or goes, unless a sister child is in force all the time the child is.

CREATE TRIGGER owner_grid_child_insert AFTER INSERT ON grid
WHEN new.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bulk)
    AND NOT EXISTS (
        SELECT 1 FROM grid c WHERE c.parent_id = new.parent_id AND c.id <> new.id
            AND (c.valid_from IS NULL OR c.valid_from <= new.valid_from)
            AND (c.valid_to IS NULL OR c.valid_to >= new.valid_to))
BEGIN
    DELETE FROM idx_grid_geom WHERE pkid = new.id;
    SELECT RTreeAlign('idx_grid_geom', new.id, new.geom);
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid WHERE id = new.parent_id;
END;

CREATE TRIGGER owner_grid_child_update
AFTER UPDATE OF parent_id, valid_from, valid_to ON grid
WHEN (new.parent_id IS NOT old.parent_id OR new.valid_from IS NOT old.valid_from
      OR new.valid_to IS NOT old.valid_to)
    AND coalesce(new.parent_id, old.parent_id) IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid WHERE id = old.parent_id
        AND NOT EXISTS (
            SELECT 1 FROM grid c WHERE c.parent_id = old.parent_id AND c.id <> old.id
                AND (c.valid_from IS NULL OR c.valid_from <= old.valid_from)
                AND (c.valid_to IS NULL OR c.valid_to >= old.valid_to))
    UNION
    SELECT scheme_id, geom, NULL FROM grid WHERE id = new.parent_id
        AND NOT EXISTS (
            SELECT 1 FROM grid c WHERE c.parent_id = new.parent_id AND c.id <> new.id
                AND (c.valid_from IS NULL OR c.valid_from <= new.valid_from)
                AND (c.valid_to IS NULL OR c.valid_to >= new.valid_to));
END;

CREATE TRIGGER owner_grid_child_delete AFTER DELETE ON grid
WHEN old.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bulk)
    AND NOT EXISTS (
        SELECT 1 FROM grid c WHERE c.parent_id = old.parent_id
            AND (c.valid_from IS NULL OR c.valid_from <= old.valid_from)
            AND (c.valid_to IS NULL OR c.valid_to >= old.valid_to))
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid WHERE id = old.parent_id;
END;

-- ---- schemes ----

-- A scheme that comes into force is asked whole.
CREATE TRIGGER owner_scheme_update AFTER UPDATE OF valid_from, valid_to ON scheme
WHEN (new.valid_from IS NOT old.valid_from OR new.valid_to IS NOT old.valid_to)
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask (kind, object_id, scheme_id)
    SELECT 1, id, new.id FROM building
    UNION ALL SELECT 2, id, new.id FROM part
    UNION ALL SELECT 3, id, new.id FROM event;
END;
