-- Styles, in the table in which QGIS looks for them.
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    f_table_catalog VARCHAR(256),
    f_table_schema VARCHAR(256),
    f_table_name VARCHAR(256),
    f_geometry_column VARCHAR(256),
    styleName TEXT,
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner VARCHAR(30),
    ui TEXT,
    update_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
