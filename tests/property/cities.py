"""Real cities by the tool alone, one command a layer, against the reference files; imports
that are killed, and two at once."""
import csv
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from fractions import Fraction

sys.path.insert(0, os.path.join(os.environ["WG_TEST_SOURCE"], "tests", "unit"))
from tap import Skip, WANGGE, main, run  # noqa: E402

DATA = os.environ.get("WG_TEST_SHARED", "")


def data(name):
    path = os.path.join(DATA, name)
    if not os.path.exists(path):
        raise Skip(f"no {name} in WG_TEST_SHARED")
    return path


def rows(name):
    path = data(name)
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as f:
        return list(csv.DictReader(f))


def query(path, sql):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    got = db.execute(sql).fetchall()
    db.close()
    return got


def same_as_sql(path, table, kind):
    """SpatiaLite's own join gives every point the same owner."""
    sql = f"""SELECT load_extension('mod_spatialite');
        SELECT 'n', count(*) FROM {table} t, scheme s
        LEFT JOIN owner o ON o.kind = {kind} AND o.object_id = t.id AND o.scheme_id = s.id
        WHERE t.geom IS NOT NULL AND o.grid_id IS NOT (
            SELECT g.id FROM grid g WHERE g.scheme_id = s.id AND g.id IN (
                SELECT pkid FROM idx_grid_geom WHERE xmin <= ST_X(t.geom) AND
                xmax >= ST_X(t.geom) AND ymin <= ST_Y(t.geom) AND ymax >= ST_Y(t.geom))
            AND ST_Covers(g.geom, t.geom) = 1
            AND NOT EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = g.id)
            ORDER BY g.code LIMIT 1);"""
    try:
        out = subprocess.run(["sqlite3", "-readonly", path], input=sql.encode(),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout.decode()
    except FileNotFoundError:
        return
    n = int(out.split("n|")[1])
    assert n == 0, f"{n} owners differ from ST_Covers"


def covers(geometry, x, y):
    """Exact: on the boundary or inside, by the even-odd rule."""
    polygons = geometry["coordinates"]
    polygons = [polygons] if geometry["type"] == "Polygon" else polygons
    odd = False
    for ring in (ring for polygon in polygons for ring in polygon):
        for (ax, ay, *_), (bx, by, *_) in zip(ring, ring[1:]):
            if (ay > y) == (by > y):
                continue
            cut = Fraction(ax) + (Fraction(y) - Fraction(ay)) * (
                Fraction(bx) - Fraction(ax)) / (Fraction(by) - Fraction(ay))
            if cut == x:
                return True
            odd ^= cut > x
    return odd


LEVELS = ["ward", "anc", "police_district", "psa", "cluster", "voting_precinct",
          "census_tract_2010", "block_group_2010", "block_group_2000"]


def washington_events_own_what_geos_says():
    events = rows("dc/crime_events.csv")
    for crs in "EPSG:26985", "EPSG:32618":
        d = f"dc-{crs[5:]}.wangge"
        run("create", d, "--crs", crs, ok=0)
        for level in LEVELS:
            run("import", "grids", d, data(f"dc/{level}.geojson"), "--scheme", level, ok=0)
        run("import", "events", d, data("dc/crime_events.csv"), "--crs", "EPSG:4326",
            "--code", "ccn", "--time", "reportdatetime", "--class", "offense", ok=0)
        own = query(d, "SELECT s.name, e.id, g.code FROM owner o JOIN scheme s"
                       " ON s.id = o.scheme_id JOIN event e ON e.id = o.object_id"
                       " LEFT JOIN grid g ON g.id = o.grid_id WHERE o.kind = 3")
        assert len(own) == len(events) * len(LEVELS)
        for level, event, grid in own:
            expected = events[event - 1]["geos_" + level]
            # of several that cover it, the lowest code
            expected = min(expected.split("|")) if expected else None
            assert grid == expected, (crs, level, events[event - 1]["ccn"], expected, grid)
        same_as_sql(d, "event", 3)
    run("import", "buildings", d, data("dc/dc_buildings.geojson"), ok=0)
    own = dict((a, (b, c)) for a, b, c in query(
        d, "SELECT b.source_id, g.code, o.share FROM owner o JOIN building b"
           " ON b.id = o.object_id JOIN scheme s ON s.id = o.scheme_id AND s.name = 'psa'"
           " LEFT JOIN grid g ON g.id = o.grid_id WHERE o.kind = 1"))
    for r in rows("dc/reference_building_psa.csv"):
        assert own[r["building"]][0] == r["by_largest_overlap"], r
        assert abs(own[r["building"]][1] - float(r["largest_share"])) < 1e-3, r


def washington_requests():
    d = "requests.wangge"
    requests = rows("dc/service_requests.csv")
    run("create", d, "--crs", "EPSG:26985", ok=0)
    for level in "ward", "psa", "anc":
        run("import", "grids", d, data(f"dc/{level}.geojson"), "--scheme", level, ok=0)
    run("import", "events", d, data("dc/service_requests.csv"), "--crs", "EPSG:4326",
        "--code", "request_id", "--class", "code", "--time", "ordered", "--due", "due",
        "--closed", "resolved", "--status", "status", "--x", "lon", "--y", "lat", ok=0)
    own = dict(((a, b), c) for a, b, c in query(
        d, "SELECT s.name, e.code, g.code FROM owner o JOIN scheme s ON s.id = o.scheme_id"
           " JOIN event e ON e.id = o.object_id LEFT JOIN grid g ON g.id = o.grid_id"))
    # The reference was made from coordinates with more digits than the file's ten: where
    # it differs, exact arithmetic in degrees on the file's own numbers decides.
    wrong = []
    for level in "ward", "psa", "anc":
        with open(data(f"dc/{level}.geojson"), encoding="utf-8") as f:
            shapes = {x["properties"]["code"]: x["geometry"] for x in json.load(f)["features"]}
        for r in requests:
            mine = own[level, r["request_id"]]
            if mine != (min(r["geos_" + level].split("|")) or None):
                if not mine or not covers(shapes[mine], float(r["lon"]), float(r["lat"])):
                    wrong.append((level, r["request_id"], mine))
    assert not wrong, wrong
    stages = dict(query(d, "SELECT t.name, count(*) FROM event_status s JOIN stage t"
                           " ON t.id = s.stage GROUP BY t.name"))
    assert stages["closed"] == sum(r["status"] == "CLOSED" for r in requests), stages


def manhattan_buildings():
    d = "nyc.wangge"
    run("create", d, "--crs", "EPSG:32618", ok=0)
    run("import", "grids", d, data("nyc/census_tract_2010.geojson.gz"), "--scheme", "tract",
        "--parent", "", ok=0)
    run("import", "buildings", d, data("nyc/manhattan_buildings.geojson.gz"), ok=0)
    own = dict((a, (b, c)) for a, b, c in query(
        d, "SELECT b.source_id, g.code, o.share FROM owner o JOIN building b"
           " ON b.id = o.object_id LEFT JOIN grid g ON g.id = o.grid_id WHERE o.kind = 1"))
    reference = rows("nyc/reference_building_tract.csv.gz")
    assert len(reference) == len(own) == 33346
    for r in reference:
        grid, share = own[r["building"]]
        assert grid == (r["by_largest_overlap"] or None), (r, grid)
    parts = query(d, "SELECT count(*) FROM building WHERE part_of IS NOT NULL")[0][0]
    assert parts == 10346, parts


def shanghai_in_gcj02():
    d = "shanghai.wangge"
    run("create", d, "--crs", "EPSG:4549", ok=0)
    run("import", "grids", d, data("shanghai/shanghai_districts_gcj02.geojson"), "--frame",
        "gcj02", "--scheme", "d", "--parent", "", ok=0)
    run("import", "buildings", d, data("shanghai/shanghai_buildings.geojson"), ok=0)
    own = dict(query(d, "SELECT b.source_id, g.code FROM owner o JOIN building b"
                        " ON b.id = o.object_id LEFT JOIN grid g ON g.id = o.grid_id"))
    for r in rows("shanghai/reference_building_district.csv"):
        assert own[r["osm_id"]] == r["district_correct"], r


def bristol_has_three_levels():
    levels = [("oa", "micro-grid"), ("lsoa", "grid"), ("msoa", "community")]
    for order in (0, 1, 2), (2, 1, 0), (0, 2, 1):
        d = "bristol-%d%d%d.wangge" % order
        run("create", d, "--crs", "EPSG:27700", ok=0)
        for name, level in (levels[i] for i in order):
            words = ["import", "grids", d, data(f"bristol/{name}.geojson"), "--scheme", "s",
                     "--level", level]
            if name == "lsoa":  # one ring touches itself
                p = run(*words, ok=1)
                assert "feature 186" in p.stderr, p.stderr
                words += ["--invalid", "repair"]
            run(*words, ok=0)
        parent = dict(query(d, "SELECT g.code, p.code FROM grid g LEFT JOIN grid p"
                               " ON p.id = g.parent_id"))
        for name in "oa_in_lsoa", "lsoa_in_msoa":
            for r in rows(f"bristol/reference_{name}.csv"):
                assert parent[r["child"]] == r["expected_parent"], (order, r)


def olinda_terrain():
    d = "olinda.wangge"
    run("create", d, "--crs", "EPSG:31985", ok=0)
    dem = data("olinda/olinda_dem_utm25s.tif")
    run("import", "terrain", d, dem, ok=0)
    run("import", "grids", d, data("olinda/tracts.geojson"), "--scheme", "t", "--code",
        "CD_GEOCODI", ok=0)
    cols, rows_, x0, y0, step, z = query(
        d, "SELECT cols, rows, x0, y0, step_m, z FROM terrain")[0]
    assert (cols, rows_) == (111, 111)
    import struct
    heights = struct.unpack(f"<{cols * rows_}f", z)
    try:
        ask = "\n".join(f"{c} {110 - r}" for r in range(0, 111, 7) for c in range(0, 111, 7))
        told = subprocess.run(["gdallocationinfo", "-valonly", dem], input=ask.encode(),
                              stdout=subprocess.PIPE, check=True).stdout.split()
    except FileNotFoundError:
        raise Skip("no gdallocationinfo")
    mine = [heights[r * cols + c] for r in range(0, 111, 7) for c in range(0, 111, 7)]
    # the raster's and the district's datum differ by 0.1 m, that is 0.001 pixels
    assert max(abs(a - float(b)) for a, b in zip(mine, told)) < 0.2


def houston_is_large_and_has_holes():
    d = "houston.wangge"
    run("create", d, "--crs", "EPSG:32615", ok=0)
    words = ["import", "events", d, data("houston/houston_crime_2010.csv.gz"), "--crs",
             "EPSG:4326", "--class", "offense"]
    p = run(*words, ok=1)
    assert "5 of 86314" in p.stderr, p.stderr
    assert query(d, "SELECT count(*) FROM event")[0][0] == 0
    run(*words, "--keep-good", ok=3)
    assert query(d, "SELECT count(*) FROM event")[0][0] == 86309


def make_buildings(path, n, first=0):
    with open(path, "w", encoding="utf-8") as f:
        f.write('{"type":"FeatureCollection","crs":{"type":"name","properties":'
                '{"name":"EPSG:4545"}},"features":[')
        for i in range(n):
            x, y = 500000 + i % 100 * 20, 3050000 + i // 100 * 20
            ring = [[x, y], [x + 9, y], [x + 9, y + 9], [x, y + 9], [x, y]]
            f.write(("," if i else "") + json.dumps(
                {"type": "Feature", "properties": {"id": first + i, "height": 9},
                 "geometry": {"type": "Polygon", "coordinates": [ring]}}))
        f.write("]}")


def killed_at_any_moment():
    d = "killed.wangge"
    run("create", d, "--crs", "EPSG:4545", ok=0)
    make_buildings("many.geojson", 8000)
    began = time.monotonic()
    run("create", "probe.wangge", "--crs", "EPSG:4545", ok=0)
    began = time.monotonic()
    run("import", "buildings", "probe.wangge", "many.geojson", ok=0)
    whole = time.monotonic() - began
    rng = random.Random(7)
    for _ in range(20):
        p = subprocess.Popen([WANGGE, "import", "buildings", d, "many.geojson"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.random() * whole)
        p.send_signal(signal.SIGKILL)
        p.wait()
        n = query(d, "SELECT count(*) FROM building")[0][0]
        if n == 8000:  # it was done before the blow
            assert p.returncode in (0, -signal.SIGKILL)
            run("create", "again.wangge", "--crs", "EPSG:4545", ok=0)
            os.replace("again.wangge", d)
            for end in "-wal", "-shm":
                if os.path.exists(d + end):
                    os.remove(d + end)
            continue
        assert n == 0, n
        assert query(d, "SELECT count(*) FROM bulk")[0][0] == 0
        assert query(d, "PRAGMA integrity_check")[0][0] == "ok"
    run("import", "buildings", d, "many.geojson", ok=0)
    assert query(d, "SELECT count(*) FROM building")[0][0] == 8000
    assert query(d, "SELECT count(*) FROM idx_building_geom")[0][0] == 8000


def two_at_once():
    d = "two.wangge"
    run("create", d, "--crs", "EPSG:4545", ok=0)
    make_buildings("a.geojson", 4000)
    make_buildings("b.geojson", 4000, 10000)
    both = [subprocess.Popen([WANGGE, "import", "buildings", d, f], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT) for f in ("a.geojson", "b.geojson")]
    for p in both:
        out = p.communicate(timeout=120)[0].decode()
        assert p.returncode == 0, out
    assert query(d, "SELECT count(*) FROM building")[0][0] == 8000


def memory_does_not_grow():
    peaks = []
    for n in 2000, 20000:
        d = f"memory-{n}.wangge"
        run("create", d, "--crs", "EPSG:4545", ok=0)
        make_buildings("m.geojson", n)
        # a format GDAL streams; GeoJSON it keeps whole when it is small
        subprocess.run(["ogr2ogr", "-f", "CSV", "-lco", "GEOMETRY=AS_WKT", "m.csv",
                        "m.geojson", "-overwrite"], check=True, stderr=subprocess.DEVNULL)
        p = subprocess.Popen([WANGGE, "import", "buildings", d, "m.csv", "--crs",
                              "EPSG:4545"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(p.pid, 0)
        assert status == 0
        peaks.append(usage.ru_maxrss)
        os.remove("m.csv")
    # SQLite's page cache may fill up to its 32 MiB; beyond that nothing
    assert peaks[1] - peaks[0] < 48 * 1024, peaks


if __name__ == "__main__":
    main([washington_events_own_what_geos_says, washington_requests, manhattan_buildings,
          shanghai_in_gcj02, bristol_has_three_levels, olinda_terrain,
          houston_is_large_and_has_holes, killed_at_any_moment, two_at_once,
          memory_does_not_grow])
