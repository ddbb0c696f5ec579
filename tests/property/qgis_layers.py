#!/usr/bin/env python3
"""QGIS opens every layer of a database with the right CRS, geometry type and style, and
inserts a feature that the file's triggers complete.  qgis_layers.py STORE_MAKE"""
import os
import subprocess
import sys
import tempfile

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from qgis.core import (QgsApplication, QgsFeature, QgsGeometry, QgsVectorLayer,
                           QgsWkbTypes)
except ImportError:
    print("skipped: python3-qgis is not installed")
    sys.exit(77)

# layer: geometry type, renderer, the column it goes by
LAYERS = {
    "grid": ("MultiPolygon", "singleSymbol", None),
    "building": ("MultiPolygon", "categorizedSymbol", "height_from"),
    "part": ("Point", "categorizedSymbol", "class"),
    "event": ("Point", "singleSymbol", None),
    "road": ("LineString", "singleSymbol", None),
    "surface": ("MultiPolygon", "categorizedSymbol", "kind"),
    "v_grid_status": ("MultiPolygon", "singleSymbol", None),
    "v_building": ("MultiPolygon", "categorizedSymbol", "alert_level"),
    "v_building_cut": ("MultiPolygon", "categorizedSymbol", "height_from"),
    "v_part": ("Point", "categorizedSymbol", "class"),
    "v_event": ("Point", "categorizedSymbol", "level"),
    "v_event_open": ("Point", "categorizedSymbol", "level"),
}
bad = 0


def check(what, got, expected):
    global bad
    if got != expected:
        bad += 1
        print(f"FAILED {what}: {got!r}, not {expected!r}")


def layer(db, table):
    return QgsVectorLayer(f"dbname='{db}' table=\"{table}\" (geom) key='id'", table,
                          "spatialite")


def look(db):
    for table, (kind, renderer, column) in LAYERS.items():
        lay = layer(db, table)
        check(f"{table} is valid", lay.isValid(), True)
        check(f"CRS of {table}", lay.crs().authid(), "EPSG:4545")
        check(f"type of {table}", QgsWkbTypes.displayString(lay.wkbType()), kind)
        check(f"style of {table}", lay.loadDefaultStyle()[1], True)
        check(f"renderer of {table}", lay.renderer().type(), renderer)
        if column:
            check(f"column of {table}", lay.renderer().classAttribute(), column)
            check(f"{table} has {column}", lay.fields().indexOf(column) >= 0, True)
        check(f"labels of {table}", lay.labelsEnabled(),
              table in ("grid", "v_grid_status"))
        check(f"rows of {table}", len(list(lay.getFeatures())) > 0, True)


def insert(db, table, wkt, values):
    lay = layer(db, table)
    check(f"edit {table}", lay.startEditing(), True)
    feature = QgsFeature(lay.fields())
    for name, value in values.items():
        feature[name] = value
    feature.setGeometry(QgsGeometry.fromWkt(wkt))
    check(f"add to {table}", lay.addFeature(feature), True)
    check(f"commit {table}", (lay.commitChanges(), lay.commitErrors()[:1]),
          (True, ["SUCCESS: 1 feature(s) added."]))


def find(db, table, name, value):
    found = [f for f in layer(db, table).getFeatures() if f[name] == value]
    check(f"{table} with {name} {value}", len(found), 1)
    return found[0] if found else QgsFeature()


def main():
    app = QgsApplication([], False)
    app.initQgis()
    with tempfile.TemporaryDirectory() as folder:
        db = os.path.join(folder, "试验.wangge")
        subprocess.run([sys.argv[1], db], check=True)
        look(db)
        insert(db, "building", "MultiPolygon(((120 50,130 50,130 60,120 60,120 50)))",
               {"code": "Q1", "floors": 7})
        row = find(db, "building", "code", "Q1")
        check("height of Q1", (row["height_m"], row["height_from"]), (21.0, "floors"))
        check("owner of Q1", find(db, "v_building", "code", "Q1")["grid_code"], "G2")
        insert(db, "event", "Point(130 70)", {"title": "noise"})
        row = find(db, "v_event_open", "title", "noise")
        check("stage and owner of noise", (row["stage_name"], row["grid_code"]),
              ("reported", "G2"))
    print("failed checks:", bad)
    # exitQgis would end connections that the providers still hold
    sys.stdout.flush()
    os._exit(1 if bad else 0)


main()
