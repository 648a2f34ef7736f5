# SPDX-License-Identifier: MIT
"""A firmware image with OVMF's metadata and nothing else, to be bent by tests."""
import struct
import uuid

FOOTER = "96b582de-1fb2-45f7-baea-a366c55a082d"
SEV = "dc886566-984a-4798-a75e-5585a7bf67cc"
IGVM = "784fa70e-3176-4677-8a20-04b68699e374"

SEV_AREAS = [(0x800000, 0x9000, 1), (0x80A000, 0x3000, 1), (0x80D000, 0x1000, 2),
             (0x80E000, 0x1000, 3), (0x80F000, 0x1000, 4), (0x811000, 0x1F000, 1),
             (0x810000, 0x1000, 0x10)]
IGVM_AREAS = [(0x812000, 0x1000, 0x100), (0, 0xC0, 0x101), (0xC0, 16, 0x102),
              (0x813000, 0x1000, 0x200)]


def metadata(signature, areas, version=1, count=None):
    count = len(areas) if count is None else count
    return struct.pack("<4sIII", signature, 16 + 12 * len(areas), version, count) + b"".join(
        struct.pack("<III", *area) for area in areas)


def entry(guid, body):
    return body + struct.pack("<H", len(body) + 18) + uuid.UUID(guid).bytes_le


def firmware(size=0x10000, sev=None, igvm=None, sev_guid=SEV, tail=32, sev_offset=None):
    """The image; sev and igvm are metadata blobs (None: the usual ones)."""
    sev = metadata(b"ASEV", SEV_AREAS) if sev is None else sev
    igvm = metadata(b"IGVM", IGVM_AREAS) if igvm is None else igvm
    offset = 0x1000 if sev_offset is None else sev_offset
    body = entry(IGVM, struct.pack("<I", 0x800)) + entry(sev_guid, struct.pack("<I", offset))
    table = body + struct.pack("<H", len(body) + 18) + uuid.UUID(FOOTER).bytes_le
    image = bytearray(b"\xff" * size)
    image[size - 0x1000:size - 0x1000 + len(sev)] = sev
    image[size - 0x800:size - 0x800 + len(igvm)] = igvm
    image[size - tail - len(table):size - tail] = table
    return bytes(image)
