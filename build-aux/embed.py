#!/usr/bin/env python3
"""Make one C file of text files: embed.py OUT.c SYMBOL FILE...

The C file defines, for each FILE, a NUL-terminated array SYMBOL_<name> where <name> is
the file's name with every other character turned into an underscore."""
import os
import re
import sys

out, symbol, *paths = sys.argv[1:]
with open(out, "w", encoding="ascii") as c:
    for path in paths:
        with open(path, "rb") as f:
            data = f.read()
        name = symbol + "_" + re.sub(r"[^A-Za-z0-9]", "_", os.path.basename(path))
        c.write(f"extern const char {name}[];\nconst char {name}[] = {{\n")
        data += b"\0"
        for i in range(0, len(data), 16):
            row = ", ".join(f"'\\x{b:02x}'" for b in data[i:i + 16])
            c.write("    " + row + ",\n")
        c.write("};\n")
