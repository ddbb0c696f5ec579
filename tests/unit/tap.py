"""A small TAP writer for the tests that run the programs from outside."""
import os
import subprocess
import sys
import tempfile
import traceback

WANGGE = os.environ.get("WANGGE", "wangge")


class Skip(Exception):
    pass


def run(*words, stdin=None, ok=None, env=None, binary=False):
    """Run wangge; `ok` is the exit status expected."""
    e = {**os.environ, "LC_ALL": "C.UTF-8", **(env or {})}
    e.pop("LANGUAGE", None)
    data = stdin.encode() if isinstance(stdin, str) else stdin
    p = subprocess.run([WANGGE, *map(str, words)], input=data or b"",
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=e, timeout=250)
    if not binary:
        p.stdout, p.stderr = p.stdout.decode(), p.stderr.decode()
    if ok is not None and p.returncode != ok:
        raise AssertionError(f"{' '.join(map(str, words))}: exit {p.returncode}, "
                             f"not {ok}\n{p.stdout}\n{p.stderr}")
    return p


def main(tests):
    failed = 0
    print(f"1..{len(tests)}")
    with tempfile.TemporaryDirectory(prefix="wangge-") as folder:
        os.chdir(folder)
        for i, test in enumerate(tests, 1):
            name = test.__name__
            try:
                test()
                print(f"ok {i} - {name}")
            except Skip as why:
                print(f"ok {i} - {name} # SKIP {why}")
            except Exception:
                failed += 1
                print(f"not ok {i} - {name}")
                for line in traceback.format_exc().splitlines():
                    print("# " + line)
            sys.stdout.flush()
    sys.exit(1 if failed else 0)
