#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The SNP launch digest of an IGVM file: a second implementation, from the formats' descriptions.

usage: digest.py FILE [VCPUS]
"""
import hashlib
import struct
import sys
import zlib

PAGE = 4096
SNP = 2
VMSA_GPA = 0xFFFFFFFFF000


class Bad(Exception):
    pass


def headers(data):
    """Yields (type, content) of each variable header, after the fixed header's checks."""
    magic, version, offset, size, total, crc = struct.unpack_from("<4sIIIII", data)
    if magic != b"IGVM" or version not in (1, 2) or total != len(data):
        raise Bad("fixed header")
    fixed = bytearray(data[:24 if version == 1 else 32])
    fixed[20:24] = bytes(4)
    if zlib.crc32(data[offset:offset + size], zlib.crc32(fixed)) != crc:
        raise Bad("checksum")
    end = offset + size
    while offset < end:
        kind, length = struct.unpack_from("<II", data, offset)
        yield kind & 0x7FFFFFFF, data[offset + 8:offset + 8 + length]
        offset += 8 + (length + 7 & ~7)


def reset_vmsa(features):
    """A vCPU after reset, as SNP starts it."""
    page = bytearray(PAGE)

    def put(offset, form, *values):
        struct.pack_into("<" + form, page, offset, *values)

    for offset in (0x00, 0x20, 0x30, 0x40, 0x50):
        put(offset, "HHIQ", 0, 0x93, 0xFFFF, 0)
    put(0x10, "HHIQ", 0xF000, 0x9B, 0xFFFF, 0xFFFF0000)
    put(0x60, "HHIQ", 0, 0, 0xFFFF, 0)
    put(0x70, "HHIQ", 0, 0x82, 0xFFFF, 0)
    put(0x80, "HHIQ", 0, 0, 0xFFFF, 0)
    put(0x90, "HHIQ", 0, 0x8B, 0xFFFF, 0)
    put(0xD0, "Q", 0x1000)
    put(0x158, "Q", 0x60000010)
    put(0x160, "Q", 0x400)
    put(0x168, "Q", 0xFFFF0FF0)
    put(0x170, "Q", 2)
    put(0x178, "Q", 0xFFF0)
    put(0x268, "Q", 0x0007040600070406)
    put(0x3B0, "Q", features)
    put(0x3E8, "Q", 1)
    put(0x408, "I", 0x1F80)
    put(0x40C, "H", 0x5555)
    put(0x410, "H", 0x40)
    return bytes(page)


class Launch:
    def __init__(self):
        self.digest = bytes(48)

    def page(self, kind, gpa, content=None):
        inner = hashlib.sha384(content).digest() if content is not None else bytes(48)
        info = struct.pack("<48s48sHBBIQ", self.digest, inner, 0x70, kind, 0, 0, gpa)
        self.digest = hashlib.sha384(info).digest()


def page_data(launch, data, content, mask):
    gpa, own, at, flags, kind = struct.unpack_from("<QIIIH", content)
    if not own & mask or flags & 4:
        return
    for i in range(512 if flags & 1 else 1):
        where = at + i * PAGE
        page = data[where:where + PAGE] if at else bytes(PAGE)
        if kind == 1:
            launch.page(5, gpa + i * PAGE)
        elif kind in (2, 3):
            launch.page(6, gpa + i * PAGE)
        elif flags & 2:
            launch.page(4, gpa + i * PAGE)
        else:
            launch.page(1, gpa + i * PAGE, page)


def measure(data, vcpus=0):
    launch, mask, areas, vmsas = Launch(), 0, {}, {}
    for kind, content in headers(data):
        if kind == 0x001 and content[5] == SNP:
            mask = struct.unpack_from("<I", content)[0]
        elif kind == 0x301:
            size, index = struct.unpack_from("<QI", content)
            areas[index] = size
        elif kind == 0x302:
            page_data(launch, data, content, mask)
        elif kind == 0x303:
            gpa, own, index = struct.unpack_from("<QII", content)
            for at in range(0, areas[index] if own & mask else 0, PAGE):
                launch.page(4, gpa + at)
        elif kind == 0x304:
            _, own, at, index = struct.unpack_from("<QIIH", content)
            if own & mask:
                vmsas[index] = data[at:at + PAGE]
    if not mask:
        raise Bad("no SNP")
    features = struct.unpack_from("<Q", vmsas[0], 0x3B0)[0]
    for index in range(vcpus or len(vmsas)):
        launch.page(2, VMSA_GPA, vmsas.get(index) or reset_vmsa(features))
    return launch.digest.hex()


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        print(measure(file.read(), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
