"""The Krüger series has the same bits on every path and on another processor."""
import os
import shutil
import subprocess
import tempfile

from tap import Skip, main

SOURCE = os.path.abspath(os.environ["WG_TEST_SOURCE"])
FILES = [os.path.join(SOURCE, f) for f in (
    "tests/unit/krueger_bits.c", "lib/krueger.c", "lib/krueger_avx2.c",
    "lib/krueger_neon.c")]


def results(compiler, words, runner, flags):
    if not shutil.which(compiler) or (runner and not shutil.which(runner)):
        raise Skip(f"no {compiler} or {runner} here")
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "bits")
        subprocess.run([compiler, "-std=c11", "-D_GNU_SOURCE", "-ffp-contract=off",
                        "-Wall", "-Wextra", "-Werror", *flags, *words,
                        "-I", os.path.join(SOURCE, "lib"), *FILES, "-lm", "-o", program],
                       check=True)
        out = subprocess.run([runner, program] if runner else [program], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    return {line.split()[0]: line.split()[1:] for line in out.splitlines()}


def compare(*how):
    want = results(CC, [], None, ["-O0"])["plain"]
    got = results(*how)
    print("# paths:", " ".join(got))
    for path, bits in got.items():
        assert bits == want, (path, bits, want)


def optimised():
    compare(CC, [], None, ["-O2"])


def optimised_hard():
    compare(CC, [], None, ["-O3", "-march=native"])


def by_clang():
    compare("clang", [], None, ["-O2"])


def on_arm():
    compare("aarch64-linux-gnu-gcc", ["-static"], "qemu-aarch64-static", ["-O2"])


CC = os.environ.get("CC", "cc").split()[-1]
main([optimised, optimised_hard, by_clang, on_arm])
