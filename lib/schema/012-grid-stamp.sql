-- Version 2: a number for each scheme that is another one after every change of what
-- decides which polygons own.  An index kept in a file carries the number of the grids
-- it was built from.  Random, so that it never comes again: not after a backup was put
-- back, nor when a deleted scheme's id is used once more.  The change log knows the
-- grids; it does not tell of these.
--
-- (ON CONFLICT … DO UPDATE and not OR REPLACE: within a trigger the outer statement's
-- OR … would win over that.)

CREATE TABLE grid_stamp (
    scheme_id INTEGER PRIMARY KEY,
    stamp INTEGER NOT NULL
);
INSERT INTO grid_stamp (scheme_id, stamp) SELECT scheme_id, random() FROM grid GROUP BY 1;

-- The parent of another scheme counts too: it owns while it has no child in force.
CREATE TRIGGER grid_stamp_insert AFTER INSERT ON grid
BEGIN
    INSERT INTO grid_stamp (scheme_id, stamp) VALUES (new.scheme_id, random())
    ON CONFLICT (scheme_id) DO UPDATE SET stamp = excluded.stamp;
    UPDATE grid_stamp SET stamp = random() WHERE scheme_id <> new.scheme_id
        AND scheme_id = (SELECT scheme_id FROM grid WHERE id = new.parent_id);
END;

-- What INSERT OR REPLACE is about to throw out, which no other trigger hears of.
CREATE TRIGGER grid_stamp_replace BEFORE INSERT ON grid
WHEN EXISTS (SELECT 1 FROM grid WHERE id = new.id)
BEGIN
    UPDATE grid_stamp SET stamp = random() WHERE scheme_id IN (
        SELECT g.scheme_id FROM grid g WHERE g.id = new.id
        UNION SELECT p.scheme_id FROM grid g JOIN grid p ON p.id = g.parent_id
        WHERE g.id = new.id);
END;

CREATE TRIGGER grid_stamp_update
AFTER UPDATE OF id, geom, code, scheme_id, parent_id, valid_from, valid_to ON grid
WHEN new.geom IS NOT old.geom OR new.code IS NOT old.code OR new.id IS NOT old.id
    OR new.scheme_id IS NOT old.scheme_id OR new.parent_id IS NOT old.parent_id
    OR new.valid_from IS NOT old.valid_from OR new.valid_to IS NOT old.valid_to
BEGIN
    INSERT INTO grid_stamp (scheme_id, stamp)
    VALUES (new.scheme_id, random()), (old.scheme_id, random())
    ON CONFLICT (scheme_id) DO UPDATE SET stamp = excluded.stamp;
    UPDATE grid_stamp SET stamp = random()
    WHERE scheme_id NOT IN (new.scheme_id, old.scheme_id) AND scheme_id IN (
        SELECT scheme_id FROM grid WHERE id IN (new.parent_id, old.parent_id));
END;

CREATE TRIGGER grid_stamp_delete AFTER DELETE ON grid
BEGIN
    INSERT INTO grid_stamp (scheme_id, stamp) VALUES (old.scheme_id, random())
    ON CONFLICT (scheme_id) DO UPDATE SET stamp = excluded.stamp;
    UPDATE grid_stamp SET stamp = random() WHERE scheme_id <> old.scheme_id
        AND scheme_id = (SELECT scheme_id FROM grid WHERE id = old.parent_id);
END;

CREATE TRIGGER grid_stamp_scheme AFTER DELETE ON scheme
BEGIN
    UPDATE grid_stamp SET stamp = random() WHERE scheme_id = old.id;
END;
