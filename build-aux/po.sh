#!/bin/sh
# Bring po/POTFILES and po/zh_CN.po up to date with the messages in the sources.
# Then translate what is new in po/zh_CN.po; tests/unit/test_translations.sh checks it.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C.UTF-8
grep -lE '(^|[^A-Za-z0-9_])N?P?_\(' $(find lib tools viewer -name '*.[ch]') | LC_ALL=C sort > po/POTFILES
pot=$(mktemp)
trap 'rm -f "$pot"' EXIT
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=P_:1,2 --add-comments=TRANSLATORS \
    --package-name=wangge --no-location --sort-output -f po/POTFILES -o "$pot"
if [ -f po/zh_CN.po ]; then
    msgmerge -q --update --backup=none --no-fuzzy-matching --no-location --sort-output \
        po/zh_CN.po "$pot"
    msgattrib --no-obsolete --no-location -o po/zh_CN.po po/zh_CN.po
else
    msginit --no-translator -l zh_CN.UTF-8 -i "$pot" -o po/zh_CN.po
fi
msgfmt --statistics --check -o /dev/null po/zh_CN.po
