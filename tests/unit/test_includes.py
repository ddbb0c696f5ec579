"""Outside libraries are included only by the files that wrap them, calls go down, and
the programs know nothing of the library but its public headers."""
import fnmatch
import glob
import os
import re

from tap import main

SOURCE = os.path.abspath(os.environ["WG_TEST_SOURCE"])
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)

STORE = ["lib/store*", "lib/statement.c", "lib/schema.c", "lib/migrate.c", "lib/backup.c",
         "lib/sql*", "lib/mod_wangge.c"]
IO = ["lib/import*", "lib/export*", "lib/io*"]

# An included name: the files that may include it.  The first match counts.
RULES = [
    ("sqlite3*", STORE),
    ("spatialite*", STORE),
    ("store_db.h", STORE),
    ("geos*", ["lib/shape*"]),
    ("proj*.h", ["lib/crs*"]),
    ("crs_step.h", ["lib/crs*"]),
    ("gdal*", IO),
    ("ogr*", IO),
    ("cpl_*", IO),
    ("io.h", IO),
    ("import_job.h", IO),
    ("export_job.h", IO),
    ("GLFW/*", ["viewer/window.c"]),
    ("epoxy/egl.h", ["viewer/headless.c"]),  # the context of a picture without a display
    ("GL/glu.h", ["viewer/tess.c"]),         # only its tessellator, which draws nothing
    ("epoxy/*", ["viewer/render/*"]),
    ("GL/*", ["viewer/render/*"]),
    ("EGL/*", ["viewer/headless.c"]),
    ("render/gl.h", ["viewer/render/*"]),
    ("pango/*", ["viewer/hud/text.c"]),
    ("cairo*", ["viewer/hud/text.c"]),
    ("cmocka.h", []),
]


def sources():
    for folder in ("include", "lib", "tools", "viewer"):
        for path in glob.glob(os.path.join(SOURCE, folder, "**/*.[ch]"), recursive=True):
            with open(path, encoding="utf-8") as f:
                yield os.path.relpath(path, SOURCE), INCLUDE.findall(f.read())


FILES = sorted(sources())


def any_match(name, patterns):
    return any(fnmatch.fnmatchcase(name, p) for p in patterns)


def wrapped():
    wrong = []
    for path, names in FILES:
        for name in names:
            for pattern, places in RULES:
                if fnmatch.fnmatchcase(name, pattern):
                    if not any_match(path, places):
                        wrong.append(f"{path} includes {name}")
                    break
    assert not wrong, "\n" + "\n".join(wrong)


def headers_of(folder):
    return {os.path.relpath(p, folder) for p, _ in FILES
            if p.startswith(folder + "/") and p.endswith(".h")}


def calls_go_down():
    """tools/ and viewer/ include no header of lib/, and the library none of theirs."""
    wrong = []
    for home, others in (("tools", ["lib"]), ("viewer", ["lib"]),
                         ("lib", ["tools", "viewer"])):
        own = headers_of(home)
        for path, names in (f for f in FILES if f[0].startswith(home + "/")):
            for name in names:
                near = os.path.normpath(os.path.join(os.path.dirname(path), name))
                found = name in own or os.path.relpath(near, home) in own
                for other in others:
                    if near.startswith(other + "/") or (
                            not found and name in headers_of(other)):
                        wrong.append(f"{path} includes {name} of {other}/")
    assert not wrong, "\n" + "\n".join(wrong)


def public_headers_stand_alone():
    """Public headers include the standard's and each other, nothing else."""
    standard = {"stdbool.h", "stddef.h", "stdint.h"}
    wrong = [f"{p} includes {n}" for p, names in FILES if p.startswith("include/")
             for n in names if n not in standard and not n.startswith("wangge/")]
    assert not wrong, "\n" + "\n".join(wrong)


def rules_still_mean_something():
    """The patterns find the includes they were written for."""
    seen = {name for _, names in FILES for name in names}
    for name in ("sqlite3.h", "spatialite.h", "geos_c.h", "proj.h", "gdal.h"):
        assert name in seen, name


main([wrapped, calls_go_down, public_headers_stand_alone, rules_still_mean_something])
