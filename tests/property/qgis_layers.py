#!/usr/bin/env python3
"""QGIS opens every layer of a database with the right CRS, geometry type and style, and
inserts a feature that the file's triggers complete; edited grids are valid polygons with
the same vertices on both sides.  qgis_layers.py STORE_MAKE WANGGE"""
import collections
import json
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


def wangge(*words, ok=0):
    p = subprocess.run([sys.argv[2], *words], stdout=subprocess.PIPE,
                       stderr=subprocess.PIPE, text=True)
    check(" ".join(words[:2]) + ": " + p.stderr, p.returncode, ok)
    return p.stdout


def segments(geometry):
    """Each edge without its direction, to the last bit."""
    for polygon in geometry.asMultiPolygon():
        for ring in polygon:
            for a, b in zip(ring, ring[1:]):
                a, b = (a.x(), a.y()), (b.x(), b.y())
                yield (a, b) if a < b else (b, a)


def edited_grids(folder):
    """After edits of every sort the layer is a partition, exactly: an edge belongs to two
    grids, or it is on the outer boundary."""
    db = os.path.join(folder, "demo.wangge")
    p = "999999001001"
    wangge("demo", db)
    with open(os.path.join(folder, "s.txt"), "w", encoding="utf-8") as f:
        f.write(f"""split {p}001 --line 'LINESTRING(616800 3068420, 617126 3068420)'
move --at-point 617740,3068112 --to @5.123,3.456
carve --area '617600,3068000 @50,0 @0,50 @-50,0' --kind dedicated
merge {p}005 {p}006
transfer {p}010 {p}011 --area '617620,3067720 @60,0 @0,60 @-60,0'
densify {p}009 --max 17
simplify --tolerance 0.2
""")
    wangge("grid", "edit", db, "--scheme", "basic", "--script", f.name)
    features = [f for f in layer(db, "grid").getFeatures()
                if f["code"].startswith(p) and f["code"] != p and not f["valid_to"]
                and f["scheme_id"] == 1]
    check("number of grids", len(features) > 14, True)
    count = collections.Counter()
    for f in features:
        check(f"{f['code']} is valid", f.geometry().isGeosValid(), True)
        count.update(segments(f.geometry()))
    check("edges of more than two grids", [e for e, n in count.items() if n > 2], [])
    whole = QgsGeometry.unaryUnion([f.geometry() for f in features])
    area = sum(f.geometry().area() for f in features)
    check("sum of areas", abs(whole.area() - area) < 1e-3, True)
    alone = sum(((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2) ** 0.5
                for (a, b), n in count.items() if n == 1)
    check("edges of one grid are the outer boundary", abs(alone - whole.length()) < 1e-3,
          True)
    return db


def layers_of_the_tool(db, folder):
    rows = json.loads(wangge("check", db, "--json", ok=3))
    places = [r for r in rows if r["x"] is not None]
    path = os.path.join(folder, "findings.gpkg")
    wangge("export", "findings", db, path)
    lay = QgsVectorLayer(path, "findings", "ogr")
    check("findings are valid", lay.isValid(), True)
    check("CRS of findings", lay.crs().authid(), "EPSG:4545")
    check("findings", lay.featureCount() >= len(places) > 0, True)
    for words, name in ((["grid", "diff", db, "0", "1"], "diff"),
                        (["grid", "as-of", db, "2100-01-01"], "then")):
        path = os.path.join(folder, name + ".geojson")
        wangge(*words, "--scheme", "basic", "--output", path)
        lay = QgsVectorLayer(path, name, "ogr")
        check(f"{name} is valid", lay.isValid(), True)
        check(f"CRS of {name}", lay.crs().authid(), "EPSG:4545")
        check(f"rows of {name}", lay.featureCount() > 3, True)


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
        layers_of_the_tool(edited_grids(folder), folder)
    print("failed checks:", bad)
    # exitQgis would end connections that the providers still hold
    sys.stdout.flush()
    os._exit(1 if bad else 0)


main()
