-- What the file keeps right by itself, whoever writes it: heights of buildings, areas of
-- grids, the status and log of events.  Each trigger that writes its own table stops by
-- its WHEN, so recursive_triggers may be on or off.

-- A building without height has floors × floor height, else the default; the row says
-- which.
CREATE TRIGGER building_height_insert AFTER INSERT ON building
WHEN new.height_m IS NULL OR new.height_from IS NULL
BEGIN
    UPDATE building SET
        height_from = CASE
            WHEN new.height_m IS NOT NULL THEN 'measured'
            WHEN new.floors > 0 THEN 'floors'
            ELSE 'default' END,
        height_m = coalesce(new.height_m, (
            SELECT CASE WHEN new.floors > 0 THEN new.floors * floor_height_m
                        ELSE default_height_m END
            FROM district))
    WHERE id = new.id;
END;

CREATE TRIGGER building_height_update AFTER UPDATE OF height_m, height_from ON building
WHEN new.height_m IS NULL OR new.height_from IS NULL
BEGIN
    UPDATE building SET
        height_from = CASE
            WHEN new.height_m IS NOT NULL THEN 'measured'
            WHEN new.floors > 0 THEN 'floors'
            ELSE 'default' END,
        height_m = coalesce(new.height_m, (
            SELECT CASE WHEN new.floors > 0 THEN new.floors * floor_height_m
                        ELSE default_height_m END
            FROM district))
    WHERE id = new.id;
END;

-- Other floors: a height that was not measured follows them.
CREATE TRIGGER building_height_floors AFTER UPDATE OF floors ON building
WHEN new.floors IS NOT old.floors AND new.height_m IS old.height_m
    AND old.height_from IN ('floors', 'default')
    AND new.height_from IS old.height_from
BEGIN
    UPDATE building SET height_m = NULL, height_from = NULL WHERE id = new.id;
    UPDATE building SET
        height_from = CASE WHEN new.floors > 0 THEN 'floors' ELSE 'default' END,
        height_m = (
            SELECT CASE WHEN new.floors > 0 THEN new.floors * floor_height_m
                        ELSE default_height_m END
            FROM district)
    WHERE id = new.id AND height_m IS NULL;
END;

-- Another height, written without a word where it is from, was measured.
CREATE TRIGGER building_height_measured AFTER UPDATE OF height_m ON building
WHEN new.height_m IS NOT NULL AND old.height_m IS NOT NULL
    AND new.height_m <> old.height_m
    AND new.height_from IS old.height_from AND new.height_from <> 'measured'
    AND new.height_m IS NOT (
        SELECT CASE WHEN new.floors > 0 THEN new.floors * floor_height_m
                    ELSE default_height_m END
        FROM district)
BEGIN
    UPDATE building SET height_from = 'measured' WHERE id = new.id;
END;

-- The area of a grid is that of its polygon.  Needs SpatiaLite, as any write of a
-- geometry does.
CREATE TRIGGER grid_area_insert AFTER INSERT ON grid
WHEN new.geom IS NOT NULL
BEGIN
    UPDATE grid SET area_m2 = ST_Area(new.geom)
    WHERE id = new.id AND area_m2 IS NOT ST_Area(new.geom);
END;

CREATE TRIGGER grid_area_update AFTER UPDATE OF geom ON grid
BEGIN
    UPDATE grid SET area_m2 = ST_Area(new.geom)
    WHERE id = new.id AND area_m2 IS NOT ST_Area(new.geom);
END;

-- Every event has a status and a log that begins with its report.  So who makes an event
-- finds the status row there, and updates it.
CREATE TRIGGER event_report AFTER INSERT ON event
BEGIN
    INSERT INTO event_status (event_id)
    SELECT new.id WHERE NOT EXISTS (
        SELECT 1 FROM event_status WHERE event_id = new.id);
    INSERT INTO event_log (event_id, at, action, to_stage, who)
    VALUES (new.id, new.reported_at, 'report', 1, new.source);
END;

-- A change of stage is a line of the log.  Who knows more (who, why) adds it to the line
-- within the same transaction.
CREATE TRIGGER event_stage AFTER UPDATE OF stage ON event_status
WHEN new.stage IS NOT old.stage
BEGIN
    INSERT INTO event_log (event_id, action, from_stage, to_stage)
    VALUES (new.event_id,
            CASE WHEN new.stage IN (7, 9, 10) THEN 'end'
                 WHEN old.stage IN (7, 9, 10) THEN 'reopen'
                 ELSE 'advance' END,
            old.stage, new.stage);
END;

-- An ended event has a time of its end, an open one has none; a row written without a
-- new time of its own gets it.
CREATE TRIGGER event_stage_times AFTER UPDATE OF stage ON event_status
WHEN new.stage IS NOT old.stage
    AND ((new.stage IN (7, 9, 10)) <> (new.closed_at IS NOT NULL)
         OR new.updated_at IS old.updated_at)
BEGIN
    UPDATE event_status SET
        updated_at = CASE WHEN new.updated_at IS old.updated_at
            THEN strftime('%Y-%m-%dT%H:%M:%fZ', 'now') ELSE new.updated_at END,
        closed_at = CASE WHEN new.stage IN (7, 9, 10)
            THEN coalesce(new.closed_at, strftime('%Y-%m-%dT%H:%M:%fZ', 'now')) END
    WHERE event_id = new.event_id;
END;

-- A code that a grid has given up stays its own: no other grid of the scheme gets it.
-- (A deleted row leaves no code behind: grids are ended, not deleted.)
CREATE TRIGGER grid_code_withdrawn AFTER UPDATE OF code, scheme_id ON grid
WHEN old.code IS NOT new.code OR old.scheme_id IS NOT new.scheme_id
BEGIN
    INSERT OR IGNORE INTO withdrawn_code (scheme_id, code, grid_id)
    VALUES (old.scheme_id, old.code, old.id);
END;

CREATE TRIGGER grid_code_insert BEFORE INSERT ON grid
WHEN EXISTS (SELECT 1 FROM withdrawn_code w
             WHERE w.scheme_id = new.scheme_id AND w.code = new.code)
BEGIN
    SELECT RAISE(ABORT, 'this code was withdrawn, and codes are not used again');
END;

CREATE TRIGGER grid_code_update BEFORE UPDATE OF code, scheme_id ON grid
WHEN EXISTS (SELECT 1 FROM withdrawn_code w
             WHERE w.scheme_id = new.scheme_id AND w.code = new.code
                 AND w.grid_id <> new.id)
BEGIN
    SELECT RAISE(ABORT, 'this code was withdrawn, and codes are not used again');
END;
