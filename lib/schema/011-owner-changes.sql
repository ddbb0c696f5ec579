-- Owners in the change log: told under the object, with the grid before and after, and
-- only when the grid is another one.

CREATE TRIGGER change_owner_I AFTER INSERT ON owner
BEGIN
    INSERT INTO change (tbl, rid, op, now)
    VALUES (CASE new.kind WHEN 1 THEN 'owner:building' WHEN 2 THEN 'owner:part'
                          ELSE 'owner:event' END,
            new.object_id, 'I', new.grid_id);
END;

CREATE TRIGGER change_owner_U AFTER UPDATE ON owner
WHEN new.grid_id IS NOT old.grid_id
BEGIN
    INSERT INTO change (tbl, rid, op, was, now)
    VALUES (CASE new.kind WHEN 1 THEN 'owner:building' WHEN 2 THEN 'owner:part'
                          ELSE 'owner:event' END,
            new.object_id, 'U', old.grid_id, new.grid_id);
END;

CREATE TRIGGER change_owner_D AFTER DELETE ON owner
BEGIN
    INSERT INTO change (tbl, rid, op, was)
    VALUES (CASE old.kind WHEN 1 THEN 'owner:building' WHEN 2 THEN 'owner:part'
                          ELSE 'owner:event' END,
            old.object_id, 'D', old.grid_id);
END;
