#!/usr/bin/env python3
"""wangge ingest from outside: what goes in, what is answered, what is refused."""
import json
import os
import sqlite3
import subprocess
import time

from tap import WANGGE, main, run

X0, Y0 = 617000, 3067000


def district(path):
    run("create", path, "--crs", "EPSG:4545", ok=0)
    features = []
    for k, code in enumerate(("A1", "A2")):
        x = X0 + 100 * k
        ring = [[x, Y0], [x + 100, Y0], [x + 100, Y0 + 100], [x, Y0 + 100], [x, Y0]]
        features.append({"type": "Feature", "properties": {"code": code},
                         "geometry": {"type": "Polygon", "coordinates": [ring]}})
    with open("grids.geojson", "w") as f:
        json.dump({"type": "FeatureCollection", "crs": {"type": "name", "properties": {
            "name": "urn:ogc:def:crs:EPSG::4545"}}, "features": features}, f)
    run("import", "grids", path, "grids.geojson", "--scheme", "basic", ok=0)
    run("import", "grids", path, "grids.geojson", "--scheme", "fire", ok=0)
    return path


def rows(path, sql):
    db = sqlite3.connect(path)
    found = db.execute(sql).fetchall()
    db.close()
    return found


def lines(*events):
    return "".join(e if isinstance(e, str) else json.dumps(e) + "\n" for e in events)


def test_answers():
    d = district("answers.wangge")
    uuid = "0198a0a0-0000-7000-8000-00000000000"
    p = run("ingest", d, stdin=lines(
        {"uuid": uuid + "1", "x": X0 + 50, "y": Y0 + 50, "title": "井盖", "level": "red",
         "stage": "filed", "time": "2026-11-24T10:00:00+08:00", "accuracy": 5},
        {"uuid": uuid + "2", "x": X0 + 100, "y": Y0 + 50, "level": 2},
        {"uuid": uuid + "3", "x": X0 - 1, "y": Y0},
        {"uuid": uuid + "4"},
        {"uuid": (uuid + "1").upper(), "title": "again"}), ok=0)
    assert p.stdout.splitlines() == [
        uuid + "1\tA1\tA1", uuid + "2\tA1\tA1", uuid + "3\t-\t-", uuid + "4\t-\t-",
        uuid + "1\tA1\tA1"], p.stdout
    assert "4 events" in p.stderr and "1 known" in p.stderr, p.stderr
    assert rows(d, "SELECT title, reported_at, accuracy_m, stage, level FROM event JOIN "
                   "event_status ON event_id = id WHERE id = 1") == [
        ("井盖", "2026-11-24T02:00:00.000Z", 5.0, 2, 1)]
    p = run("ingest", d, "--scheme", "fire", "--json", "--quiet",
            stdin="\ufeff" + lines({"uuid": uuid + "2"}, {}), ok=0)
    told = [json.loads(line) for line in p.stdout.splitlines()]
    assert told[0] == {"uuid": uuid + "2", "line": 1, "id": 2, "known": True,
                       "grid.fire": "A1"}, told
    assert told[1]["known"] is False and told[1]["grid.fire"] is None
    assert p.stderr == "", p.stderr


def test_frames():
    d = district("frames.wangge")
    p = run("ingest", d, "--frame", "gcj02", "--scheme", "basic", stdin=lines(
        {"x": 109.19, "y": 27.72}, {"x": 999, "y": 99, "title": "nowhere"}), ok=3)
    assert "line 2" in p.stderr and "gcj02" in p.stderr
    assert rows(d, "SELECT frame FROM event") == [("gcj02",)]


def test_bad_lines():
    d = district("bad.wangge")
    bad = {
        "x\n": "{", "[1]\n": "{", '{"x": 1,}\n': "quotes", '{"x": 01}\n': "value",
        '{"x": .5}\n': "value", '{"x": "1"}\n': "number", '{"title": 7}\n': "text",
        '{"titel": "a"}\n': "titel", '{"title": "\\ud800"}\n': "surrogate",
        '{"title": "\\u0000"}\n': "zero", '{"title": "a\tb"}\n': "control",
        '{"title": "open\n': "quote", '{"time": "soon"}\n': "soon",
        '{"x": 1}\n': "place", '{"x": 1, "y": {"a": 1}}\n': "value",
        '{"stage": "gone"}\n': "stage", '{"level": 77}\n': "77",
        '{"building": 9}\n': "9", '{"part": 1.5}\n': "whole", '{} {}\n': "behind",
        '{"accuracy": -1}\n': "negative", '{"x": 1e999, "y": 1}\n': "finite",
        '{"title": "\\x"}\n': "escape", '\0{}\n': "{", '{"x": 1, \0"y": 1}\n': "quotes",
        '{"uuid": "a\\tb"}\n': "control", '{"uuid": "a\\n"}\n': "control",
    }
    p = run("ingest", d, stdin="".join(bad) + "{}\n\n  \n{}", ok=3)
    assert len(p.stdout.splitlines()) == 2, p.stdout
    for number, (line, word) in enumerate(bad.items(), 1):
        told = [t for t in p.stderr.splitlines() if f"line {number}:" in t]
        assert len(told) == 1 and word in told[0], (line, told, p.stderr)
    assert rows(d, "SELECT count(*) FROM event") == [(2,)]
    p = run("ingest", d, stdin=b'{"title": "\xff"}\n{}\n', ok=3)
    assert "UTF-8" in p.stderr
    for words in (["--group", "0"], ["--group", "x"], ["--delay", "-1"],
                  ["--crs", "EPSG:4490", "--frame", "gcj02"]):
        run("ingest", d, *words, stdin="{}\n", ok=2)
    run("ingest", "none.wangge", stdin="{}\n", ok=1)
    run("ingest", d, "--scheme", "none", stdin="{}\n", ok=1)


def test_answered_while_open():
    """The answer comes before the next event is sent: nothing waits in a buffer."""
    d = district("open.wangge")
    p = subprocess.Popen([WANGGE, "ingest", d, "--quiet"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE)
    for i in range(20):
        p.stdin.write(b'{"x": 617050, "y": 3067050}\n')
        p.stdin.flush()
        assert p.stdout.readline().endswith(b"\tA1\tA1\n")
        assert rows(d, "SELECT count(*) FROM event") == [(i + 1,)]
    p.stdin.close()
    assert p.wait(20) == 0
    p.stdout.close()


def test_stopped():
    """Ctrl-C: what was read is committed and answered."""
    d = district("stopped.wangge")
    p = subprocess.Popen([WANGGE, "ingest", d, "--delay", "60000"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdin.write(b"{}\n" * 5)
    p.stdin.flush()
    time.sleep(1)
    p.terminate()
    out = p.communicate(timeout=30)[0]
    assert p.returncode == 130, p.returncode
    assert len(out.splitlines()) == 5
    assert rows(d, "SELECT count(*) FROM event") == [(5,)]


def test_no_reader():
    """Nobody reads the answers, or they cannot be written: it stops, and says why."""
    d = district("no-reader.wangge")
    p = subprocess.Popen([WANGGE, "ingest", d, "--quiet"], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    p.stdout.close()
    p.stdin.write(b"{}\n")
    p.stdin.close()
    told = p.stderr.read()
    p.stderr.close()
    assert p.wait(20) == 1 and told == b"", (p.returncode, told)
    assert rows(d, "SELECT count(*) FROM event") == [(1,)]
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            p = subprocess.run([WANGGE, "ingest", d, "--quiet"], input=b"{}\n",
                               stdout=full, stderr=subprocess.PIPE, timeout=60)
        assert p.returncode == 1 and b"space" in p.stderr, p


def test_stopped_while_locked():
    """What waits shares one patience when the stream ends, however many groups it is."""
    d = district("locked.wangge")
    db = sqlite3.connect(d)
    db.execute("BEGIN IMMEDIATE")
    began = time.monotonic()
    p = run("ingest", d, "--group", "1", "--wait", "1", "--quiet", stdin="{}\n" * 30, ok=3)
    took = time.monotonic() - began
    db.rollback()
    db.close()
    assert took < 20 and len(p.stderr.splitlines()) == 30, (took, p.stderr)
    assert p.stdout == "" and rows(d, "SELECT count(*) FROM event") == [(0,)]


if __name__ == "__main__":
    main([test_answers, test_frames, test_bad_lines, test_answered_while_open,
          test_stopped, test_no_reader, test_stopped_while_locked])
