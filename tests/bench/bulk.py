#!/usr/bin/env python3
"""Bulk load: wangge import against tuned ogr2ogr into SpatiaLite, in the same run.

    python3 tests/bench/bulk.py PATH/TO/wangge [--points N] [--footprints N]

Makes points and footprints (the same ones each time) as FlatGeobuf, whose features lie
along a Hilbert curve, and as GeoPackage in no order; loads each with ogr2ogr (OFF, a
cache of 400 MB, one transaction, spatial index) and with wangge, in turns, and prints
medians of the wall time; "cpu" is the ratio of the processor's, which tells more on a
busy machine, where two threads of wangge wait for what one of ogr2ogr waits for.  ogr2ogr's file holds a table and its index; wangge's also the
change log and an index of the ids, is on the disk when it is done, and every outline was
checked.  "owners" is the same into a district with a scheme of grids, each object assigned.
"""
import argparse
import json
import math
import os
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

X0, Y0, SIZE = 500000, 3050000, 30000  # metres, EPSG:4545
TUNED = {"OGR_SQLITE_SYNCHRONOUS": "OFF", "OGR_SQLITE_CACHE": "400"}


def write_points(path, n):
    rng = random.Random(7)
    kinds = ["camera", "hydrant", "cover", "lamp", "tree", "bin"]
    with open(path, "w", encoding="utf-8") as f:
        f.write("WKT,id,class,name,state\n")
        for i in range(n):
            x, y = X0 + rng.random() * SIZE, Y0 + rng.random() * SIZE
            f.write(f"POINT ({x:.3f} {y:.3f}),P{i},{kinds[i % 6]},no {i % 977},ok\n")


def write_footprints(path, n):
    rng = random.Random(11)
    with open(path, "w", encoding="utf-8") as f:
        f.write("WKT,id,name,height,floors,use\n")
        for i in range(n):
            x, y = X0 + rng.random() * SIZE, Y0 + rng.random() * SIZE
            w, h, a = 8 + rng.random() * 40, 8 + rng.random() * 25, rng.random() * math.pi
            c, s = math.cos(a), math.sin(a)
            ring = [(0, 0), (w, 0), (w, h), (0, h)]
            if i % 3 == 0:
                ring = [(0, 0), (w, 0), (w, h / 2), (w / 2, h / 2), (w / 2, h), (0, h)]
            ring = [(x + c * u - s * v, y + s * u + c * v) for u, v in ring + ring[:1]]
            text = ",".join(f"{u:.3f} {v:.3f}" for u, v in ring)
            f.write(f'"POLYGON (({text}))",B{i},house {i},{3 + rng.random() * 60:.1f},'
                    f"{1 + i % 20},{'home' if i % 4 else 'shop'}\n")


def write_grids(path, side):
    step = SIZE / side
    features = []
    for i in range(side * side):
        x, y = X0 + i % side * step, Y0 + i // side * step
        ring = [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y]]
        features.append({"type": "Feature", "properties": {"code": f"G{i:05d}"},
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"type": "FeatureCollection", "features": features}, f)


def run(command, env=None):
    begin, spent = time.monotonic(), cpu()
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env={**os.environ, **(env or {})})
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return time.monotonic() - begin, cpu() - spent


def cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def to_format(csv, path, driver, options):
    layer = os.path.basename(csv).split(".")[0]
    kind = "POINT" if layer == "points" else "POLYGON"
    run(["ogr2ogr", "-f", driver, path, csv, "-nln", layer, "-nlt", kind, "-a_srs",
         "EPSG:4545", "-oo", "GEOM_POSSIBLE_NAMES=WKT", "-oo", "AUTODETECT_TYPE=YES",
         "-oo", "KEEP_GEOM_COLUMNS=NO"] + options)


def remove(path):
    for end in ("", "-wal", "-shm", "-journal"):
        if os.path.exists(path + end):
            os.remove(path + end)


def load_ogr(folder, source):
    path = os.path.join(folder, "ogr.sqlite")
    remove(path)
    return run(["ogr2ogr", "-f", "SQLite", "-dsco", "SPATIALITE=YES", "-lco",
                "SPATIAL_INDEX=YES", "-gt", "unlimited", path, source], TUNED), path


def load_wangge(tool, folder, source, noun, owners):
    path = os.path.join(folder, "d.wangge")
    remove(path)
    run([tool, "create", path, "--crs", "EPSG:4545"])
    if owners:
        run([tool, "import", "grids", path, os.path.join(folder, "grids.geojson"),
             "--scheme", "basic", "--crs", "EPSG:4545"])
    return run([tool, "import", noun, path, source]), path


def verify(path, table, n):
    db = sqlite3.connect(path)
    count = db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    sound = db.execute(f"SELECT rtreecheck('main', 'idx_{table}_geom')").fetchone()[0]
    db.close()
    if (count, sound) != (n, "ok"):
        sys.exit(f"{path}: {count} rows of {n}, index {sound}")
    info = subprocess.run(["ogrinfo", "-so", path, table], capture_output=True, text=True,
                          check=False).stdout
    if f"Feature Count: {n}" not in info:
        sys.exit(f"ogrinfo does not see {n} rows of {table}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tool")
    parser.add_argument("--points", type=int, default=1000000)
    parser.add_argument("--footprints", type=int, default=100000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--grids", type=int, default=400)
    parser.add_argument("--events", action="store_true", help="points as events too")
    a = parser.parse_args()
    if not shutil.which("ogr2ogr"):
        sys.exit("bulk.py needs ogr2ogr (Debian: gdal-bin)")
    loads = [("points", "parts", "part", a.points),
             ("footprints", "buildings", "building", a.footprints)]
    if a.events:
        loads.append(("points", "events", "event", a.points))
    with tempfile.TemporaryDirectory(prefix="wangge-bulk-") as folder:
        bench(a, loads, folder)


def bench(a, loads, folder):
    tool = os.path.abspath(a.tool)
    write_points(os.path.join(folder, "points.csv"), a.points)
    write_footprints(os.path.join(folder, "footprints.csv"), a.footprints)
    write_grids(os.path.join(folder, "grids.geojson"), max(1, round(math.sqrt(a.grids))))
    formats = [("fgb", "FlatGeobuf", []), ("gpkg", "GPKG", ["-lco", "SPATIAL_INDEX=NO"])]
    print(f"{'rows':>9}  {'noun':<10}{'source':<7}{'MB':>5}{'ogr2ogr s':>11}"
          f"{'wangge s':>10}{'ratio':>7}{'cpu':>7}{'owners s':>10}{'ratio':>7}")
    for end, driver, options in formats:
        total = [0] * 5
        for layer, noun, table, n in loads:
            source = os.path.join(folder, f"{layer}.{end}")
            if not os.path.exists(source):
                to_format(os.path.join(folder, f"{layer}.csv"), source, driver, options)
            times = [[] for _ in range(5)]  # wall, wall, wall with owners, cpu, cpu
            for _ in range(a.rounds):
                (wall, spent), path = load_ogr(folder, source)
                times[0].append(wall)
                times[3].append(spent)
                (wall, spent), path = load_wangge(tool, folder, source, noun, True)
                times[2].append(wall)
                (wall, spent), path = load_wangge(tool, folder, source, noun, False)
                times[1].append(wall)
                times[4].append(spent)
            verify(path, table, n)
            m = [statistics.median(t) for t in times]
            if noun != "events":
                total = [x + y for x, y in zip(total, m)]
            show(n, noun, end, os.path.getsize(source) / 1e6, m)
        show(a.points + a.footprints, "together", end, 0, total)


def show(n, noun, end, size, m):
    print(f"{n:>9}  {noun:<10}{end:<7}{size:>5.0f}{m[0]:>11.2f}{m[1]:>10.2f}"
          f"{m[0] / m[1]:>6.1f}x{m[3] / m[4]:>6.1f}x{m[2]:>10.2f}{m[0] / m[2]:>6.1f}x", flush=True)


main()
