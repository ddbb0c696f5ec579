# What the tests of the running viewer share: a demo district, TAP, the state line.
import json
import os
import shutil
import subprocess
import sys
import tempfile

TOOL = os.environ.get("WANGGE", "wangge")
VIEW = os.environ.get("WANGGE_VIEW", "wangge-view")


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, condition, words):
        self.n += 1
        self.failed += not condition
        print("%s %d - %s" % ("ok" if condition else "not ok", self.n, words), flush=True)
        return condition

    def end(self):
        print("1..%d" % self.n)
        return 1 if self.failed else 0


def skip_all(why):
    print("1..0 # SKIP " + why)
    sys.exit(0)


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="wangge-view-")
        return self.path

    def __exit__(self, *what):
        shutil.rmtree(self.path, ignore_errors=True)


def demo(folder):
    path = os.path.join(folder, "demo.wangge")
    made = subprocess.run([TOOL, "demo", path, "--seed", "7"], capture_output=True, text=True)
    if made.returncode != 0:
        print("# " + made.stderr.strip().replace("\n", "\n# "))
        skip_all("the tool cannot make a demo district here")
    return path


def states(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
