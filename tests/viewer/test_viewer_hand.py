# A hand on a real window: Xvfb shows it, xdotool moves mouse and keys.
import os
import shutil
import subprocess
import time

from view_test import VIEW, Folder, Tap, demo, skip_all, states

SCRIPT = "\n".join(["wait ready", "clock 2026-11-24T08:00:00Z", "state"] +
                   ["wait 0.25\nstate"] * 240) + "\n"


def xdo(env, *words):
    subprocess.run(["xdotool", *[str(w) for w in words]], env=env, check=True,
                   capture_output=True, timeout=20)


def display():
    """A free display: Xvfb picks it and says which."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0",
                               "1280x800x24", "-nolisten", "tcp", "-noreset"],
                              pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as words: # to the newline: the server dies if nobody reads it
        number = words.readline().strip()
    return server, ":" + number


class Viewer:
    def __init__(self, district, env, folder):
        self.out = open(os.path.join(folder, "out"), "w+")
        script = os.path.join(folder, "script")
        with open(script, "w") as f:
            f.write(SCRIPT)
        self.process = subprocess.Popen(
            [VIEW, district, "--script", script, "--size", "1280x800", "--lang", "en"],
            env=env, stdout=self.out, stderr=subprocess.PIPE, text=True)

    def state(self):
        with open(self.out.name) as f:
            text = f.read()
        s = states(text[:text.rfind("\n") + 1])
        return s[-1] if s else None

    def until(self, wanted, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            s = self.state()
            if s and wanted(s):
                return True
            time.sleep(0.1)
        return False


def hand(tap, viewer, env):
    if not tap.ok(viewer.until(lambda s: True, 60), "a window opens"):
        return
    xdo(env, "mousemove", 640, 430)
    xdo(env, "key", "a")
    tap.ok(viewer.until(lambda s: s["mode"] == "alert"), "a: alert levels")
    xdo(env, "key", "g")
    tap.ok(viewer.until(lambda s: s["mode"] == "grid"), "g: grids")
    xdo(env, "key", "t")
    tap.ok(viewer.until(lambda s: s["theme"] == "dark"), "t: dark")
    xdo(env, "key", "question")
    tap.ok(viewer.until(lambda s: s["help"]), "?: the page of keys")
    xdo(env, "key", "Escape")
    tap.ok(viewer.until(lambda s: not s["help"]), "Esc: closed again")
    found = False
    for dx, dy in [(0, 0), (60, 30), (-60, 30), (110, -40), (-110, -40), (30, 90)]:
        xdo(env, "mousemove", 640 + dx, 430 + dy, "click", 1)
        if viewer.until(lambda s: s["building"] > 0, 3):
            found = True
            break
        time.sleep(0.5)
    tap.ok(found, "a click chooses a building")
    tap.ok(viewer.until(lambda s: s["card"][2] > 200 and s["card"][3] > 100),
           "its card is shown")
    was = viewer.state()["camera"]
    xdo(env, "mousemove", 640, 430, "mousedown", 1)
    for x in range(650, 800, 15):
        xdo(env, "mousemove", x, 435)
    xdo(env, "mouseup", 1)
    tap.ok(viewer.until(lambda s: abs(s["camera"]["azimuth"] - was["azimuth"]) > 5),
           "a drag orbits")
    was = viewer.state()["camera"]
    xdo(env, "mousemove", 640, 430, "click", 4, "click", 4)
    tap.ok(viewer.until(lambda s: s["camera"]["distance"] < was["distance"] * 0.95),
           "the wheel comes nearer")
    xdo(env, "key", "Escape")
    tap.ok(viewer.until(lambda s: s["building"] == 0), "Esc: nothing chosen")
    xdo(env, "key", "q")
    try:
        tap.ok(viewer.process.wait(20) == 0, "q: the program ends well")
    except subprocess.TimeoutExpired:
        tap.ok(False, "q: the program ends well")


def main():
    for program in ("Xvfb", "xdotool"):
        if not shutil.which(program):
            skip_all(program + " is not installed")
    tap = Tap()
    with Folder() as folder:
        district = demo(folder)
        server, name = display()
        env = dict(os.environ, DISPLAY=name)
        viewer = Viewer(district, env, folder)
        try:
            hand(tap, viewer, env)
        finally:
            if viewer.process.poll() is None:
                viewer.process.kill()
            words = viewer.process.communicate()[1].strip()
            if words:
                print("# " + words.replace("\n", "\n# "))
            server.terminate()
            server.wait()
    return tap.end()


raise SystemExit(main())
