#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the kernel's symbol table as C from `nm -n` of the first link (stdin)."""
import sys

BASE = 0xFFFFFFFF80000000

symbols = []
for line in sys.stdin:
    parts = line.split()
    if len(parts) == 3 and parts[1] in "tT" and int(parts[0], 16) > BASE:
        offset = int(parts[0], 16) - BASE
        if not symbols or symbols[-1][0] != offset:
            symbols.append((offset, parts[2]))

print("/* SPDX-License-Identifier: MIT */")
print('#include "kernel/symbols.h"')
print("SECTION(\".symbols\") const struct symbol symbol_table[] = {")
position = 0
for offset, name in symbols or [(0, "")]:
    print("\t{ %#x, %d }," % (offset, position))
    position += len(name) + 1
print("};")
print("SECTION(\".symbols\") const uint32_t symbol_count = %d;" % len(symbols))
print("SECTION(\".symbols\") const char symbol_names[] =")
for _, name in symbols:
    print('\t"%s\\0"' % name)
print('\t"";')
