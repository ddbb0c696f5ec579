"""The loadable extension in other programs: Python's sqlite3, the sqlite3 shell, a host
with its own copy of SQLite."""
import os
import re
import shutil
import subprocess

from tap import Skip, main, run

MODULE = os.environ["MOD_WANGGE"]
HOST = os.environ.get("MOD_HOST")  # a program with SQLite linked into it
PYTHONS = ["/usr/bin/python3", "python3"]
CAN_LOAD = """
import sqlite3
c = sqlite3.connect(":memory:")
c.enable_load_extension(True)
"""
LOAD = CAN_LOAD + f"""
import sys
MODULE = {os.path.splitext(MODULE)[0]!r}
c = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else ":memory:", isolation_level=None)
c.enable_load_extension(True)
c.load_extension(MODULE)

def one(sql, *values):
    return c.execute(sql, values).fetchone()[0]

def refusal(sql):
    try:
        return f"no error: {{one(sql)}}"
    except sqlite3.OperationalError as why:
        return str(why)

def spatial():
    try:
        c.load_extension("mod_spatialite")
    except sqlite3.OperationalError:
        print("absent")
        sys.exit()
"""


def sanitizers():
    """What must be loaded first where the module was built with the sanitizer."""
    needs = subprocess.run(["ldd", MODULE], stdout=subprocess.PIPE, text=True).stdout
    return [line.split("=>")[1].split()[0] for line in needs.splitlines()
            if "libasan" in line and "=>" in line]


ENV = {**os.environ, "LC_ALL": "C.UTF-8", "LD_PRELOAD": " ".join(sanitizers()),
       "ASAN_OPTIONS": "detect_leaks=0"}


def command(words):
    p = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                       stderr=subprocess.STDOUT, env=ENV, timeout=200)
    return p.returncode, p.stdout


def python():
    for name in PYTHONS:
        path = shutil.which(name)
        if path and command([path, "-c", CAN_LOAD])[0] == 0:
            return path
    raise Skip("no Python here whose sqlite3 loads extensions")


def in_python(text, *words):
    code, out = command([python(), "-c", LOAD + text, *words])
    assert code == 0, out
    if out.strip() == "absent":
        raise Skip("no mod_spatialite here")
    return out.strip()


def shell(database, *words):
    path = shutil.which("sqlite3")
    if not path:
        raise Skip("no sqlite3 here")
    load = f".load {os.path.splitext(MODULE)[0]}"
    return command([path, "-batch", database, load, *words])


def host(*words):
    if not HOST:
        raise Skip("no static SQLite here")
    return command([HOST, MODULE, *words])


def demo():
    """A district in the folder of the tests, made once."""
    if not os.path.exists("demo.wangge"):
        run("demo", "demo.wangge", ok=0)
    return os.path.abspath("demo.wangge")


def python_loads_it():
    out = in_python("""
print(one("SELECT wg_version()"))
print("%.3f" % one("SELECT wg_transform_x('EPSG:4490', 'EPSG:4545', 109.19, 27.72)"))
c.close()
""")
    assert out.split()[1:] == ["617356.603"], out


def shell_loads_it():
    code, out = shell(":memory:",
                      "SELECT round(wg_transform_y(4490, 4545, 109.19, 27.72), 3)")
    assert code == 0 and out.strip() == "3067979.871", out


def shell_answers():
    code, out = shell(demo(), ".mode csv", "SELECT typeof(wg_locate('basic', 0, 0)), typeof("
                      "wg_nearest('basic', 0, 0)), wg_nearest_distance('basic', 0, 0) > "
                      "1e6, wg_is_partition('basic')")
    assert code == 0 and out.strip() == "null,text,1,1", out
    code, out = shell(demo(), "SELECT wg_locate('x', 0, 0)")
    assert code != 0 and "There are: basic" in out, out


def many_connections_and_threads():
    out = in_python("""
import threading
c.load_extension(MODULE)
answers = []
def work():
    for _ in range(20):
        d = sqlite3.connect(sys.argv[1])
        d.enable_load_extension(True)
        d.load_extension(MODULE)
        answers.append(d.execute(
            "SELECT hex(wg_transform('gcj02', 'EPSG:4545', 109, 27)), group_concat(code) "
            "FROM wg_grids_in('basic', -1e9, -1e9, 1e9, 1e9)").fetchone())
        d.close()
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(answers), len(set(answers)))
""", demo())
    assert out == "80 1", out


def help_names_every_function():
    """And the manual has the same list."""
    names = in_python("""
for name, in c.execute("SELECT name FROM pragma_function_list UNION SELECT name FROM "
                       "pragma_module_list"):
    if name.startswith("wg_"):
        print(name)
""").split()
    assert len(names) > 10, names
    for words in (["help", "sql"], ["help", "sql", "--lang", "zh"], ["--manual"]):
        text = run(*words, ok=0).stdout
        told = set(re.findall(r"\b(wg_\w+)\(", text))
        assert told == set(names), told ^ set(names)


def beside_spatialite():
    out = in_python("""
spatial()
one("SELECT InitSpatialMetadata(1)")
print(one("SELECT ST_HausdorffDistance(wg_transform(4490, 4545, g), ST_Transform(g, 4545)) "
          "< 1e-6 FROM (SELECT GeomFromText('POLYGON((109 27,110 27,110 28,109 27))', "
          "4490) AS g)"))
""")
    assert out == "1", out


def in_a_host_with_its_own_sqlite():
    code, out = host()
    assert code == 0 and out.strip() == "617356.603", out


def one_copy_of_sqlite_at_a_time():
    code, out = host("+")
    if code == 2:
        raise Skip("no shared SQLite here")
    assert code == 0 and "another copy of SQLite" in out, out


def the_host_reads_and_closes():
    """Nothing of ours keeps a connection from closing (the host returns SQLITE_BUSY)."""
    code, out = host(demo(), "SELECT count(wg_locate('basic', x, y)) > 9 FROM (SELECT "
                     "(xmin + xmax) / 2 AS x, (ymin + ymax) / 2 AS y FROM "
                     "idx_building_geom); SELECT count(*) > 3 FROM wg_grids_in('basic', "
                     "-1e9, -1e9, 1e9, 1e9)")
    assert code == 0 and out.split() == ["1", "1"], (code, out)


def points_as_spatialite_finds_them():
    """Thousands of points, corners of grids among them, in every scheme."""
    out = in_python("""
spatial()
c.execute('''CREATE TEMP TABLE p AS
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000),
b AS (SELECT min(xmin) AS x0, max(xmax) AS x1, min(ymin) AS y0, max(ymax) AS y1
      FROM idx_grid_geom),
v AS (SELECT ST_ExteriorRing(ST_GeometryN(geom, 1)) AS r FROM grid)
SELECT x0 - 20 + (x1 - x0 + 40) * (random() / 18446744073709551616.0 + .5) AS x,
    y0 - 20 + (y1 - y0 + 40) * (random() / 18446744073709551616.0 + .5) AS y FROM n, b
UNION ALL
SELECT ST_X(ST_PointN(r, i)), ST_Y(ST_PointN(r, i)) FROM v, n
WHERE i <= 30 AND i <= ST_NPoints(r)''')
wrong = n = found = 0
for scheme, in c.execute("SELECT id FROM scheme").fetchall():
    for mine, theirs in c.execute('''SELECT wg_locate(?1, x, y), (
            SELECT min(g.code) FROM idx_grid_geom r CROSS JOIN grid g WHERE g.id = r.pkid
            AND r.xmin <= x AND r.xmax >= x AND r.ymin <= y AND r.ymax >= y
            AND g.scheme_id = ?1 AND ST_Covers(g.geom, MakePoint(x, y, 4545)) = 1
            AND NOT EXISTS (SELECT 1 FROM grid c WHERE c.parent_id = g.id)) FROM p''',
            (scheme,)):
        n += 1
        found += mine is not None
        wrong += mine != theirs
print(n, found, wrong)
""", demo())
    n, found, wrong = map(int, out.split())
    assert n > 6000 and n / 2 < found < n and wrong == 0, out


def other_programs_edits_are_seen():
    out = in_python("""
spatial()
d = sqlite3.connect(sys.argv[1], isolation_level=None) # it asks without SpatiaLite
d.enable_load_extension(True)
d.load_extension(MODULE)
x, y = c.execute("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM "
                 "grid WHERE scheme_id = 1 ORDER BY id DESC LIMIT 1)").fetchone()
grid = one("SELECT wg_locate_id('basic', ?, ?)", x, y)
def ask(connection, scheme="'basic'"):
    return connection.execute(f"SELECT wg_locate({scheme}, ?, ?)", (x, y)).fetchone()[0]
def rename(code):
    c.execute("UPDATE grid SET code = ? WHERE id = ?", (code, grid))
named = "(SELECT name FROM scheme WHERE id = 1)" # no constant of the statement
code = ask(d)
for i in range(30):
    c.execute("BEGIN")
    rename(f"in-{i}")
    assert ask(c) == f"in-{i}" and ask(d) == code, (ask(c), ask(d))
    assert ask(c, named) == f"in-{i}"
    c.execute("SAVEPOINT s")
    rename(f"inner-{i}")
    assert ask(c) == f"inner-{i}" and ask(d) == code
    c.execute("ROLLBACK TO s")
    assert ask(c) == ask(c, named) == f"in-{i}" and ask(d) == code
    if i % 2:
        c.execute("COMMIT")
        code = f"in-{i}"
    else:
        c.execute("ROLLBACK")
    for connection in (d, c):
        assert ask(connection) == ask(connection, named) == code
    # in the middle of another's read: that one ends as it began
    rows = d.execute("SELECT wg_locate(s.name, ?, ?) FROM scheme s, grid WHERE s.id = 1",
                     (x, y))
    assert rows.fetchone()[0] == code
    rename(f"mid-{i}")
    assert {r[0] for r in rows} == {code}
    code = f"mid-{i}"
    assert ask(d) == code
print("good")
""", demo())
    assert out == "good", out


def within_a_statement_that_writes():
    """The index is first needed, and built, in the middle of a write."""
    shutil.copy(demo(), "written.wangge")
    out = in_python("""
import os
c.execute("CREATE TABLE copy (x, y, code, at)")
c.execute("CREATE TRIGGER copy_code AFTER INSERT ON copy BEGIN UPDATE copy SET code = "
          "wg_locate('basic', x, y) WHERE rowid = new.rowid; END")
c.execute("INSERT INTO copy (x, y, at) SELECT (xmin + xmax) / 2, (ymin + ymax) / 2, "
          "wg_nearest('zones', xmin, ymin) FROM idx_building_geom")
d = sqlite3.connect(sys.argv[1])
print(d.execute("SELECT count(code) > 100 AND count(DISTINCT code) > 3 AND count(at) > 100 "
                "FROM copy").fetchone()[0], c.in_transaction)
print(one("SELECT sum(code IS NOT wg_locate('basic', x, y)) FROM copy"))
print([n for n in os.listdir(".") if n.startswith("written.wangge-locate")])
""", os.path.abspath("written.wangge")).splitlines()
    # what was built within the write might have been rolled back: not left to others
    assert out == ["1 False", "0", "[]"], out


def in_databases_of_others():
    """Transforms work in any; which grid, only in one of ours: the words say so."""
    out = in_python("""
print(refusal("SELECT wg_locate('basic', 1, 2)"))
print(refusal("SELECT count(*) FROM wg_grids_in('basic', 1, 2, 3, 4)"))
c.execute("CREATE TABLE scheme (id, name)")
print(refusal("SELECT wg_locate('basic', 1, 2)"))
""").splitlines()
    assert len(out) == 3 and all(":memory: is a database, but not of this program" in line
                                 for line in out), out
    shutil.copy(demo(), "old.wangge")
    out = in_python("""
for version in (1, 999):
    c.execute(f"PRAGMA user_version = {version}")
    print(refusal("SELECT wg_locate('basic', 1, 2)"))
c.execute("PRAGMA user_version = 2") # older, but good enough to read
print(one("SELECT wg_is_partition('basic')"))
""", os.path.abspath("old.wangge")).splitlines()
    assert "older file version 1" in out[0] and "newer version" in out[1], out
    assert out[2] == "1", out


def a_copy_in_memory_leaves_no_file():
    shutil.copy(demo(), "copied.wangge")
    before = set(os.listdir("."))
    out = in_python("""
one("PRAGMA journal_mode = DELETE") # a file in memory knows no WAL
m = sqlite3.connect("file:/wangge-test?vfs=memdb", uri=True)
c.backup(m)
m.enable_load_extension(True)
m.load_extension(MODULE)
print(m.execute("SELECT count(*) > 3 FROM wg_grids_in('basic', -1e9, -1e9, 1e9, 1e9)")
      .fetchone()[0])
m.close()
""", os.path.abspath("copied.wangge"))
    assert out == "1", out
    assert set(os.listdir(".")) == before
    assert not [n for n in os.listdir("/") if n.startswith("wangge-test")]


main([python_loads_it, shell_loads_it, shell_answers, many_connections_and_threads,
      help_names_every_function, beside_spatialite, in_a_host_with_its_own_sqlite, one_copy_of_sqlite_at_a_time,
      the_host_reads_and_closes, points_as_spatialite_finds_them,
      other_programs_edits_are_seen, within_a_statement_that_writes, in_databases_of_others,
      a_copy_in_memory_leaves_no_file])
