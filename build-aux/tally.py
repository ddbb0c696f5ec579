#!/usr/bin/env python3
"""Add up test logs of meson: every TAP line of a program, or the program itself where it
prints none.  The last line printed is "N passed, N failed, N skipped"; exit 1 on a
failure or when nothing ran."""
import json
import re
import sys

passed = failed = skipped = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            ok = bad = skip = 0
            for row in test.get("stdout", "").splitlines():
                m = re.match(r"(not )?ok\b([^#]*)(#\s*skip)?", row, re.IGNORECASE)
                if not m:
                    continue
                if m.group(1):
                    bad += 1
                elif m.group(3):
                    skip += 1
                else:
                    ok += 1
            result = test["result"]
            if result == "SKIP" and not ok:
                skip = max(skip, 1)
            elif result not in ("OK", "SKIP", "EXPECTEDFAIL") and not bad:
                bad = 1
            elif result in ("OK", "EXPECTEDFAIL") and not ok and not skip:
                ok = 1
            if bad:
                print(f"failed: {test['name']}")
            passed, failed, skipped = passed + ok, failed + bad, skipped + skip
print(f"{passed} passed, {failed} failed, {skipped} skipped")
sys.exit(1 if failed or not passed else 0)
