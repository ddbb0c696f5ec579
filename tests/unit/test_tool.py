#!/usr/bin/env python3
"""The program wangge from outside: every verb, both languages, bad input."""
import csv
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import unicodedata

from tap import WANGGE, Skip, main, run

CRS = "EPSG:4545"
X0, Y0 = 617000, 3067000  # near the middle of zone 36


def square(x, y, side):
    return [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]]


def geojson(path, features, crs=CRS):
    with open(path, "w", encoding="utf-8") as f:
        json.dump({"type": "FeatureCollection",
                   "crs": {"type": "name", "properties": {
                       "name": f"urn:ogc:def:crs:{crs.replace(':', '::')}"}},
                   "features": [{"type": "Feature", "properties": p, "geometry": g}
                                for p, g in features]}, f, ensure_ascii=False)


def polygon(rings):
    return {"type": "Polygon", "coordinates": rings}


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def district(path):
    """Two grids side by side, three houses (one cut), three events (one outside)."""
    if os.path.exists(path):
        return path
    run("create", path, "--crs", CRS, "--name", "试验区", ok=0)
    geojson("grids.geojson", [({"code": "A1", "name": "东 \"一\" 格"},
                               polygon(square(X0, Y0, 100))),
                              ({"code": "A2", "name": "second"},
                               polygon(square(X0 + 100, Y0, 100)))])
    geojson("houses.geojson", [
        ({"code": "B1", "height": 12.5}, polygon(square(X0 + 10, Y0 + 10, 20))),
        ({"code": "B2", "floors": 6}, polygon(square(X0 + 95, Y0 + 40, 20))),
        ({"code": "B3"}, polygon(square(X0 + 150, Y0 + 50, 10)))])
    geojson("events.geojson", [
        ({"code": "E1", "time": "2026-01-02 03:04:05"}, point(X0 + 20, Y0 + 20)),
        ({"code": "E2", "time": "2026-01-02T03:04:05+08:00"}, point(X0 + 100, Y0 + 50)),
        ({"code": "E3"}, point(X0 - 1, Y0 - 1))])
    run("import", "grids", path, "grids.geojson", "--scheme", "basic", ok=0)
    run("import", "buildings", path, "houses.geojson", ok=0)
    run("import", "events", path, "events.geojson", ok=0)
    return path


def help_for_every_verb_in_both_languages():
    text = run("--help", ok=0).stdout
    verbs = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert len(verbs) >= 12, verbs
    for verb in verbs:
        assert run(verb, "--help", ok=0).stdout.startswith(f"usage: wangge {verb}")
        assert "--help" in run(verb, "--help", "--lang", "zh", ok=0).stdout
    assert "网格" in run("--help", "--lang", "zh", ok=0).stdout


def usage_errors_exit_2_and_suggest():
    assert "did you mean import" in run("imprt", ok=2).stderr
    assert "did you mean events" in run("import", "evnts", "x", "y", ok=2).stderr
    assert "did you mean owners" in run("export", "owner", "x", "y", ok=2).stderr
    assert "terrain" in run("import", "cows", "x", "y", ok=2).stderr
    assert "did you mean" not in run("import", "schemes", "x", "y", ok=2).stderr
    assert "--scheme" in run("locate", "x", "--sceme", "a", ok=2).stderr
    for words in (["nonsense"], [], ["create"], ["list", "cows", "x"],
                  ["create", "x", "--crs"], ["demo", "x", "--buildings", "many"],
                  ["--lang", "fr", "list"], ["transform", "--from", "gcj02"],
                  ["locate", "x", "--crs", "a", "--frame", "gcj02"]):
        p = run(*words, ok=2)
        assert p.stderr and not p.stdout, (words, p)


def create_refuses_what_cannot_be():
    run("create", "a.wangge", "--crs", CRS, ok=0)
    assert "a.wangge" in run("create", "a.wangge", "--crs", CRS, ok=1).stderr
    for crs in ("EPSG:4326", "EPSG:2263", "EPSG:0", "nonsense"):
        p = run("create", "b.wangge", "--crs", crs, ok=1)
        assert p.stderr and not os.path.exists("b.wangge")
    run("create", "no/such/folder/b.wangge", "--crs", CRS, ok=1)


def databases_that_are_not_ours():
    open("empty", "w").close()
    with open("text", "w") as f:
        f.write("hello, this is no database\n" * 100)
    db = sqlite3.connect("plain.sqlite")
    db.execute("CREATE TABLE t (x)")
    db.commit()
    db.close()
    shutil.copy(district("d.wangge"), "cut.wangge")
    with open("cut.wangge", "r+b") as f:
        f.truncate(30000)
    for path in ("missing", "empty", "text", "plain.sqlite", "cut.wangge", "."):
        p = run("info", path, ok=1)
        assert path in p.stderr, p.stderr
    assert not os.path.exists("missing")


def info_counts():
    a = json.loads(run("info", district("d.wangge"), "--json", "--integrity", ok=0).stdout)
    assert a["name"] == "试验区" and a["crs"] == CRS
    s = a["schemes"][0]
    assert s["buildings"] == {"owned": 3, "cut": 1, "outside": 0, "no_place": 0}, s
    assert s["events"]["owned"] == 2 and s["events"]["outside"] == 1
    assert s["partition"] is True and s["overlap"] == []
    assert a["integrity"] == []
    assert "试验区" in run("info", "d.wangge", "--lang", "zh", ok=0).stdout


def list_in_three_formats():
    d = district("d.wangge")
    rows = json.loads(run("list", "buildings", d, "--json", ok=0).stdout)
    assert [r["height_from"] for r in rows] == ["measured", "floors", "default"]
    assert [r["height_m"] for r in rows] == [12.5, 18, 6]
    assert [r["grid"] for r in rows] == ["A1", "A2", "A2"]
    text = run("list", "grids", d, "--format", "csv", ok=0).stdout
    grids = list(csv.DictReader(io.StringIO(text)))
    assert grids[0]["name"] == "东 \"一\" 格" and grids[0]["area_m2"] == "10000"
    table = run("list", "grids", d, ok=0).stdout.splitlines()
    assert len(table) == 3 and "A2" in table[2]
    assert json.loads(run("list", "buildings", d, "--cut", "--json").stdout)[0]["code"] == "B2"
    one = json.loads(run("list", "events", d, "--grid", "A1", "--json").stdout)
    assert [e["code"] for e in one] == ["E1", "E2"]  # E2 lies on the shared boundary
    assert one[1]["time"] == "2026-01-01T19:04:05.000Z"
    out = json.loads(run("list", "events", d, "--outside", "--json").stdout)
    assert [e["code"] for e in out] == ["E3"]
    assert json.loads(run("list", "buildings", d, "--where", "floors > 3", "--json")
                      .stdout)[0]["code"] == "B2"
    assert run("list", "buildings", d, "--where", "1); DROP TABLE grid; --", ok=1).stderr
    assert run("list", "buildings", d, "--grid", "nowhere", ok=1).stderr
    box = f"{X0},{Y0},{X0 + 30},{Y0 + 30}"
    assert len(json.loads(run("list", "buildings", d, "--box", box, "--json").stdout)) == 1


def a_failed_question_prints_nothing_but_the_error():
    d = district("d.wangge")
    for words in (["list", "grids", d, "--where", "nonsense"],
                  ["create", d, "--crs", CRS], ["backup", d, d], ["demo", d],
                  ["export", "grids", d, "no/such/folder/g.csv"]):
        p = run(*words, "--json", ok=1)
        assert json.loads(p.stdout)["error"]["text"] in p.stderr, p
    assert not run("list", "grids", d, "--where", "nonsense", ok=1).stdout
    run("list", "grids", d, "--limit", "-1", ok=2)


def json_from_verbs_that_make_a_file():
    d = district("d.wangge")
    assert json.loads(run("create", "js.wangge", "--crs", CRS, "--json", ok=0).stdout) == {
        "file": "js.wangge"}
    assert json.loads(run("backup", d, "jb.wangge", "--json", ok=0).stdout) == {
        "file": "jb.wangge"}
    assert json.loads(run("export", "grids", d, "jg.csv", "--json", ok=0).stdout) == {
        "file": "jg.csv", "count": 2}


def json_from_locate_and_transform():
    d = district("d.wangge")
    lines = f"{X0 + 20} {Y0 + 20}\n\n{X0 - 1}\t{Y0}\n"
    assert json.loads(run("locate", d, "--json", stdin=lines, ok=0).stdout) == [
        "A1", None, "-"]
    p = run("transform", "--from", CRS, "--to", CRS, "--json", stdin=lines, ok=0)
    assert json.loads(p.stdout) == [[X0 + 20, Y0 + 20], None, [X0 - 1, Y0]]
    p = run("locate", d, "--json", stdin="x\n", ok=1)
    assert json.loads(p.stdout) == [] and "line 1" in p.stderr


def points_after_a_byte_order_mark():
    d = district("d.wangge")
    mark = "\ufeff"
    assert run("locate", d, stdin=f"{mark}{X0 + 20} {Y0 + 20}\r\n", ok=0).stdout == "A1\n"
    run("locate", d, stdin=f"1 2\n{mark}1 2", ok=1)


def a_demo_that_fails_leaves_no_file():
    run("demo", "none.wangge", "--buildings", "0", ok=2)
    small = f"ulimit -f 1800; trap '' XFSZ; exec {WANGGE} demo part.wangge"
    p = subprocess.run(["sh", "-c", small], capture_output=True, text=True, check=False)
    assert p.returncode == 1 and p.stderr, p
    assert not [f for f in os.listdir(".") if f.startswith(("none.", "part."))]
    run("demo", "part.wangge", "--buildings", "3", ok=0)


def an_export_cut_short_leaves_no_file():
    run("demo", "long.wangge", "--buildings", "60", ok=0)
    small = f"ulimit -f 40; trap '' XFSZ; exec {WANGGE} export events long.wangge cut.geojson --all"
    p = subprocess.run(["sh", "-c", small], capture_output=True, text=True, check=False)
    assert p.returncode == 1 and p.stderr, p
    assert not os.path.exists("cut.geojson")
    run("export", "events", "long.wangge", "cut.geojson", "--all", ok=0)


def a_database_removed_after_reading_is_made_anew():
    run("create", "again.wangge", "--crs", CRS, ok=0)
    run("info", "again.wangge", ok=0)
    os.remove("again.wangge")
    run("create", "again.wangge", "--crs", CRS, ok=0)
    os.remove("again.wangge")
    with open("again.wangge-wal", "wb") as f:
        f.write(b"x" * 5000)
    assert "again.wangge-wal" in run("create", "again.wangge", "--crs", CRS, ok=1).stderr


def locate_line_for_line():
    d = district("d.wangge")
    p = run("locate", d, "--scheme", "basic",
            stdin=f"{X0 + 20} {Y0 + 20}\n{X0 + 100},{Y0 + 50}\n\n{X0 - 1}\t{Y0}\n"
                  f"{X0 + 150} {Y0 + 50}", ok=0)
    assert p.stdout == "A1\nA1\n\n-\nA2\n", p.stdout
    p = run("locate", d, stdin="1 2\nfive six\n", ok=1)
    assert "line 2" in p.stderr and p.stdout == "-\n"
    ll = run("transform", "--from", CRS, "--to", "gcj02", stdin=f"{X0 + 150} {Y0 + 50}").stdout
    assert run("locate", d, "--frame", "gcj02", stdin=ll, ok=0).stdout == "A2\n"
    assert run("locate", d, "--scheme", "none", stdin="1 2", ok=1).stderr
    assert run("locate", d, stdin="nan nan\ninf 0\n1e999 1\n", ok=0).stdout == "-\n-\n-\n"


def locate_by_either_engine():
    """The same answers, at any moment; the index file is no part of the matter."""
    d = district("engines.wangge")
    run("end", "grid", d, "A2", "--at", "2026-03-01", ok=0)
    rng = random.Random(8)
    lines = "".join(f"{X0 + rng.choice([0, 50, 100, 150, 200, rng.uniform(-9, 209)])} "
                    f"{Y0 + rng.choice([0, 50, 100, rng.uniform(-9, 109)])}\n"
                    for _ in range(300)) + "nan 1\n\n1 inf\n"
    for at in ([], ["--at", "2026-02-01"], ["--at", "2026-03-02T00:00:00Z"]):
        a, b = (run("locate", d, *at, "--engine", e, stdin=lines, ok=0).stdout
                for e in ("index", "spatialite"))
        assert a == b and len(a.splitlines()) == 303, at
        a, b = (run("locate", d, *at, "--json", "--engine", e, stdin=lines, ok=0).stdout
                for e in ("index", "spatialite"))
        assert a == b
    kept = f"{d}-locate-1"
    assert os.path.exists(kept)
    with open(kept, "r+b") as f:
        f.truncate(1000)
    before = run("locate", d, stdin=lines, ok=0).stdout
    os.remove(kept)
    assert run("locate", d, stdin=lines, ok=0).stdout == before
    assert run("locate", d, stdin=f"{X0 + 150} {Y0 + 50}", ok=0).stdout == "-\n"
    p = run("locate", d, "--times", stdin=lines, ok=0)
    assert "303 lines" in p.stderr and p.stdout == before
    assert run("locate", d, "--engine", "magic", ok=2).stderr


def locate_with_doubt():
    d = district("d.wangge")
    lines = f"{X0 + 20} {Y0 + 20}\n{X0 + 99.5} {Y0 + 50}\n\n{X0 + 100} {Y0 + 99.75}\n" \
            f"{X0 - 3} {Y0 + 4}\n{X0 - 0.5} {Y0 + 4}\n"
    p = run("locate", d, "--accuracy", "1", stdin=lines, ok=0)
    assert p.stdout == "A1\nA1\tA2\n\nA1\tA2\t-\n-\n-\tA1\n", p.stdout
    assert "3 of 6" in p.stderr, p.stderr
    a = json.loads(run("locate", d, "--accuracy", "1", "--json", stdin=lines, ok=0).stdout)
    assert a[0] == {"grid": "A1", "ambiguous": False} and a[2] is None, a
    assert a[1] == {"grid": "A1", "ambiguous": True, "boundary_m": 0.5, "others": ["A2"]}, a
    assert a[3]["others"] == ["A2", "-"] and a[5]["others"] == ["A1"], a
    p = run("locate", d, "--accuracy", "0", stdin=lines, ok=0).stdout
    assert p == "A1\nA1\n\nA1\tA2\n-\n-\n", p
    p = run("locate", d, "--nearest", stdin=lines + f"{X0 + 203} {Y0 + 104}\n", ok=0).stdout
    assert p == ("A1\nA1\n\nA1\n-\tA1\t3.000\n-\tA1\t0.500\n-\tA2\t5.000\n"), p
    a = json.loads(run("locate", d, "--nearest", "--json", stdin=lines, ok=0).stdout)
    assert a[0] == {"grid": "A1"} and a[2] is None, a
    assert a[4] == {"grid": "-", "nearest": "A1", "distance_m": 3}, a
    for bad in (["--accuracy", "-1"], ["--accuracy", "1", "--nearest"],
                ["--nearest", "--engine", "spatialite"], ["--accuracy", "much"]):
        run("locate", d, *bad, ok=2)
    run("create", "bare.wangge", "--crs", CRS, ok=0)
    run("add", "scheme", "bare.wangge", "none", ok=0)
    assert run("locate", "bare.wangge", "--nearest", stdin="1 2", ok=0).stdout == "-\n"
    assert json.loads(run("info", "bare.wangge", "--json", ok=0).stdout)["schemes"]


def an_overlap_is_said():
    d = district("overlap.wangge")
    geojson("more.geojson", [({"code": "A3"}, polygon(square(X0 + 50, Y0 + 20, 30)))])
    run("import", "grids", d, "more.geojson", "--scheme", "basic", ok=0)
    s = json.loads(run("info", d, "--json", ok=0).stdout)["schemes"][0]
    x, y = s["overlap"]
    assert s["partition"] is False and X0 + 50 <= x <= X0 + 80 and Y0 + 20 <= y <= Y0 + 50, s
    assert "partition: no" in run("info", d, ok=0).stdout
    assert run("locate", d, stdin=f"{X0 + 60} {Y0 + 30}", ok=0).stdout == "A1\n"


def transform_vectors():
    p = run("transform", "--from", "EPSG:4490", "--to", "EPSG:4545",
            stdin="109.19 27.72\n109.5, 27.72\n", ok=0)
    rows = [tuple(map(float, r.split())) for r in p.stdout.splitlines()]
    for (x, y), (e, n) in zip(rows, ((617356.603449, 3067979.870945),
                                     (647932.070233, 3068313.796177))):
        assert abs(x - e) < 1e-6 and abs(y - n) < 1e-6, rows
    x, y = map(float, run("transform", "--from", "EPSG:4326", "--to", "gcj02",
                          stdin="121.5272106 31.1774276", ok=0).stdout.split())
    assert abs(x - 121.531541859215) < 1e-9 and abs(y - 31.17530398364597) < 1e-9
    p = run("transform", "--from", "EPSG:4490", "--to", "EPSG:4545", stdin="1 2\nx\n", ok=1)
    assert "line 2" in p.stderr
    assert run("transform", "--from", "nonsense", "--to", "gcj02", ok=1).stderr


def check_finds_and_exits_3():
    d = district("d.wangge")
    p = run("check", d, "--json", "--no-norms", ok=3)
    rows = json.loads(p.stdout)
    assert [r["rule"] for r in rows] == ["cut-building"], rows
    assert abs(rows[0]["x"] - (X0 + 100)) < 30 and rows[0]["cure"]


def import_is_all_or_nothing():
    d = district("d.wangge")
    bow = polygon([[[X0, Y0], [X0 + 50, Y0 + 50], [X0 + 50, Y0], [X0, Y0 + 50], [X0, Y0]]])
    geojson("bad.geojson", [({"code": "B8"}, polygon(square(X0, Y0, 5))),
                            ({"code": "B9"}, bow), ({"code": "B10"}, None)])
    p = run("import", "buildings", d, "bad.geojson", ok=1)
    assert "bad.geojson" in p.stderr
    assert len(json.loads(run("list", "buildings", d, "--json").stdout)) == 3
    p = run("import", "buildings", d, "bad.geojson", "--keep-good", "--json", ok=3)
    a = json.loads(p.stdout)
    assert (a["read"], a["imported"], a["rejected"]) == (3, 1, 2), a
    p = run("import", "buildings", d, "bad.geojson", "--where", "code = 'B9'", "--invalid",
            "repair", "--json", ok=0)
    assert json.loads(p.stdout)["repaired"] == 1
    with open("nocrs.csv", "w") as f:
        f.write("code,x,y\nP1,1,2\n")
    assert "state it with" in run("import", "parts", d, "nocrs.csv", "--x", "x", "--y", "y", ok=1).stderr
    assert run("import", "parts", d, "missing.csv", ok=1).stderr
    with open("half.geojson", "w") as f:
        f.write(open("grids.geojson").read()[:300])
    assert "half.geojson" in run("import", "grids", d, "half.geojson", "--scheme", "s",
                                 ok=1).stderr
    assert [s["name"] for s in json.loads(run("list", "schemes", d, "--json").stdout)] == ["basic"]


def export_and_back():
    d = district("d.wangge")
    run("export", "grids", d, "out.gpkg", "--scheme", "basic", ok=0)
    assert "out.gpkg" in run("export", "grids", d, "out.gpkg", "--scheme", "basic", ok=1).stderr
    run("create", "copy.wangge", "--crs", CRS, ok=0)
    run("import", "grids", "copy.wangge", "out.gpkg", "--scheme", "basic", ok=0)
    was = json.loads(run("list", "grids", d, "--json").stdout)
    now = json.loads(run("list", "grids", "copy.wangge", "--json").stdout)
    for a, b in zip(was, now):
        assert (a["code"], a["name"], a["area_m2"]) == (b["code"], b["name"], b["area_m2"])
    run("export", "events", d, "e.geojson", "--scheme", "basic", "--crs", "EPSG:4326", ok=0)
    e = json.load(open("e.geojson", encoding="utf-8"))
    assert len(e["features"]) == 3
    assert 109 < e["features"][0]["geometry"]["coordinates"][0] < 110
    assert run("export", "grids", d, "out.nosuchformat", "--scheme", "basic", ok=1).stderr


def rows_from_the_shell():
    d = district("d.wangge")
    run("set", "scheme", d, "basic", "--title", "基础网格", "--households-min", "300", ok=0)
    run("add", "officer", d, "W1", "--name", "李华", "--phone", "000", "--grid", "A1", ok=0)
    assert run("add", "officer", d, "W1", "--name", "again", ok=1).stderr
    assert run("add", "officer", d, "W2", "--name", "x", "--grid", "none", ok=1).stderr
    assert len(json.loads(run("list", "officers", d, "--json").stdout)) == 1
    assert json.loads(run("list", "duties", d, "--json").stdout)[0]["grid"] == "A1"
    run("add", "event", d, "E9", "--title", "井盖缺失 🚧", "--x", X0 + 150, "--y", Y0 + 20,
        "--alert", "red", "--class", "hazard", ok=0)
    e = json.loads(run("list", "events", d, "--where", "code = 'E9'", "--json").stdout)[0]
    assert e["grid"] == "A2" and e["level"] == 1 and e["title"] == "井盖缺失 🚧"
    run("set", "event", d, "E9", "--stage", "handling", ok=0)
    run("end", "event", d, "E9", "--why", "done", ok=0)
    assert json.loads(run("list", "events", d, "--where", "code = 'E9'", "--json").stdout) == []


def duties_and_dwellings():
    d = shutil.copy(district("d.wangge"), "people.wangge")
    run("add", "officer", d, "W7", "--name", "李华", ok=0)
    duty = run("add", "duty", d, "W7", "--grid", "A2", "--role", "deputy", ok=0).stdout.strip()
    row = json.loads(run("list", "duties", d, "--json", ok=0).stdout)[-1]
    assert (str(row["id"]), row["grid"], row["role"]) == (duty, "A2", "deputy"), row
    run("end", "duty", d, duty, ok=0)
    assert duty not in [str(r["id"]) for r in json.loads(run("list", "duties", d, "--json").stdout)]
    assert run("add", "duty", d, "W7", ok=2).stderr
    assert run("add", "duty", d, "nobody", "--grid", "A2", ok=1).stderr
    home = run("add", "dwelling", d, "B2", "--unit", "1", "--floor", "-1", "--room", "101",
               "--state", "let", "--population", "3", ok=0).stdout.strip()
    run("set", "dwelling", d, home, "--population", "4", ok=0)
    row = json.loads(run("list", "dwellings", d, "--json", ok=0).stdout)[0]
    assert (row["floor"], row["population"], row["state"]) == (-1, 4, "let"), row
    run("end", "dwelling", d, home, ok=0)
    assert json.loads(run("list", "dwellings", d, "--json").stdout) == []
    assert run("end", "dwelling", d, "B2", ok=2).stderr
    assert run("end", "dwelling", d, "999", ok=1).stderr


def options_stand_anywhere():
    d = district("d.wangge")
    want = run("list", "grids", d, "--json", ok=0).stdout
    assert run("--json", "list", "grids", d, ok=0).stdout == want
    assert run("--lang", "zh", "--json", "list", "grids", "--limit=9", d, ok=0).stdout == want
    assert run("list", "--json", "grids", "--", d, ok=0).stdout == want
    assert "-q" in run("list", "-q", "grids", d, ok=2).stderr


def tables_line_up():
    """Also in Chinese, also in the C locale: the last column begins at one place."""
    d = shutil.copy(district("d.wangge"), "wide.wangge")
    for i, title in enumerate(("井盖缺失", "x", "路灯 no. 5", "🚧 围挡", "e\u0301te")):
        run("add", "event", d, f"T{i}", "--title", title, "--x", X0 + 5, "--y", Y0 + 5, ok=0)
    for env in ({}, {"LC_ALL": "C"}):
        for lang in ("en", "zh"):
            lines = run("list", "events", d, "--lang", lang, env=env, ok=0).stdout.splitlines()
            ends = {sum(0 if unicodedata.combining(c) else
                        2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line[:-2])
                    for line in lines[1:] if line.endswith("A1")}
            assert len(ends) == 1, (env, lang, lines)


def json_over_any_bytes():
    d = shutil.copy(district("d.wangge"), "bytes.wangge")
    run("add", "officer", d, "W8", "--name", "n", ok=0)
    db = sqlite3.connect(d)
    db.execute("UPDATE officer SET name = CAST(x'41d6d0c0afeda080ff09225c' AS TEXT)")
    db.commit()
    db.close()
    row = json.loads(run("list", "officers", d, "--json", ok=0).stdout)[0]
    assert row["name"].startswith("A\ufffd") and row["name"].endswith('\ufffd\t"\\'), row
    run("list", "officers", d, binary=True, ok=0)


def odd_lines_are_read_as_ever():
    def transform(text, ok=0):
        return run("transform", "--from", CRS, "--to", CRS, stdin=text, ok=ok)
    good = {"1 2": "1 2", "+1,-2\r": "1 -2", " .5 ; 5.\t": "0.5 5", "\t1e3\t0x10": "1000 16",
            "": "", " \r": "", "1" + "0" * 300000 + "e-300000,2": "1 2",
            "9007199254740993 0.1": "9007199254740992 0.1", "1\x0b": None, "1 \x0b2": "1 2", "1\r2": "1 2"}
    for line, answer in good.items():
        for end in ("\n", ""):
            p = transform("3 4\n" + line + end, ok=0 if answer is not None else 1)
            if answer is not None and (end or line):
                assert p.stdout == "3 4\n" + answer + "\n", (line[:20], p.stdout[:80])
    for line in ("1", "1 ", "1;", "1,,2", "1 2 3", "1+2", "1 2x", "1 2\0", "\0", "1 +", "x" * 300,
                 "1\x0b2", "0x 1", ". 1"):
        p = transform(f"3 4\n5,6\n{line}\n7 8\n", ok=1)
        assert p.stdout == "3 4\n5 6\n" and "line 3 " in p.stderr, (line, p.stderr)
        said = line.lstrip().split("\r")[0].split("\0")[0]
        assert p.stderr.rstrip("\n").endswith(said[:100]), (line, p.stderr)
    p = run("transform", "--from", CRS, "--to", CRS, "--times", stdin="1 2\n3 4\n", ok=0)
    assert p.stdout == "1 2\n3 4\n" and "2 lines" in p.stderr, p.stderr


def many_points_one_pass():
    d = district("d.wangge")
    r = random.Random(7)
    points = [(X0 - 20 + 240 * r.random(), Y0 - 20 + 140 * r.random()) for _ in range(50000)]
    text = "".join(f"{x!r}{sep}{y!r}\n" for (x, y), sep in zip(points, " ,\t;" * 12500))
    got = run("locate", d, "--quiet", stdin=text, ok=0).stdout.splitlines()
    want = ["-" if not (X0 <= x <= X0 + 200 and Y0 <= y <= Y0 + 100)
            else "A1" if x <= X0 + 100 else "A2" for x, y in points]
    assert got == want
    back = run("transform", "--from", CRS, "--to", CRS, stdin=text, ok=0).stdout.splitlines()
    assert [tuple(map(float, line.split())) for line in back] == points


def a_reader_that_goes_away():
    d = district("d.wangge")
    p = subprocess.Popen([WANGGE, "transform", "--from", CRS, "--to", CRS],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.close()
    try:
        for _ in range(200):
            p.stdin.write(b"1 2\n" * 1000)
        p.stdin.close()
    except BrokenPipeError:
        pass
    said = p.stderr.read()
    assert p.wait(60) == 1 and said == b"", (p.returncode, said)
    run("info", d, ok=0)


def waits_are_told_and_can_be_ended():
    d = shutil.copy(district("d.wangge"), "busy.wangge")
    db = sqlite3.connect(d, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    p = run("add", "officer", d, "W5", "--name", "n", "--wait", "0.2", ok=1)
    assert "0.2 s" in p.stderr, p.stderr
    p = subprocess.Popen([WANGGE, "add", "officer", d, "W5", "--name", "n"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"waiting" in p.stderr.readline()
    p.send_signal(signal.SIGINT)
    assert p.wait(20) == 130 and b"nothing was changed" in p.stderr.read()
    p = subprocess.Popen([WANGGE, "add", "officer", d, "W5", "--name", "n"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"waiting" in p.stderr.readline()
    db.execute("ROLLBACK")
    assert p.wait(20) == 0
    assert len(json.loads(run("list", "officers", d, "--where", "code = 'W5'", "--json").stdout)) == 1


def interrupted_work_changes_nothing():
    d = shutil.copy(district("d.wangge"), "stopped.wangge")
    geojson("many.geojson", [({"code": f"M{i}"}, polygon(square(X0 + i % 200, Y0 + i // 200, 0.5)))
                             for i in range(20000)])
    was = run("list", "buildings", d, "--json", ok=0).stdout
    for after in (0.05, 0.2, 0.6):
        p = subprocess.Popen([WANGGE, "import", "buildings", d, "many.geojson"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(after)
        p.send_signal(signal.SIGINT)
        p.communicate(timeout=60)
        if p.returncode == 0:
            break
        assert p.returncode in (130, -signal.SIGINT), p.returncode
        assert run("list", "buildings", d, "--json", ok=0).stdout == was
    p = subprocess.Popen([WANGGE, "demo", "no.wangge", "--buildings", "50000"],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    while p.poll() is None and not os.path.exists("no.wangge"):
        time.sleep(0.01)
    time.sleep(0.3)
    p.send_signal(signal.SIGINT)
    p.communicate(timeout=60)
    assert p.returncode in (0, 130), p.returncode
    assert os.path.exists("no.wangge") == (p.returncode == 0)


def backup_is_a_database():
    d = district("d.wangge")
    run("backup", d, "backup.wangge", ok=0)
    assert run("info", "backup.wangge", ok=0).stdout == run("info", d, ok=0).stdout
    assert run("backup", d, "backup.wangge", ok=1).stderr


def a_full_disk_is_noticed():
    if not os.path.exists("/dev/full"):
        raise Skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        p = subprocess.run([WANGGE, "info", district("d.wangge")], stdout=full,
                           stderr=subprocess.PIPE)
    assert p.returncode == 1 and p.stderr


def completion_completes():
    script = run("--completion", ok=0).stdout + '''
COMP_WORDS=(wangge im); COMP_CWORD=1; _wangge; echo "${COMPREPLY[@]}"
COMP_WORDS=(wangge list gr); COMP_CWORD=2; _wangge; echo "${COMPREPLY[@]}"
COMP_WORDS=(wangge import grids d f --hei); COMP_CWORD=5; _wangge; echo "${COMPREPLY[@]}"
'''
    p = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, check=True)
    assert p.stdout.decode().split("\n")[:3] == ["import", "grids", "--height"], p.stdout


def manual_is_well_formed():
    if not shutil.which("mandoc"):
        raise Skip("mandoc is not installed")
    with open("wangge.1", "w", encoding="utf-8") as f:
        f.write(run("--manual", ok=0).stdout)
    p = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", "wangge.1"],
                       stdout=subprocess.PIPE)
    assert p.returncode == 0, p.stdout.decode()


main([help_for_every_verb_in_both_languages, usage_errors_exit_2_and_suggest,
      create_refuses_what_cannot_be, databases_that_are_not_ours, info_counts,
      list_in_three_formats, locate_line_for_line, locate_by_either_engine,
      locate_with_doubt, an_overlap_is_said, transform_vectors,
      a_failed_question_prints_nothing_but_the_error, json_from_verbs_that_make_a_file,
      json_from_locate_and_transform, points_after_a_byte_order_mark,
      a_database_removed_after_reading_is_made_anew, a_demo_that_fails_leaves_no_file,
      an_export_cut_short_leaves_no_file,
      check_finds_and_exits_3, import_is_all_or_nothing, export_and_back,
      rows_from_the_shell, duties_and_dwellings, options_stand_anywhere, tables_line_up,
      json_over_any_bytes, many_points_one_pass, odd_lines_are_read_as_ever,
      a_reader_that_goes_away,
      waits_are_told_and_can_be_ended, interrupted_work_changes_nothing,
      backup_is_a_database, a_full_disk_is_noticed,
      completion_completes, manual_is_well_formed])
