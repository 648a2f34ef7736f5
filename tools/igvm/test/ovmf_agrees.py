#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whether igvm reads OVMF's metadata as virt-fw-dump does. Prints TAP.

usage: ovmf_agrees.py IGVM SHIM KERNEL PYTHONPATH OVMF... -- OVMF_WITHOUT_SVSM...
"""
import os
import re
import struct
import subprocess
import sys
import tempfile

import digest

IGVM, SHIM, KERNEL, MODULES = sys.argv[1:5]
SPLIT = sys.argv.index("--")
REGION, PARAMS = 0x08000000, 0x1000
KINDS = {"MEM": 1, "Secrets": 2, "CPUID": 3, "SVSM-CAA": 4, "Kernel hashes": 0x10,
         "ParameterArea": 0x100,
         "MemoryMap": 0x101, "VpCount": 0x102, "IgvmDataHobs": 0x200}


def theirs(firmware):
    """(base, size, kind) of the SEV and IGVM areas that virt-fw-dump prints."""
    text = subprocess.run([sys.executable, "-m", "virt.firmware.dump", "-i", firmware], text=True,
                          capture_output=True, check=True,
                          env={**os.environ, "PYTHONPATH": MODULES}).stdout
    areas, block = [], ""
    for line in text.splitlines():
        guid = re.search(r"guid:(\w+) size=", line)
        area = re.search(r"mbase=0x(\w+) msize=0x(\w+) type=(.+?)\s*$", line)
        block = guid.group(1) if guid else block
        if area and block in ("OvmfSevMetadataOffset", "IgvmMetadataOffset"):
            areas.append((int(area.group(1), 16), int(area.group(2), 16), KINDS[area.group(3)]))
    return sorted(areas)


def ours(image):
    """The same out of the parameters block of an image, what lies inside the parameter area from its start."""
    with open(image, "rb") as file:
        data = file.read()
    for kind, content in digest.headers(data):
        if kind == 0x302 and struct.unpack_from("<Q", content)[0] == REGION + PARAMS:
            page = data[struct.unpack_from("<I", content, 12)[0]:][:4096]
    count = struct.unpack_from("<I", page, 112)[0]
    areas = [struct.unpack_from("<QII", page, 120 + 16 * i) for i in range(count)]
    outer = [base for base, _, kind in areas if kind == 0x100]
    return sorted((base - outer[0] if kind in (0x101, 0x102) else base, size, kind)
                  for base, size, kind in areas)


def build(firmware, output):
    return subprocess.run([IGVM, "build", "--shim", SHIM, "--kernel", KERNEL, "--firmware",
                           firmware, "-o", output], capture_output=True, text=True, check=False)


results = []
with tempfile.TemporaryDirectory() as folder:
    out = os.path.join(folder, "out.igvm")
    for path in sys.argv[5:SPLIT]:
        made = build(path, out)
        same = made.returncode == 0 and theirs(path) == ours(out) != []
        results.append((same, f"{os.path.basename(path)}: the same areas as virt-fw-dump"))
    for path in sys.argv[SPLIT + 1:]:
        made = build(path, out + "2")
        lacks = 4 not in [kind for _, _, kind in theirs(path)]
        results.append((made.returncode == 3 and lacks and "SVSM" in made.stderr,
                        f"{os.path.basename(path)}: no calling area, refused"))
for number, (ok, name) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {number} - {name}")
print(f"1..{len(results)}")
sys.exit(not all(ok for ok, _ in results))
