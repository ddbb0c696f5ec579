"""Each public header compiles alone, twice in a row, as C11 and as C++17."""
import glob
import os
import shutil
import subprocess

from tap import Skip, main

INCLUDE = os.path.join(os.path.abspath(os.environ["WG_TEST_SOURCE"]), "include")
STRICT = ["-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def check(compiler, words, name):
    if not shutil.which(compiler):
        raise Skip(f"no {compiler} here")
    text = f'#include "wangge/{name}"\n' * 2
    p = subprocess.run([compiler, *STRICT, *words, "-I", INCLUDE, "-"], input=text,
                       text=True, stderr=subprocess.PIPE)
    assert p.returncode == 0, p.stderr


def case(language, compiler, words, name):
    def test():
        check(compiler, words, name)
    test.__name__ = f"{name} as {language}"
    return test


def umbrella_is_whole():
    text = open(os.path.join(INCLUDE, "wangge/wangge.h"), encoding="utf-8").read()
    missing = [n for n in NAMES if n != "wangge.h" and f'"wangge/{n}"' not in text]
    assert not missing, missing


NAMES = sorted(map(os.path.basename, glob.glob(os.path.join(INCLUDE, "wangge/*.h"))))
assert len(NAMES) > 20, INCLUDE
CC = os.environ.get("CC", "cc").split()[-1]
CXX = os.environ.get("CXX", "c++").split()[-1]
main([case("C", CC, ["-std=c11", "-Wstrict-prototypes", "-x", "c"], n) for n in NAMES]
     + [case("C++", CXX, ["-std=c++17", "-x", "c++"], n) for n in NAMES]
     + [umbrella_is_whole])
