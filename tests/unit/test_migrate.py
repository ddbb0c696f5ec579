#!/usr/bin/env python3
"""A file of an older version: read as it stands, brought up by the first writer."""
import gzip
import json
import os
import shutil
import sqlite3
import subprocess

from tap import Skip, main, run

HERE = os.path.dirname(os.path.abspath(__file__))
CRS = "EPSG:4545"
SQUARE = "MULTIPOLYGON(((%d 0, %d 0, %d 9, %d 9, %d 0)))"


def older(path):
    """A district of version 1: schemes basic and second, two grids each."""
    with gzip.open(os.path.join(HERE, "../data/version-1.wangge.gz")) as z, \
            open(path, "wb") as f:
        shutil.copyfileobj(z, f)
    return path


def ask(path, sql):
    db = sqlite3.connect(path)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


class Client:
    """The program sqlite3 with SpatiaLite, kept open."""

    def __init__(self, path):
        if not shutil.which("sqlite3"):
            raise Skip("sqlite3 is not installed")
        self.p = subprocess.Popen(["sqlite3", path], text=True, stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.ask("SELECT load_extension('mod_spatialite')")

    def ask(self, sql):
        self.p.stdin.write(sql + ";\nSELECT 'that is all';\n")
        self.p.stdin.flush()
        lines = []
        for line in self.p.stdout:
            if line == "that is all\n":
                return lines
            assert "Error" not in line and "error" not in line, (sql, line)
            lines.append(line.rstrip("\n").split("|"))
        raise AssertionError(sql)

    def close(self):
        self.p.stdin.close()
        self.p.wait()
        self.p.stdout.close()


def an_older_file_is_read_as_it_stands():
    old = older("old.wangge")
    before = open(old, "rb").read()
    info = json.loads(run("info", old, "--json", "--integrity", ok=0).stdout)
    assert [s["name"] for s in info["schemes"]] == ["basic", "second"], info
    assert info["integrity"] == [], info
    assert run("locate", old, "--scheme", "basic", stdin="617020 3067020\n617150 3067050\n"
               "0 0", ok=0).stdout == "A1\nA2\n-\n"
    assert open(old, "rb").read() == before
    assert ask(old, "PRAGMA user_version") == [(1,)]


def a_writer_brings_it_up():
    old = older("up.wangge")
    counts = ask(old, "SELECT (SELECT count(*) FROM grid), (SELECT count(*) FROM owner)")
    run("assign", old, ok=0)
    assert ask(old, "PRAGMA user_version") == [(4,)]
    assert ask(old, "SELECT (SELECT count(*) FROM grid), "
                    "(SELECT count(*) FROM owner)") == counts
    # a scheme that has grids has a stamp, and it is the same schema as a new file's
    assert len({s for s, in ask(old, "SELECT stamp FROM grid_stamp")}) == 2
    run("create", "new.wangge", "--crs", CRS, ok=0)
    every = ("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE "
             "'sqlite_stat%' ORDER BY type, name")
    assert ask(old, every) == ask("new.wangge", every)
    assert json.loads(run("info", old, "--json", "--integrity", ok=0).stdout)[
        "integrity"] == []


def every_change_of_what_owns_renews_the_stamp():
    run("create", "s.wangge", "--crs", CRS, ok=0)
    db = Client("s.wangge")
    db.ask("INSERT INTO scheme (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    seen = set()

    def stamps():
        return {int(k): v for k, v in db.ask("SELECT scheme_id, stamp FROM grid_stamp")}

    def does(sql, *renewed):
        was = stamps()
        db.ask(sql)
        now = stamps()
        assert {k for k in now if now[k] != was.get(k)} == set(renewed), (sql, was, now)
        for k in renewed:
            assert now[k] not in seen, sql
            seen.add(now[k])

    def grid(verb, number, scheme, code, parent="NULL"):
        x = 10 * number
        return (f"{verb} INTO grid (id, scheme_id, code, parent_id, geom) VALUES ({number}, "
                f"{scheme}, '{code}', {parent}, "
                f"ST_GeomFromText('{SQUARE % (x, x + 9, x + 9, x, x)}', 4545))")

    for recursive in ("OFF", "ON"):
        db.ask(f"PRAGMA recursive_triggers = {recursive}")
        does(grid("INSERT", 1, 1, "p"), 1)
        does(grid("INSERT", 2, 1, "q"), 1)
        does(grid("INSERT OR IGNORE", 3, 2, "r"), 2)
        does(grid("INSERT OR IGNORE", 3, 2, "r"), 2)  # needless, but harmless
        does(grid("INSERT OR FAIL", 4, 2, "s", 1), 1, 2)  # its parent is of another scheme
        does(grid("INSERT OR REPLACE", 4, 3, "s"), 1, 2, 3)
        does(grid("INSERT OR REPLACE", 5, 3, "s"), 3)
        does("UPDATE grid SET name = 'n', note = 'x', area_m2 = 1, level = 4, "
             "kind = 'dedicated'")
        does("UPDATE grid SET geom = geom, code = code, valid_to = valid_to")
        does("UPDATE grid SET code = code || '2' WHERE id = 1", 1)
        does("UPDATE OR IGNORE grid SET geom = NULL WHERE id = 1", 1)
        does("UPDATE grid SET valid_from = '2026-01-01T00:00:00.000Z' WHERE id = 3", 2)
        does("UPDATE grid SET valid_to = '2027-01-01T00:00:00.000Z' WHERE id = 3", 2)
        does("UPDATE grid SET parent_id = 3 WHERE id = 1", 1, 2)
        does("UPDATE grid SET parent_id = NULL WHERE id = 1", 1, 2)
        does("UPDATE grid SET scheme_id = 2 WHERE id = 1", 1, 2)
        does("UPDATE OR REPLACE grid SET id = 9 WHERE id = 2", 1)
        was = stamps()
        db.ask("BEGIN")
        db.ask("DELETE FROM grid WHERE id = 9")
        assert stamps() != was
        db.ask("ROLLBACK")
        assert stamps() == was
        does("DELETE FROM grid WHERE id = 9", 1)
        does("DELETE FROM grid WHERE scheme_id IN (2, 3)", 2, 3)
        does("DELETE FROM scheme WHERE id = 3", 3)
        db.ask("DELETE FROM withdrawn_code")
        db.ask("INSERT INTO scheme (id, name) VALUES (3, 'c')")
    db.ask("INSERT INTO bulk VALUES (1)")
    does(grid("INSERT", 1, 1, "p"), 1)  # also while the owner triggers rest
    assert sum(db.ask("SELECT DISTINCT tbl FROM change ORDER BY 1"), []) == [
        "district", "grid", "scheme"]
    db.close()


main([an_older_file_is_read_as_it_stands, a_writer_brings_it_up,
      every_change_of_what_owns_renews_the_stamp])
