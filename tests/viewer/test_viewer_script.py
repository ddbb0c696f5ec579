# --script drives the real viewer without a display.
import os
import subprocess

from view_test import VIEW, Folder, Tap, demo, skip_all, states


def run(district, script, *more):
    return subprocess.run(
        [VIEW, district, "--script", "-", "--size", "1280x720", "--lang", "en", *more],
        input=script, capture_output=True, text=True, timeout=200)


def main():
    tap = Tap()
    with Folder() as folder:
        district = demo(folder)
        picture = os.path.join(folder, "alert.png")
        again = os.path.join(folder, "again.png")
        done = run(district, "\n".join([
            "# a first look", "wait ready", "clock 2026-11-24T08:00:00Z", "state",
            "mode alert", "theme dark", "labels off", "state", "key l", "key g", "state",
            "select building 12", "wait ready", "state", "snapshot " + picture,
            "snapshot " + again, "key Esc", "drag 640 300 760 320", "wait 0.2", "state",
            "key ?", "wait 0.1", "state", "quit"]) + "\n", "--snapshot",
            os.path.join(folder, "end.png"))
        if done.returncode != 0:
            print("# " + done.stderr.strip().replace("\n", "\n# "))
        if "EGL" in done.stderr:
            skip_all("no EGL here")
        tap.ok(done.returncode == 0, "the script runs to its end")
        s = states(done.stdout)
        if tap.ok(len(s) == 6, "six states were printed"):
            tap.ok(s[0]["mode"] == "grid" and s[0]["theme"] == "day", "it begins by day")
            tap.ok(s[1]["mode"] == "alert" and s[1]["theme"] == "dark" and
                   not s[1]["labels"], "commands change it")
            tap.ok(s[2]["labels"] and s[2]["mode"] == "grid", "keys change it")
            tap.ok(s[3]["building"] == 12 and s[3]["card"][2] > 200,
                   "a chosen building has its card")
            tap.ok(s[4]["building"] == 0 and
                   s[4]["camera"]["azimuth"] != s[3]["camera"]["azimuth"],
                   "Esc clears the selection, a drag orbits")
            tap.ok(s[5]["help"], "? shows the keys")
        same = os.path.exists(picture) and os.path.exists(again)
        tap.ok(same and open(picture, "rb").read(8) == b"\x89PNG\r\n\x1a\n",
               "pictures are written")
        tap.ok(same and open(picture, "rb").read() == open(again, "rb").read(),
               "nothing changed, so two pictures are the same bytes")
        bad = run(district, "wait ready\nmode plaid\n", "--snapshot",
                  os.path.join(folder, "bad.png"))
        tap.ok(bad.returncode != 0 and "line 2" in bad.stderr and "mode plaid" in bad.stderr,
               "a bad line ends the program and is named")
    return tap.end()


raise SystemExit(main())
