"""The loadable extension in other programs: Python's sqlite3, the sqlite3 shell, a host
with its own copy of SQLite."""
import os
import shutil
import subprocess

from tap import Skip, main

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
c = sqlite3.connect(sys.argv[1] if len(sys.argv) > 1 else ":memory:")
c.enable_load_extension(True)
c.load_extension({os.path.splitext(MODULE)[0]!r})
one = lambda sql, *a: c.execute(sql, a).fetchone()[0]
"""


def sanitized():
    """What must be loaded first where the module was built with the sanitizer."""
    needs = subprocess.run(["ldd", MODULE], stdout=subprocess.PIPE, text=True).stdout
    return [line.split("=>")[1].split()[0] for line in needs.splitlines()
            if "libasan" in line and "=>" in line]


ENV = {**os.environ, "LC_ALL": "C.UTF-8", "LD_PRELOAD": " ".join(sanitized()),
       "ASAN_OPTIONS": "detect_leaks=0"}


def command(words, stdin=""):
    p = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, text=True,
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
    return out.strip()


def shell(*words):
    path = shutil.which("sqlite3")
    if not path:
        raise Skip("no sqlite3 here")
    load = f".load {os.path.splitext(MODULE)[0]}"
    return command([path, "-batch", ":memory:", load, *words])


def python_loads_it():
    out = in_python("""
print(one("SELECT wg_version()"))
print("%.3f" % one("SELECT wg_transform_x('EPSG:4490', 'EPSG:4545', 109.19, 27.72)"))
c.close()
""")
    assert out.split() == [out.split()[0], "617356.603"], out


def shell_loads_it():
    code, out = shell("SELECT round(wg_transform_y(4490, 4545, 109.19, 27.72), 3)")
    assert code == 0 and out.strip() == "3067979.871", out


def twice_and_many_connections():
    out = in_python(f"""
import threading
c.load_extension({MODULE!r})
def work():
    for _ in range(20):
        d = sqlite3.connect(":memory:")
        d.enable_load_extension(True)
        d.load_extension({MODULE!r})
        d.execute("SELECT wg_transform('gcj02', 'EPSG:4545', 109, 27)").fetchone()
        d.close()
threads = [threading.Thread(target=work) for _ in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(one("SELECT wg_version()"))
""")
    assert out.count(".") == 2, out


def beside_spatialite():
    out = in_python("""
try:
    c.load_extension("mod_spatialite")
except sqlite3.OperationalError:
    print("absent")
    sys.exit()
print(one("SELECT ST_Distance(wg_transform(4490, 4545, g), ST_Transform(g, 4545)) < 1e-6 "
          "FROM (SELECT GeomFromText('POLYGON((109 27,110 27,110 28,109 27))', 4490) AS g"
          ", InitSpatialMetadata(1))"))
""")
    if out == "absent":
        raise Skip("no mod_spatialite here")
    assert out == "1", out


def in_a_host_with_its_own_sqlite():
    if not HOST:
        raise Skip("no static SQLite here")
    code, out = command([HOST, MODULE])
    assert code == 0 and out.strip() == "617356.603", out


main([python_loads_it, shell_loads_it, twice_and_many_connections, beside_spatialite,
      in_a_host_with_its_own_sqlite])
