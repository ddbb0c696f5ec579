-- Version 4: the boundaries that once held, revisions, where grids came from, drafts.
--
-- A grid's polygon holds from geom_from on (NULL: as long as the grid is in force); what it
-- had before stands in grid_past with the time it held, whoever changed it.  Events are
-- owned by the polygon that held when they happened.

ALTER TABLE grid ADD COLUMN geom_from TEXT;

CREATE TABLE grid_past (
    id INTEGER PRIMARY KEY,
    grid_id INTEGER NOT NULL,
    scheme_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT,
    level INTEGER NOT NULL,
    kind TEXT NOT NULL,
    parent_id INTEGER,
    area_m2 REAL,
    valid_from TEXT,
    valid_to TEXT NOT NULL,
    revision INTEGER NOT NULL -- the last one in which it held
);
SELECT AddGeometryColumn('grid_past', 'geom', (
    SELECT srid FROM geometry_columns WHERE f_table_name = 'grid'), 'MULTIPOLYGON', 'XY');
SELECT CreateSpatialIndex('grid_past', 'geom');
CREATE INDEX grid_past_by_grid ON grid_past (grid_id);
CREATE INDEX grid_past_by_scheme ON grid_past (scheme_id);

-- at: when it was written; valid_from: since when it holds; delta: what it changed, as
-- the library keeps it.
ALTER TABLE revision ADD COLUMN valid_from TEXT;
ALTER TABLE revision ADD COLUMN reverts INTEGER;
ALTER TABLE revision ADD COLUMN n_changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN n_begun INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN n_ended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revision ADD COLUMN delta BLOB;

CREATE TABLE lineage (
    scheme_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    from_grid INTEGER NOT NULL,
    to_grid INTEGER NOT NULL,
    how TEXT NOT NULL CHECK (how IN ('split', 'merged', 'carved', 'transferred')),
    area_m2 REAL NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (scheme_id, revision, from_grid, to_grid)
) WITHOUT ROWID;
CREATE INDEX lineage_by_from ON lineage (from_grid);
CREATE INDEX lineage_by_to ON lineage (to_grid);

CREATE TABLE draft (
    id INTEGER PRIMARY KEY,
    scheme_id INTEGER NOT NULL REFERENCES scheme (id),
    name TEXT NOT NULL CHECK (length(name) > 0),
    author TEXT,
    note TEXT,
    state TEXT NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'reviewed', 'scheduled', 'published')),
    changed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    reviewer TEXT,
    publisher TEXT,
    reason TEXT,
    due_at TEXT,
    base INTEGER NOT NULL DEFAULT 0,
    published INTEGER,
    operations TEXT,
    delta BLOB,
    UNIQUE (scheme_id, name)
);

-- ---- what held before ----

-- Who sets geom_from along with geom keeps the old polygon himself.  Before the update,
-- so that the owner triggers find it there.
CREATE TRIGGER grid_past_keep BEFORE UPDATE OF geom ON grid
WHEN old.geom IS NOT NULL AND new.geom IS NOT old.geom
    AND new.geom_from IS old.geom_from
    AND (old.valid_from IS NULL
         OR old.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
BEGIN
    INSERT INTO grid_past (grid_id, scheme_id, code, name, level, kind, parent_id, area_m2,
        valid_from, valid_to, revision, geom)
    SELECT old.id, old.scheme_id, old.code, old.name, old.level, old.kind, old.parent_id,
        old.area_m2,
        iif(old.geom_from IS NULL OR old.valid_from > old.geom_from, old.valid_from,
            old.geom_from),
        min(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), coalesce(old.valid_to,
            strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))),
        coalesce((SELECT revision FROM scheme WHERE id = old.scheme_id), 0), old.geom;
END;

CREATE TRIGGER grid_past_since AFTER UPDATE OF geom ON grid
WHEN old.geom IS NOT NULL AND new.geom IS NOT old.geom
    AND new.geom_from IS old.geom_from
    AND (old.valid_from IS NULL
         OR old.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
BEGIN
    UPDATE grid SET geom_from = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = new.id AND geom_from IS NOT strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
END;

CREATE TRIGGER grid_past_delete AFTER DELETE ON grid
BEGIN
    DELETE FROM grid_past WHERE grid_id = old.id;
END;

-- ---- owners ----

DROP TRIGGER IF EXISTS owner_grid_update;
CREATE TRIGGER owner_grid_update
AFTER UPDATE OF geom, code, valid_from, valid_to ON grid
WHEN (new.geom IS NOT old.geom OR new.code IS NOT old.code
      OR new.valid_from IS NOT old.valid_from OR new.valid_to IS NOT old.valid_to)
    AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    -- as grid_past_since, which may come later
    UPDATE grid SET geom_from = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE id = new.id AND geom_from IS NOT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
        AND old.geom IS NOT NULL AND new.geom IS NOT old.geom
        AND new.geom_from IS old.geom_from
        AND (old.valid_from IS NULL
             OR old.valid_from <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
    DELETE FROM idx_grid_geom WHERE pkid = new.id;
    SELECT RTreeAlign('idx_grid_geom', new.id, new.geom);
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    VALUES (new.scheme_id, new.geom, iif(new.geom IS old.geom, NULL, old.geom));
END;

-- A grid that begins, ends or is renamed, or whose child does, takes along what its
-- earlier polygons owned.
CREATE TRIGGER owner_grid_past_dates AFTER UPDATE OF code, valid_from, valid_to ON grid
WHEN (new.code IS NOT old.code OR new.valid_from IS NOT old.valid_from
      OR new.valid_to IS NOT old.valid_to) AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid_past WHERE grid_id = new.id;
END;

CREATE TRIGGER owner_grid_past_child_insert AFTER INSERT ON grid
WHEN new.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid_past WHERE grid_id = new.parent_id;
END;

CREATE TRIGGER owner_grid_past_child_update
AFTER UPDATE OF parent_id, valid_from, valid_to ON grid
WHEN (new.parent_id IS NOT old.parent_id OR new.valid_from IS NOT old.valid_from
      OR new.valid_to IS NOT old.valid_to) AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid_past
    WHERE grid_id IN (new.parent_id, old.parent_id);
END;

CREATE TRIGGER owner_grid_past_child_delete AFTER DELETE ON grid
WHEN old.parent_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM bulk)
BEGIN
    INSERT INTO owner_ask_near (scheme_id, geom, geom2)
    SELECT scheme_id, geom, NULL FROM grid_past WHERE grid_id = old.parent_id;
END;

-- `t` is when the event happened, brought to our form of time.
DROP TRIGGER IF EXISTS owner_ask_event;
CREATE TRIGGER owner_ask_event INSTEAD OF INSERT ON owner_ask WHEN new.kind = 3
BEGIN
    INSERT INTO owner (kind, object_id, scheme_id, grid_id, share, how)
    SELECT 3, e.id, s.id, w.grid_id, w.grid_id IS NOT NULL,
        CASE WHEN e.geom IS NULL THEN 'no place' WHEN w.grid_id IS NULL THEN 'outside'
             ELSE 'cover' END
    FROM event e CROSS JOIN owner_scheme s LEFT JOIN (
        SELECT scheme_id, grid_id, min(code) FROM (
            SELECT g.scheme_id AS scheme_id, g.id AS grid_id, g.code AS code
            FROM (
                SELECT geom, coalesce(
                    strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(occurred_at, reported_at)),
                    strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) AS t
                FROM event WHERE id = new.object_id
            ) q CROSS JOIN idx_grid_geom r CROSS JOIN grid g
            WHERE g.id = r.pkid
                AND r.xmax >= ST_X(q.geom) AND r.xmin <= ST_X(q.geom)
                AND r.ymax >= ST_Y(q.geom) AND r.ymin <= ST_Y(q.geom)
                AND (new.scheme_id IS NULL OR g.scheme_id = new.scheme_id)
                AND (g.geom_from IS NULL OR g.geom_from <= q.t)
                AND (g.valid_from IS NULL OR g.valid_from <= q.t)
                AND (g.valid_to IS NULL OR g.valid_to > q.t)
                AND CASE WHEN NOT EXISTS (
                    SELECT 1 FROM grid c WHERE c.parent_id = g.id
                        AND (c.valid_from IS NULL OR c.valid_from <= q.t)
                        AND (c.valid_to IS NULL OR c.valid_to > q.t))
                    THEN ST_Covers(g.geom, q.geom) = 1 END
            UNION ALL
            SELECT g.scheme_id, g.id, g.code
            FROM (
                SELECT geom, coalesce(
                    strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(occurred_at, reported_at)),
                    strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) AS t
                FROM event WHERE id = new.object_id
            ) q CROSS JOIN idx_grid_past_geom r CROSS JOIN grid_past p CROSS JOIN grid g
            WHERE p.id = r.pkid AND g.id = p.grid_id AND g.scheme_id = p.scheme_id
                AND r.xmax >= ST_X(q.geom) AND r.xmin <= ST_X(q.geom)
                AND r.ymax >= ST_Y(q.geom) AND r.ymin <= ST_Y(q.geom)
                AND (new.scheme_id IS NULL OR g.scheme_id = new.scheme_id)
                AND (p.valid_from IS NULL OR p.valid_from <= q.t) AND p.valid_to > q.t
                AND (g.valid_from IS NULL OR g.valid_from <= q.t)
                AND (g.valid_to IS NULL OR g.valid_to > q.t)
                AND CASE WHEN NOT EXISTS (
                    SELECT 1 FROM grid c WHERE c.parent_id = g.id
                        AND (c.valid_from IS NULL OR c.valid_from <= q.t)
                        AND (c.valid_to IS NULL OR c.valid_to > q.t))
                    THEN ST_Covers(p.geom, q.geom) = 1 END)
        GROUP BY scheme_id
    ) w ON w.scheme_id = s.id
    WHERE e.id = new.object_id AND (new.scheme_id IS NULL OR s.id = new.scheme_id)
    ON CONFLICT (scheme_id, kind, object_id) DO UPDATE SET
        grid_id = excluded.grid_id, share = excluded.share, how = excluded.how
    WHERE grid_id IS NOT excluded.grid_id OR share IS NOT excluded.share
        OR how IS NOT excluded.how;
END;
