-- The tables of one district, as of version 1.  Geometry columns, spatial indexes,
-- triggers and styles are added by the code and the files beside this one.  Times are ISO
-- 8601 UTC text with milliseconds; NULL in valid_from/valid_to means since ever / for ever.

CREATE TABLE district (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    lang TEXT NOT NULL DEFAULT 'en' CHECK (lang IN ('en', 'zh')),
    crs TEXT NOT NULL,
    srid INTEGER NOT NULL,
    default_height_m REAL NOT NULL DEFAULT 6 CHECK (default_height_m > 0),
    floor_height_m REAL NOT NULL DEFAULT 3 CHECK (floor_height_m > 0),
    created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);

CREATE TABLE level (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL
);
INSERT INTO level (id, name, name_zh) VALUES
    (1, 'city', '市'), (2, 'district', '区'), (3, 'street', '街道'),
    (4, 'community', '社区'), (5, 'grid', '网格'), (6, 'micro-grid', '微网格');

CREATE TABLE stage (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    is_open INTEGER NOT NULL
);
INSERT INTO stage (id, name, name_zh, is_open) VALUES
    (1, 'reported', '上报', 1), (2, 'filed', '立案', 1), (3, 'dispatched', '派遣', 1),
    (4, 'handling', '处置中', 1), (5, 'handled', '已处置', 1), (6, 'checking', '核查', 1),
    (7, 'closed', '结案', 0), (8, 'suspended', '挂账', 1), (9, 'rejected', '不予立案', 0),
    (10, 'cancelled', '作废', 0);

CREATE TABLE alert_level (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    name_zh TEXT NOT NULL,
    glyph TEXT NOT NULL
);
INSERT INTO alert_level (id, name, name_zh, glyph) VALUES
    (0, 'none', '无', ''), (1, 'red', '红色', 'Ⅰ'), (2, 'orange', '橙色', 'Ⅱ'),
    (3, 'yellow', '黄色', 'Ⅲ'), (4, 'blue', '蓝色', 'Ⅳ');

CREATE TABLE scheme (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
    title TEXT,
    purpose TEXT,
    code_form TEXT NOT NULL DEFAULT 'free',
    households_min INTEGER,
    households_max INTEGER,
    area_min_m2 REAL,
    area_max_m2 REAL,
    revision INTEGER NOT NULL DEFAULT 0,
    valid_from TEXT,
    valid_to TEXT
);

CREATE TABLE grid (
    id INTEGER PRIMARY KEY,
    scheme_id INTEGER NOT NULL REFERENCES scheme (id),
    code TEXT NOT NULL CHECK (length(code) > 0),
    name TEXT,
    level INTEGER NOT NULL DEFAULT 5 REFERENCES level (id),
    kind TEXT NOT NULL DEFAULT 'basic' CHECK (kind IN ('basic', 'dedicated')),
    parent_id INTEGER REFERENCES grid (id) CHECK (parent_id IS NOT id),
    note TEXT,
    area_m2 REAL,
    valid_from TEXT,
    valid_to TEXT,
    UNIQUE (scheme_id, code)
);
CREATE INDEX grid_by_parent ON grid (parent_id);

-- Codes that a grid once had: never given to another.
CREATE TABLE withdrawn_code (
    scheme_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    grid_id INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    PRIMARY KEY (scheme_id, code)
) WITHOUT ROWID;

CREATE TABLE building (
    id INTEGER PRIMARY KEY,
    code TEXT UNIQUE,
    name TEXT,
    "use" TEXT,
    address TEXT,
    part_of INTEGER REFERENCES building (id),
    base_m REAL NOT NULL DEFAULT 0,
    height_m REAL,
    height_from TEXT CHECK (height_from IN ('measured', 'floors', 'default')),
    floors INTEGER,
    roof TEXT,
    roof_m REAL,
    households INTEGER,
    population INTEGER,
    elderly_alone INTEGER,
    source_id TEXT,
    valid_from TEXT,
    valid_to TEXT
);
CREATE INDEX building_by_whole ON building (part_of) WHERE part_of IS NOT NULL;
CREATE INDEX building_by_source ON building (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE dwelling (
    id INTEGER PRIMARY KEY,
    building_id INTEGER NOT NULL REFERENCES building (id),
    code TEXT UNIQUE,
    unit TEXT,
    floor INTEGER,
    room TEXT,
    state TEXT CHECK (state IN ('occupied', 'vacant', 'let', 'other')),
    households INTEGER,
    population INTEGER,
    elderly_alone INTEGER,
    valid_from TEXT,
    valid_to TEXT
);
CREATE INDEX dwelling_by_building ON dwelling (building_id, floor, unit, room);

CREATE TABLE part (
    id INTEGER PRIMARY KEY,
    code TEXT UNIQUE,
    class TEXT,
    name TEXT,
    state TEXT,
    source_id TEXT,
    valid_from TEXT,
    valid_to TEXT
);
CREATE INDEX part_by_source ON part (source_id) WHERE source_id IS NOT NULL;

CREATE TABLE officer (
    id INTEGER PRIMARY KEY,
    code TEXT UNIQUE,
    name TEXT NOT NULL,
    phone TEXT,
    valid_from TEXT,
    valid_to TEXT
);

CREATE TABLE duty (
    id INTEGER PRIMARY KEY,
    officer_id INTEGER NOT NULL REFERENCES officer (id),
    grid_id INTEGER NOT NULL REFERENCES grid (id),
    role TEXT NOT NULL DEFAULT 'officer',
    valid_from TEXT,
    valid_to TEXT
);
CREATE INDEX duty_by_grid ON duty (grid_id);
CREATE INDEX duty_by_officer ON duty (officer_id);

-- What was reported: facts.  Live status stands in event_status, a table without
-- geometry, so that any SQLite client can write it.
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE DEFAULT (lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' ||
        substr(hex(randomblob(2)), 2) || '-' || substr('89ab', 1 + (random() & 3), 1) ||
        substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    code TEXT,
    class TEXT,
    title TEXT,
    description TEXT,
    address TEXT,
    source TEXT,
    occurred_at TEXT,
    reported_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    frame TEXT,
    accuracy_m REAL,
    building_id INTEGER REFERENCES building (id),
    part_id INTEGER REFERENCES part (id)
);
CREATE INDEX event_by_building ON event (building_id) WHERE building_id IS NOT NULL;
CREATE INDEX event_by_part ON event (part_id) WHERE part_id IS NOT NULL;
CREATE INDEX event_by_time ON event (reported_at);

CREATE TABLE event_status (
    event_id INTEGER PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
    stage INTEGER NOT NULL DEFAULT 1 REFERENCES stage (id),
    level INTEGER NOT NULL DEFAULT 0 REFERENCES alert_level (id),
    due_at TEXT,
    closed_at TEXT,
    acknowledged_at TEXT,
    updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
);
CREATE INDEX event_status_open ON event_status (level)
    WHERE stage NOT IN (7, 9, 10);

CREATE TABLE event_log (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    action TEXT NOT NULL,
    from_stage INTEGER,
    to_stage INTEGER,
    who TEXT,
    why TEXT
);
CREATE INDEX event_log_by_event ON event_log (event_id);

CREATE TABLE alert (
    id INTEGER PRIMARY KEY,
    level INTEGER NOT NULL REFERENCES alert_level (id),
    event_id INTEGER REFERENCES event (id) ON DELETE CASCADE,
    building_id INTEGER REFERENCES building (id),
    grid_id INTEGER REFERENCES grid (id),
    reason TEXT,
    raised_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    cleared_at TEXT,
    acknowledged_at TEXT,
    acknowledged_by TEXT,
    shelved_until TEXT
);
CREATE INDEX alert_active ON alert (level) WHERE cleared_at IS NULL;
CREATE INDEX alert_by_building ON alert (building_id)
    WHERE building_id IS NOT NULL AND cleared_at IS NULL;
CREATE INDEX alert_by_event ON alert (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX alert_by_grid ON alert (grid_id)
    WHERE grid_id IS NOT NULL AND cleared_at IS NULL;

-- One row for each object and scheme; grid_id NULL: outside.  kind: 1 building, 2 part,
-- 3 event.  how: 'cover', 'share', 'outside', 'no place'.
CREATE TABLE owner (
    kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
    object_id INTEGER NOT NULL,
    scheme_id INTEGER NOT NULL REFERENCES scheme (id),
    grid_id INTEGER REFERENCES grid (id),
    share REAL NOT NULL DEFAULT 1,
    how TEXT NOT NULL,
    PRIMARY KEY (scheme_id, kind, object_id)
) WITHOUT ROWID;

-- The shares of buildings that a boundary cuts; grid_id 0: the part outside.
CREATE TABLE owner_share (
    scheme_id INTEGER NOT NULL REFERENCES scheme (id),
    building_id INTEGER NOT NULL REFERENCES building (id) ON DELETE CASCADE,
    grid_id INTEGER NOT NULL,
    share REAL NOT NULL,
    PRIMARY KEY (scheme_id, building_id, grid_id)
) WITHOUT ROWID;
CREATE INDEX owner_share_by_building ON owner_share (building_id);

CREATE TABLE revision (
    id INTEGER PRIMARY KEY,
    scheme_id INTEGER NOT NULL REFERENCES scheme (id),
    number INTEGER NOT NULL,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    author TEXT,
    reason TEXT,
    base INTEGER,
    operations TEXT,
    UNIQUE (scheme_id, number)
);

CREATE TABLE road (
    id INTEGER PRIMARY KEY,
    name TEXT,
    class TEXT,
    width_m REAL,
    source_id TEXT
);

CREATE TABLE surface (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL DEFAULT 'green',
    name TEXT,
    source_id TEXT
);

-- Heights, float32 little endian, row by row from the south-west post.
CREATE TABLE terrain (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    cols INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    x0 REAL NOT NULL,
    y0 REAL NOT NULL,
    step_m REAL NOT NULL,
    z BLOB NOT NULL
);

-- The change log: feed, audit trail, replication.  was/now: old and new grid of owner
-- rows (tbl 'owner:building', 'owner:part', 'owner:event'; rid is the object's id).
CREATE TABLE change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    tbl TEXT NOT NULL,
    rid INTEGER NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('I', 'U', 'D')),
    was INTEGER,
    now INTEGER
);

-- A row here, put and removed inside one transaction, rests the owner triggers while
-- the library loads many rows and finds their owners itself.
CREATE TABLE bulk (
    id INTEGER PRIMARY KEY CHECK (id = 1)
);
