# Sourced by ./run and ./test: find or install what the build needs.
# Debian 12 and Ubuntu 24.04; other systems get the list of what to install.

build_packages="gcc meson ninja-build pkg-config python3 gettext
 libgdal-dev libproj-dev libspatialite-dev libsqlite3-dev libgeos-dev
 libglfw3-dev libcglm-dev libepoxy-dev libegl-dev libglu1-mesa-dev
 libpango1.0-dev libcairo2-dev libgl1-mesa-dri libegl1
 libsqlite3-mod-spatialite fonts-noto-cjk"
test_packages="g++ libcmocka-dev gdal-bin sqlite3 xvfb xdotool mandoc"

say() {
    printf '%s\n' "$*" >&2
}

# install_missing PACKAGE... : apt-get install those that are not there.
install_missing() {
    missing=""
    for p in "$@"; do
        dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $p"
    done
    [ -n "$missing" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "These Debian packages are needed; install their like on this system:$missing"
        return 1
    fi
    say "Installing:$missing"
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            say "Not root and no sudo here. As root, run: apt-get install$missing"
            return 1
        fi
        sudo="sudo"
    fi
    # shellcheck disable=SC2086
    $sudo apt-get update -qq &&
        $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends $missing >&2
}

# build_in FOLDER [meson options] : configure once, then build.
build_in() {
    folder=$1
    shift
    if [ ! -f "$folder/build.ninja" ]; then
        meson setup "$folder" "$@" >&2 || return 1
    fi
    ninja -C "$folder" >&2
}
