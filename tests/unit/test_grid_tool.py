#!/usr/bin/env python3
"""wangge grid from outside: every verb on the demo district, refusals, bad geometry."""
import csv
import datetime
import glob
import io
import json
import os
import shutil
import sqlite3

from tap import main, run

P = "999999001001"  # the community's code; its grids are P001 … P015
NODE = (617740.068359375, 3068111.6044921875)  # where 003, 004, 007 and 008 meet
LINE = "LINESTRING(616800 3068420, 617126 3068420)"  # across P001, cuts two buildings
SQUARE = "617600,3068000 @50,0 @0,50 @-50,0"  # inside P007
B = ("--scheme", "basic")


def fresh(name="d.wangge"):
    """A copy of the demo district of its own."""
    if not os.path.exists("demo.wangge"):
        run("demo", "demo.wangge", ok=0)
    for old in glob.glob(name + "*"):
        os.remove(old)
    shutil.copy("demo.wangge", name)
    return name


def grid(verb, d, *words, ok=0, **more):
    return run("grid", *verb.split(), d, *B, *words, ok=ok, **more)


def answer(verb, d, *words, ok=0, **more):
    return json.loads(grid(verb, d, *words, "--json", ok=ok, **more).stdout)


def refusal(verb, d, *words, **more):
    p = grid(verb, d, *words, "--json", ok=1, **more)
    e = json.loads(p.stdout)["error"]
    assert e["text"] in p.stderr, p.stderr
    return e


def codes(d):
    return [g["code"] for g in json.loads(run("list", "grids", d, *B, "--json", ok=0).stdout)]


def by_code(a):
    return {g["grid"]: g for g in a["grids"]}


def bytes_of(d):
    """Every grid, every revision and draft, as text."""
    db = sqlite3.connect(f"file:{d}?mode=ro", uri=True)
    rows = db.execute("SELECT id, code, valid_from, valid_to, hex(geom) FROM grid").fetchall()
    rows += db.execute("SELECT name, revision FROM scheme").fetchall()
    for table in ("grid_past", "revision", "draft"):
        if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone():
            rows += db.execute(f"SELECT * FROM {table}").fetchall()
    db.close()
    return repr(rows)


# ---- help


def nested_help_and_suggestions():
    text = run("grid", "--help", ok=0).stdout
    assert text == run("help", "grid", ok=0).stdout
    verbs = [line.split()[0] for line in text.split("Options:")[0].splitlines()
             if line.startswith("  ") and not line.startswith("  wangge")]
    for verb in ("split merge move reshape carve transfer simplify clean divide log diff "
                 "revert as-of insert delete move-arc draw dissolve densify trace avoid "
                 "show lineage preview draft publish edit snap count").split():
        assert verb in verbs, (verb, verbs)
    for verb in verbs:
        one = run("grid", verb, "--help", ok=0).stdout
        assert one.startswith(f"usage: wangge grid {verb} "), one[:80]
        assert one == run("help", "grid", verb, ok=0).stdout
        assert "用法" in run("--lang", "zh", "grid", verb, "--help", ok=0).stdout
    assert "usage: wangge grid draft save" in run("grid", "draft", "save", "--help").stdout
    assert "did you mean split" in run("grid", "splt", "x", ok=2).stderr
    assert "did you mean review" in run("grid", "draft", "reviw", "x", ok=2).stderr
    assert "wangge grid --help" in run("grid", ok=2).stderr
    assert "wangge grid draft --help" in run("grid", "draft", ok=2).stderr
    assert "--reason" in run("grid", "split", "x", "y", "--reson", "z", ok=2).stderr
    assert ".Ss grid split" in run("--manual", ok=0).stdout
    assert "grid draft save" in run("--completion", ok=0).stdout


def usage_errors_exit_2():
    d = fresh()
    for words in (["move", d], ["move", d, "--at-point", "1,2"], ["split", d, P + "001"],
                  ["split", d, P + "001", "--line", LINE, "--area", SQUARE],
                  ["merge", d, P + "001"], ["simplify", d], ["densify", d, "--max", "0"],
                  ["simplify", d, "--tolerance", "x"], ["clean", d, "--overlap", "mine"],
                  ["clean", d, "--snap", "-1"], ["divide", d], ["edit", d],
                  ["carve", d, "--area", SQUARE, "--kind", "odd"], ["preview", d],
                  ["publish", d], ["revert", d, "x"], ["diff", d, "5", "3"],
                  ["as-of", d, "yesterday"], ["log", d, "--limit", "0"],
                  ["move", d, "--at-point", "1,2", "--to", "1,2", "--at", "soon"],
                  ["move", d, "--draft", "x", "--at", "2026-01-01"],
                  ["lineage", d, "--back", "--forward"], ["snap", d],
                  ["snap", d, "--at-point", "1,2", "--kinds", "lamp"]):
        p = run("grid", *words, *B, ok=2)
        assert p.stderr and not p.stdout, (words, p)
    assert "there are basic, zones" in run("grid", "log", d, ok=1).stderr


# ---- edits


def a_dry_run_writes_nothing():
    d = fresh()
    before = bytes_of(d)
    a = answer("split", d, P + "001", "--line", LINE, "--dry-run")
    assert a["dry_run"] and a["revision"] is None and len(a["cut"]) == 2
    old, new = by_code(a)[P + "001"], by_code(a)[None]
    assert (old["change"], new["change"]) == ("changed", "begun"), a
    assert new["grid"] is None and new["before"] is None and new["after"]["officers"] == 0
    for what in ("area_m2", "buildings", "households", "population"):
        whole = old["after"][what] + new["after"][what]
        assert abs(whole - old["before"][what]) < 0.1, (what, a)
    assert bytes_of(d) == before
    p = grid("merge", d, P + "001", P + "002", "--dry-run")
    assert " → " in p.stdout and "Nothing was written" in p.stderr
    rows = list(csv.DictReader(io.StringIO(
        grid("merge", d, P + "001", P + "002", "--dry-run", "--format", "csv").stdout)))
    assert [r["change"] for r in rows] == ["changed", "ended"] and len(rows[0]) == 16, rows
    assert bytes_of(d) == before


def edits_of_vertices():
    d = fresh()
    at = "%.3f,%.3f" % NODE
    a = answer("move", d, "--at-point", at, "--to", "@5,3", "--author", "lin",
               "--reason", "off the wall")
    assert a["revision"] == 1 and set(by_code(a)) == {P + c for c in
                                                      ("003", "004", "007", "008")}, a
    total = sum(g["after"]["area_m2"] - g["before"]["area_m2"] for g in a["grids"])
    assert abs(total) < 1e-3, total
    moved = f"{NODE[0] + 5},{NODE[1] + 3}"
    assert answer("move", d, "--at-point", moved, "--to", at)["revision"] == 2
    assert answer("insert", d, "--at-point", "617700,3068114", "--to", "@0,2",
                  "--within", "10")["revision"] == 3
    snapped = answer("snap", d, "--at-point", "617700,3068115", "--kinds", "vertex")
    assert snapped["kind"] == "vertex"
    assert answer("delete", d, "--at-point", f"{snapped['x']},{snapped['y']}")["revision"] == 4
    a = answer("move-arc", d, "--at-point", "617690,3068113", "--by", "0,1.5",
               "--within", "10")
    assert {P + "003", P + "007"} <= set(by_code(a)), a
    a = answer("reshape", d, "--line", f"{at} @-50,20 617632.97,3068115.54", "--within", "5")
    assert P + "003" in by_code(a)
    a = answer("densify", d, P + "009", "--max", "25")
    assert a["revision"] == 7
    a = answer("simplify", d, "--tolerance", "0.5")
    assert a["revision"] == 8 and len(a["grids"]) >= 1
    check = json.loads(run("check", d, *B, "--no-norms", "--json").stdout)
    assert not [f for f in check if f["rule"] in ("gap", "overlap", "unmatched")], check


def a_refused_edit_says_where_and_what_instead():
    d = fresh()
    before = bytes_of(d)
    at = "%.3f,%.3f" % NODE
    e = refusal("move", d, "--at-point", at, "--to", "@500,3")
    assert e["status"] == "constraint" and e["reason"] == "crossing", e
    assert e["crossed"]["type"] == "LineString" and len(e["crossed"]["coordinates"]) == 2
    x, y = e["proposal"]["coordinates"]
    p = grid("move", d, "--at-point", at, "--to", "@500,3", ok=1)
    assert "proposal: POINT(" in p.stderr and "in the way: LINESTRING(" in p.stderr
    assert answer("move", d, "--at-point", at, "--to", f"{x},{y}", "--dry-run")["grids"]
    e = refusal("merge", d, P + "001", P + "015")
    assert e["reason"] == "not-beside" and {e["grid"], e["other"]} == {P + "001", P + "015"}
    e = refusal("draw", d, "--area", SQUARE)
    assert e["reason"] == "not-free" and e["grid"] == P + "007", e
    e = refusal("split", d, P + "001", "--line", "616990,3068400 616995,3068401")
    assert e["reason"] in ("no-effect", "no-such"), e
    e = refusal("move", d, "--at-point", "617700,3068050", "--to", "@1,1")
    assert e["reason"] == "no-such", e
    assert "不" in grid("draw", d, "--area", SQUARE, "--lang", "zh", ok=1).stderr \
        or "没有" in grid("draw", d, "--area", SQUARE, "--lang", "zh", ok=1).stderr
    e = refusal("split", d, P + "001", "--line", LINE, "--no-cut")
    assert e["reason"] == "cuts" and len(e["buildings"]) == 2, e
    assert all(b in e["text"] for b in e["buildings"])
    assert refusal("merge", d, P + "001", "nowhere")["status"] == "not-found"
    assert refusal("split", d, "nowhere", "--line", LINE)["status"] == "not-found"
    assert bytes_of(d) == before


def edits_of_grids():
    d = fresh()
    start = codes(d)
    a = answer("split", d, P + "001", "--line", LINE, "--avoid-buildings", "--no-cut")
    assert a["cut"] == []
    new = [g["grid"] for g in a["grids"] if g["change"] == "begun"]
    assert new == [P + "016"], a
    assert answer("merge", d, P + "001", new[0])["revision"] == 2
    assert codes(d) == start
    a = answer("carve", d, "--area", SQUARE, "--kind", "dedicated", "--name", "学校")
    assert [g["grid"] for g in a["grids"] if g["change"] == "begun"] == [P + "017"], a
    listed = json.loads(run("list", "grids", d, *B, "--json", ok=0).stdout)
    assert [(g["name"], g["kind"]) for g in listed if g["code"] == P + "017"] == [
        ("学校", "dedicated")]
    a = answer("dissolve", d, P + "017")
    assert by_code(a)[P + "017"]["change"] == "ended"
    a = answer("transfer", d, P + "007", P + "008", "--area",
               "617740,3067950 @30,0 @0,20 @-45,0 @0,-20")
    sides = by_code(a)
    moved = sides[P + "008"]["after"]["area_m2"] - sides[P + "008"]["before"]["area_m2"]
    assert 10 < moved < 1000 and set(sides) == {P + "007", P + "008"}, a
    p = grid("merge", d, P + "005", P + "006", "--into", P + "006")
    assert "Revision 6" in p.stderr and P + "005" in p.stdout
    assert P + "005" not in codes(d)


def buildings_change_hands():
    d = fresh()
    listed = json.loads(run("list", "buildings", d, *B, "--grid", P + "007", "--json",
                            ok=0).stdout)
    db = sqlite3.connect(d)
    boxes = {r[0]: r[1:] for r in db.execute(
        "SELECT pkid, xmin, ymin, xmax, ymax FROM idx_building_geom")}
    db.close()
    near = min(listed, key=lambda b: NODE[0] - boxes[b["id"]][2])
    name = near["code"] or str(near["id"])
    dry = answer("transfer", d, P + "007", P + "008", "--buildings", name, "--dry-run")
    assert by_code(dry)[P + "008"]["after"]["buildings"] > \
        by_code(dry)[P + "008"]["before"]["buildings"], dry
    with open("list.txt", "w") as f:
        f.write(f"\ufeff{near['id']}\n")
    a = answer("transfer", d, P + "007", P + "008", "--buildings-file", "list.txt")
    assert a["cut"] == [] and by_code(a) and a["grids"] == dry["grids"], a
    owner = [b["grid"] for b in json.loads(run("list", "buildings", d, *B, "--json").stdout)
             if b["id"] == near["id"]]
    assert owner == [P + "008"]
    assert refusal("transfer", d, P + "007", P + "008", "--buildings", "none")["status"] == \
        "not-found"


def division():
    d = fresh()
    a = answer("divide", d, P + "003", "--target", "3", "--dry-run", "--output", "o.geojson")
    q = a["division"]
    assert q["grids"] == 3 and q["cut"] == 0 and 0 < q["compactness"] <= 1, q
    layer = json.load(open("o.geojson", encoding="utf-8"))
    assert layer["crs"]["properties"]["name"].endswith("EPSG::4545")
    assert len(layer["features"]) == 3
    assert answer("divide", d, P + "003", "--target", "3", "--dry-run")["grids"] == a["grids"]
    a = answer("divide", d, P + "003", "--seeds", "617500,3068180 617650,3068180",
               "--households", "100-250")
    assert len([g for g in a["grids"] if g["change"] == "begun"]) == 1, a
    assert refusal("divide", d, P + "003", "--target", "3", "--output", "o.geojson")


# ---- geometry


def geometry_in_every_form():
    d = fresh()
    ring = [[617600, 3068000], [617650, 3068000], [617650, 3068050], [617600, 3068050],
            [617600, 3068000]]
    line = [[616800, 3068420], [617126, 3068420]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    polygon = {"type": "Polygon", "coordinates": [ring]}
    wkt = "POLYGON((%s))" % ",".join(f"{x} {y}" for x, y in ring)
    forms = {"plain.geojson": polygon, "feature.geojson":
             {"type": "Feature", "properties": {"a": [1, {"b": "]"}]}, "geometry": polygon},
             "named.geojson": {"type": "FeatureCollection", "crs": crs, "features": [
                 {"type": "Feature", "properties": None, "geometry": polygon}]},
             "two.geojson": {"type": "FeatureCollection", "features": [
                 {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [
                     [[617600, 3068000], [617650, 3068000], [617650, y], [617600, y],
                      [617600, 3068000]]]}} for y in (3068020, 3068050)]}}
    want = answer("carve", d, "--area", wkt, "--dry-run")["grids"]
    for name, value in forms.items():
        with open(name, "w", encoding="utf-8") as f:
            f.write("\ufeff" * (name == "plain.geojson") + json.dumps(value, indent=1))
        for text in (name, "@" + name):
            assert answer("carve", d, "--area", text, "--dry-run")["grids"] == want, name
    with open("area.wkt", "w") as f:
        f.write(f"\n SRID=4545;{wkt}\n")
    assert answer("carve", d, "--area", "area.wkt", "--dry-run")["grids"] == want
    assert answer("carve", d, "--area", json.dumps(polygon), "--dry-run")["grids"] == want
    assert answer("carve", d, "--area", "-", "--dry-run", stdin=wkt)["grids"] == want
    assert answer("carve", d, "--area", SQUARE, "--dry-run")["grids"] == want
    multi = wkt.replace("POLYGON(", "MULTIPOLYGON((") + ")"
    assert answer("carve", d, "--area", multi, "--dry-run")["grids"] == want
    want = answer("split", d, P + "001", "--line", LINE, "--dry-run")["grids"]
    with open("cut.geojson", "w") as f:
        json.dump({"type": "Feature", "geometry":
                   {"type": "LineString", "coordinates": line}}, f)
    for text in ("cut.geojson", "@cut.geojson", "616800,3068420 @326,0",
                 "616800,3068420 @326<0", LINE.lower()):
        assert answer("split", d, P + "001", "--line", text, "--dry-run")["grids"] == want


def geometry_in_other_frames():
    d = fresh()
    line = "616800 3068420\n617126 3068420\n"
    for frame, stated in (("EPSG:4490", ["--crs", "EPSG:4490"]), ("gcj02", ["--frame", "gcj02"])):
        there = run("transform", "--from", "EPSG:4545", "--to", frame, stdin=line, ok=0).stdout
        wkt = "LINESTRING(%s)" % ",".join(there.replace(",", " ").split("\n")[:2])
        a = answer("split", d, P + "001", "--line", wkt, *stated, "--dry-run")
        b = answer("split", d, P + "001", "--line", LINE, "--dry-run")
        for x, y in zip(a["grids"], b["grids"]):
            assert abs(x["after"]["area_m2"] - y["after"]["area_m2"]) < 1, (frame, x, y)
        e = refusal("split", d, P + "001", "--line", wkt)
        assert e["status"] == "crs" and "--crs" in e["text"], e
    # GeoJSON without a crs is in degrees, as its standard says
    there = run("transform", "--from", "EPSG:4545", "--to", "EPSG:4326", stdin=line).stdout
    points = [[float(v) for v in p.replace(",", " ").split()] for p in there.split("\n")[:2]]
    with open("degrees.geojson", "w") as f:
        json.dump({"type": "LineString", "coordinates": points}, f)
    c = answer("split", d, P + "001", "--line", "degrees.geojson", "--dry-run")
    assert abs(c["grids"][0]["after"]["area_m2"] - b["grids"][0]["after"]["area_m2"]) < 1
    grid("split", d, P + "001", "--line", LINE, "--crs", "EPSG:4545", "--frame", "gcj02", ok=2)
    refusal("split", d, P + "001", "--line", LINE, "--crs", "nonsense")


def files_that_are_no_geometry():
    d = fresh()
    before = bytes_of(d)
    cases = {"empty": b"", "blank": b" \n\n", "text": b"hello\n", "zero": b"POLYGON\0((",
             "cut": b'{"type": "Polygon", "coordinates": [[[1, 2], [3',
             "list": b"[1, 2]", "point": b'{"type": "Point", "coordinates": [1, 2]}',
             "line": b'{"type": "LineString", "coordinates": [[617600, 3068000], [617650, 3068050]]}',
             "none": b'{"type": "FeatureCollection", "features": []}',
             "null": b'{"type": "Feature", "geometry": null}',
             "open": b"POLYGON((617600 3068000, 617650 3068000, 617650 3068050))",
             "bow": b"POLYGON((617600 3068000, 617650 3068050, 617650 3068000, 617600 3068050, 617600 3068000))",
             "nan": b"POLYGON((nan 3068000, 617650 3068000, 617650 3068050, nan 3068000))"}
    for name, data in cases.items():
        with open(name, "wb") as f:
            f.write(data)
        e = refusal("carve", d, "--area", "@" + name)
        assert e["text"].startswith(name + ":"), (name, e)
    polygon = b'{"type": "Polygon", "coordinates": [[[617600, 3068000], [617650, 3068000], [617650, 3068050], [617600, 3068000]]]}'
    with open("polygon", "wb") as f:
        f.write(polygon)
    refusal("split", d, P + "001", "--line", "@polygon")
    refusal("split", d, P + "001", "--line", "LINESTRING(1 2)")
    refusal("split", d, P + "001", "--line", "no-such-file.geojson")
    refusal("split", d, P + "001", "--line", ".")
    refusal("split", d, P + "001", "--line", "617600,3068000")
    with open("huge", "wb") as f:
        f.truncate(200 << 20)
    e = refusal("split", d, P + "001", "--line", "huge")
    assert "64 MiB" in e["text"], e
    assert bytes_of(d) == before


def a_large_file_is_read():
    d = fresh()
    with open("long.geojson", "w") as f:
        points = [[616800 + 340 * i / 60000, 3068420] for i in range(60001)]
        json.dump({"type": "LineString", "coordinates": points}, f)
    grid("split", d, P + "001", "--line", "long.geojson", "--dry-run")


# ---- aids


def aids_for_drawing():
    d = fresh()
    at = "%.3f,%.3f" % NODE
    text = grid("trace", d, "--from", at, "--to", "617441.28,3068103.77").stdout
    assert text.startswith("LINESTRING(617740")
    a = answer("trace", d, "--from", at, "--to", "617441.28,3068103.77", "--streets")
    assert 290 < a["length_m"] < 400 and a["line"]["type"] == "LineString"
    led = grid("avoid", d, "--line", LINE).stdout.strip()
    assert answer("split", d, P + "001", "--line", led, "--dry-run")["cut"] == []
    row = grid("snap", d, "--at-point", at).stdout.split()
    assert row[1] == "vertex" and row[0] == f"{NODE[0]!r},{NODE[1]!r}", row
    assert refusal("snap", d, "--at-point", "617691,3068051", "--within", "0.001")


# ---- scripts


def a_script_is_all_or_nothing():
    d = fresh()
    with open("s.txt", "w", encoding="utf-8") as f:
        f.write(f'# two edits\nsplit {P}001 --line "{LINE}" --name \'东 "一"\' # 拆\n\n'
                f"merge {P}005 {P}006\n")
    dry = answer("preview", d, "--script", "s.txt")
    assert dry["dry_run"] and dry["revision"] is None
    a = answer("edit", d, "--script", "s.txt", "--reason", "两项")
    assert a["revision"] == 1 and {P + "016", P + "006"} <= set(by_code(a)), a
    entry = answer("log", d)
    assert len(entry) == 1 and len(entry[0]["operations"]) == 2, entry
    names = {g["code"]: g["name"] for g in
             json.loads(run("list", "grids", d, *B, "--json").stdout)}
    assert names[P + "016"] == '东 "一"', names
    before = bytes_of(d)
    for bad, word in ((f"merge {P}002 nowhere", "line 2"), (f"mrge {P}002", "did you mean"),
                      (f"merge {P}002", "usage"), ("merge 'x", "quote"),
                      (f"merge {P}002 {P}003 --author x", "--author"),
                      (f"merge {P}002 {P}014", "refused")):
        p = grid("edit", d, "--script", "-", "--json", ok=None,
                 stdin=f"merge {P}009 {P}010\n{bad}\nmerge {P}011 {P}012\n")
        assert p.returncode in (1, 2) and "line 2" in p.stderr and word in p.stderr, p
        if p.returncode == 1:
            assert json.loads(p.stdout)["error"]["row"] == 2, p.stdout
        assert bytes_of(d) == before, bad
    assert "no edits" in grid("edit", d, "--script", "-", stdin="# none\n", ok=2).stderr
    refusal("edit", d, "--script", "missing.txt")


# ---- history


def history_can_be_asked():
    d = fresh()
    first = bytes_of(d)
    zero = datetime.datetime.now(datetime.timezone.utc).isoformat()
    answer("split", d, P + "001", "--line", LINE, "--author", "林工", "--reason", "户数过多")
    one = datetime.datetime.now(datetime.timezone.utc).isoformat()
    answer("merge", d, P + "005", P + "006", "--author", "wu")
    log = answer("log", d)
    assert [r["revision"] for r in log] == [2, 1]
    assert (log[1]["author"], log[1]["reason"]) == ("林工", "户数过多")
    assert log[1]["operations"][0]["op"] == "split" and log[1]["begun"] == 1
    assert len(answer("log", d, "--limit", "1")) == 1
    table = grid("log", d).stdout.splitlines()
    assert len(table) == 3 and "林工" in table[2] and "split" in table[2]
    assert "版本" in grid("log", d, "--lang", "zh").stdout
    rows = list(csv.DictReader(io.StringIO(grid("log", d, "--format", "csv").stdout)))
    assert rows[1]["reason"] == "户数过多"
    assert answer("show", d, "1")["author"] == "林工"
    assert "林工" in grid("show", d, "1").stdout
    assert refusal("show", d, "9")["status"] == "not-found"
    diff = {g["grid"]: g for g in answer("diff", d, "1", "2", "--geometry")}
    assert diff[P + "006"]["change"] == "ended" and diff[P + "005"]["change"] == "reshaped"
    assert abs(diff[P + "005"]["gained_m2"] - diff[P + "006"]["before_m2"]) < 1e-3
    assert diff[P + "005"]["gained"]["type"] == "MultiPolygon"
    grid("diff", d, "1", "--output", "diff.geojson")
    assert json.load(open("diff.geojson", encoding="utf-8"))["features"]
    then = answer("as-of", d, one, "--geometry", "--output", "then.geojson")
    assert {P + "005", P + "006", P + "016"} <= {g["code"] for g in then}
    assert len(json.load(open("then.geojson"))["features"]) == len(then)
    assert P + "016" not in {g["code"] for g in answer("as-of", d, zero)}
    assert P + "006" not in {g["code"] for g in answer("as-of", d, "2100-01-01")}
    forward = answer("lineage", d, P + "001", "--forward")
    assert [(r["from"], r["how"], r["to"]) for r in forward] == [
        (P + "001", "split", P + "016")], forward
    back = answer("lineage", d, P + "016", "--back", "--deep")
    assert [(r["from"], r["to"]) for r in back] == [(P + "001", P + "016")]
    both = answer("lineage", d, P + "005")
    assert [(r["from"], r["how"]) for r in both] == [(P + "006", "merged")], both
    assert len(answer("lineage", d)) == 2
    a = answer("revert", d, "1", "--reason", "zurück")
    assert a == {"revision": 3, "reverts": 1} and P + "016" not in codes(d)
    assert answer("log", d)[0]["reverts"] == 1
    answer("revert", d, "2")
    assert P + "006" in codes(d)
    assert refusal("revert", d, "77")
    counted = answer("count", d, "--from", "2000-01-01", "--to", "2100-01-01")
    assert sum(c["events"] for c in counted) > 0
    assert first != bytes_of(d)


def a_conflict_shows_both_versions():
    d = fresh()
    at = "%.3f,%.3f" % NODE
    answer("move", d, "--at-point", at, "--to", "@5,3", "--draft", "mine", "--author", "a")
    answer("move", d, "--at-point", at, "--to", "@-5,-3", "--author", "wu", "--reason", "r")
    e = refusal("publish", d, "mine")
    assert e["status"] == "conflict", e
    c = e["conflict"]
    assert c["revision"] == 1 and c["author"] == "wu" and c["reason"] == "r", c
    assert c["grid"] and c["theirs"]["type"] == "MultiPolygon", c
    assert abs(c["x"] - NODE[0]) < 60 and abs(c["y"] - NODE[1]) < 60, c
    p = grid("publish", d, "mine", ok=1)
    assert "theirs: MULTIPOLYGON" in p.stderr, p
    assert len(answer("log", d)) == 1
    answer("merge", d, P + "012", P + "013", "--draft", "far")
    answer("move", d, "--at-point", f"{NODE[0] - 5},{NODE[1] - 3}", "--to", at)
    assert answer("publish", d, "far")["revision"] == 3  # disjoint: put on top


# ---- drafts


def drafts_wait():
    d = fresh()
    start = codes(d)
    a = answer("merge", d, P + "005", P + "006", "--draft", "夏季", "--reason", "草案")
    assert a["draft"] == "夏季" and a["revision"] is None
    answer("merge", d, P + "001", P + "002", "--draft", "夏季")
    assert codes(d) == start and answer("log", d) == []
    drafts = answer("draft list", d)
    assert [(x["name"], x["state"]) for x in drafts] == [("夏季", "draft")]
    assert len(answer("draft show", d, "夏季")["operations"]) == 2
    assert "夏季" in grid("draft show", d, "夏季").stdout
    assert len(answer("preview", d, "--draft", "夏季")["grids"]) == 4
    answer("draft review", d, "夏季", "--reviewer", "主任")
    assert answer("draft list", d)[0]["reviewer"] == "主任"
    assert answer("draft publish", d, "夏季", "--author", "主任")["revision"] == 1
    assert P + "006" not in codes(d) and P + "002" not in codes(d)
    with open("s.txt", "w") as f:
        f.write(f"merge {P}012 {P}013\n")
    answer("draft save", d, "二", "--script", "s.txt")
    answer("draft discard", d, "二")
    assert "二" not in [x["name"] for x in answer("draft list", d)]
    for words in (["draft show", d, "none"], ["draft review", d, "none"],
                  ["draft publish", d, "none"], ["draft discard", d, "none"],
                  ["preview", d, "--draft", "none"]):
        refusal(*words)


def a_future_date_schedules():
    d = fresh()
    start = codes(d)
    soon = (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(days=30)).strftime("%Y-%m-%d")
    a = answer("merge", d, P + "005", P + "006", "--at", soon)
    assert a["scheduled"].startswith(soon) and a["revision"] is None
    answer("merge", d, P + "001", P + "002", "--at", soon)
    assert codes(d) == start
    states = {x["name"]: x["state"] for x in answer("draft list", d)}
    assert len(states) == 2 and set(states.values()) == {"scheduled"}, states
    assert json.loads(run("grid", "publish", d, "--due", "--json", ok=0).stdout) == {
        "published": 0}
    db = sqlite3.connect(d)
    db.execute("UPDATE draft SET due_at = '2020-01-01T00:00:00.000Z' WHERE name = ?",
               (a["draft"],))
    db.commit()
    db.close()
    run("grid", "publish", d, "--due", ok=0)
    assert len(answer("log", d)) <= 1


# ---- clean


def foreign_polygons_are_cleaned():
    d = "foreign.wangge"
    x, y = 617000, 3067000
    run("create", d, "--crs", "EPSG:4545", "--name", "试验", ok=0)

    def square(a, b, right=100):
        return {"type": "Polygon", "coordinates": [
            [[x + a, y + b], [x + a + right, y + b], [x + a + right, y + b + 100],
             [x + a, y + b + 100], [x + a, y + b]]]}
    with open("f.geojson", "w") as f:
        json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {
            "name": "urn:ogc:def:crs:EPSG::4545"}}, "features": [
                {"type": "Feature", "properties": {"code": c}, "geometry": g} for c, g in
                (("A", square(0, 0)), ("B", square(99.6, 0)), ("C", square(200.1, 0)))]}, f)
    run("import", "grids", d, "f.geojson", "--scheme", "basic", ok=0)
    before = bytes_of(d)
    words = ["--snap", "1", "--gap", "2", "--overlap", "lowest-code"]
    a = answer("clean", d, *words, "--dry-run")
    assert a["dry_run"] and a["changed"] >= 1 and a["moved_m"] <= 1 and a["left"] == 0, a
    assert bytes_of(d) == before
    p = grid("clean", d, *words)
    assert "Revision 1" in p.stderr
    check = json.loads(run("check", d, *B, "--no-norms", "--json").stdout)
    assert not [f for f in check if f["rule"] in ("gap", "overlap", "sliver", "unmatched")]
    assert answer("log", d)[0]["revision"] == 1
    assert answer("clean", d, *words)["changed"] == 0


def a_line_far_across_the_district_splits():
    d = fresh()
    a = answer("split", d, P + "013", "--line", "LINESTRING(617100 3067400, 617100 3068500)")
    assert {g["change"] for g in a["grids"]} == {"begun", "changed"}, a


def a_grid_is_drawn_where_nobody_is():
    d = fresh()
    area = "POLYGON((618000 3068000, 618100 3068000, 618100 3068100, 618000 3068100, " \
           "618000 3068000))"
    e = refusal("draw", d, "--area", area)
    assert "State its code" in e["text"], e
    a = answer("draw", d, "--area", area, "--code", P + "050")
    assert abs(by_code(a)[P + "050"]["after"]["area_m2"] - 10000) < 1, a
    p = run("grid", "draw", d, "--scheme", "zones", "--area", area, "--json", ok=0)
    assert [g["grid"] for g in json.loads(p.stdout)["grids"]] == ["Z007"], p.stdout


def a_sliver_of_0_passes_over_nothing():
    d = "thin.wangge"
    x, y = 500000, 3000000
    run("create", d, "--crs", "EPSG:4545", "--name", "t", ok=0)
    rings = {"A": ((0, 0), (10, 0), (10, 10), (0, 10)),
             "B": ((10, 0), (20, 0), (20, 10), (10, 10), (9.9995, 5))}
    with open("thin.geojson", "w") as f:
        json.dump({"type": "FeatureCollection", "features": [
            {"type": "Feature", "properties": {"code": c}, "geometry": {
                "type": "Polygon", "coordinates": [[[x + a, y + b] for a, b in r + r[:1]]]}}
            for c, r in rings.items()]}, f)
    run("import", "grids", d, "thin.geojson", "--scheme", "s", "--crs", "EPSG:4545", ok=0)
    run("check", d, "--no-norms", ok=0)
    p = run("check", d, "--no-norms", "--sliver", "0", "--json", ok=3)
    assert [f["rule"] for f in json.loads(p.stdout)] == ["overlap"], p.stdout


main([nested_help_and_suggestions, usage_errors_exit_2, a_dry_run_writes_nothing,
      edits_of_vertices, a_refused_edit_says_where_and_what_instead, edits_of_grids,
      buildings_change_hands, division, geometry_in_every_form, geometry_in_other_frames,
      files_that_are_no_geometry, a_large_file_is_read, aids_for_drawing,
      a_script_is_all_or_nothing, history_can_be_asked, a_conflict_shows_both_versions,
      drafts_wait, a_future_date_schedules, foreign_polygons_are_cleaned,
      a_line_far_across_the_district_splits, a_grid_is_drawn_where_nobody_is,
      a_sliver_of_0_passes_over_nothing])
