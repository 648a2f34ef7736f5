# SPDX-License-Identifier: MIT
"""Evidence made from the formats' descriptions: reports, certificate tables, manifests, quotes."""
import hashlib
import os
import struct
import subprocess
import tempfile
import uuid

ARK = "c0b406a4-a803-4952-9743-3fb6014cd0ae"
ASK = "4ab7b379-bbac-4fe4-a02f-05aef327c782"
VCEK = "63da758d-e664-4564-adc5-f4b93be8accd"
MANIFEST = "63849ebb-3d92-4670-a1ff-58f9c94b87bb"
VTPM = "c476f1eb-0123-45a5-9641-b4e7dde5bfe3"
OTHER = "a4453a59-9e1b-4787-a033-1986d6adbe55"

REPORT_SIZE, SIGNED = 0x4A0, 0x2A0
# offset and struct format of the report's fields
FIELDS = {
    "version": (0x000, "I"), "guest_svn": (0x004, "I"), "policy": (0x008, "Q"),
    "family_id": (0x010, "16s"), "image_id": (0x020, "16s"), "vmpl": (0x030, "I"),
    "algo": (0x034, "I"), "current_tcb": (0x038, "8s"), "platform_info": (0x040, "Q"),
    "key_info": (0x048, "I"), "reserved_4c": (0x04C, "I"), "report_data": (0x050, "64s"),
    "measurement": (0x090, "48s"), "host_data": (0x0C0, "32s"), "id_key": (0x0E0, "48s"),
    "author_key": (0x110, "48s"), "reported_tcb": (0x180, "8s"), "family": (0x188, "B"),
    "model": (0x189, "B"), "stepping": (0x18A, "B"), "reserved_18b": (0x18B, "21s"),
    "chip_id": (0x1A0, "64s"), "committed_tcb": (0x1E0, "8s"), "current_build": (0x1E8, "B"),
    "current_minor": (0x1E9, "B"), "current_major": (0x1EA, "B"), "reserved_1eb": (0x1EB, "B"),
    "committed_minor": (0x1ED, "B"), "committed_major": (0x1EE, "B"), "launch_tcb": (0x1F0, "8s"),
    "reserved_208": (0x208, "152s"),
}


def run(*arguments, data=None):
    return subprocess.run(arguments, input=data, capture_output=True, check=False)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    return path


def get(report, field):
    return struct.unpack_from("<" + FIELDS[field][1], report, FIELDS[field][0])[0]


def put(report, field, value):
    struct.pack_into("<" + FIELDS[field][1], report, FIELDS[field][0], value)


def der(tag, body):
    length = bytes([len(body)]) if len(body) < 128 else bytes([0x81, len(body)])
    return bytes([tag]) + length + body


class Chip:
    """One emulated chip's keys, as tools/husk-keys made them."""

    def __init__(self, folder):
        self.folder = folder
        blob = read(os.path.join(folder, "vcek.bin"))
        self.scalar, self.chip_id, self.tcb = blob[8:56], blob[56:120], blob[120:128]
        self.certificates = {name: read(os.path.join(folder, name + ".der"))
                             for name in ("ark", "ask", "vcek")}
        body = der(2, b"\1") + der(4, self.scalar) + der(0xA0, bytes.fromhex("06052b81040022"))
        self.key = write(os.path.join(folder, "vcek-key.der"), der(0x30, body))

    def sign(self, report):
        """Signs in place: ECDSA P-384 over the first 0x2a0 bytes, R and S little endian."""
        report[SIGNED:] = bytes(512)
        signature = run("openssl", "dgst", "-sha384", "-keyform", "DER", "-sign", self.key,
                        data=bytes(report[:SIGNED])).stdout
        at = 2
        for offset in (0, 72):
            size = signature[at + 1]
            number = int.from_bytes(signature[at + 2:at + 2 + size], "big")
            report[SIGNED + offset:SIGNED + offset + 72] = number.to_bytes(72, "little")
            at += 2 + size

    def report(self):
        report = bytearray(REPORT_SIZE)
        for field, value in {
                "version": 3, "guest_svn": 5, "policy": 0x30000, "algo": 1,
                "current_tcb": self.tcb, "platform_info": 0x25, "report_data": bytes(64),
                "measurement": b"\xaa" * 48, "reported_tcb": self.tcb, "family": 0x19,
                "model": 1, "stepping": 1, "chip_id": self.chip_id, "committed_tcb": self.tcb,
                "current_minor": 55, "current_major": 1, "committed_minor": 55,
                "committed_major": 1, "launch_tcb": self.tcb}.items():
            put(report, field, value)
        return report


def table(entries, end=True):
    """A certificate table of (GUID, DER) pairs."""
    offset = 24 * (len(entries) + (1 if end else 0))
    head, body = b"", b""
    for guid, blob in entries:
        head += uuid.UUID(guid).bytes + struct.pack("<II", offset + len(body), len(blob))
        body += blob
    return head + (bytes(24) if end else b"") + body


def manifest(services, size=None, count=None, guid=MANIFEST, shift=0):
    """A manifest of (GUID, data) pairs; the other arguments are for bad ones."""
    offset = 24 + 24 * len(services)
    head, body = b"", b""
    for service, data in services:
        head += uuid.UUID(service).bytes_le + struct.pack("<II", offset + len(body) + shift,
                                                          len(data))
        body += data
    total = offset + len(body)
    return uuid.UUID(guid).bytes_le + struct.pack(
        "<II", total if size is None else size,
        len(services) if count is None else count) + head + body


def tpm2b(data):
    return struct.pack(">H", len(data)) + data


class TpmKey:
    """An RSA-2048 key with a TPM's public area around it."""

    def __init__(self, attributes, signing):
        self.pem = tempfile.mktemp(suffix=".pem", dir=".")
        run("openssl", "genrsa", "-out", self.pem, "2048")
        modulus = run("openssl", "rsa", "-in", self.pem, "-noout", "-modulus").stdout
        number = bytes.fromhex(modulus.decode().strip().split("=")[1])
        scheme = struct.pack(">HHH", 0x10, 0x14, 0x0B) if signing else \
            struct.pack(">HHHH", 6, 128, 0x43, 0x10)
        self.public = struct.pack(">HHI", 1, 0x0B, attributes) + tpm2b(b"") + scheme + \
            struct.pack(">HI", 2048, 0) + tpm2b(number)
        self.name = b"\0\x0b" + hashlib.sha256(self.public).digest()

    def sign(self, message):
        signature = run("openssl", "dgst", "-sha256", "-sign", self.pem, data=message).stdout
        return struct.pack(">HH", 0x14, 0x0B) + tpm2b(signature)


def qualified(ek, ak):
    above = b"\0\x0b" + hashlib.sha256(bytes.fromhex("4000000b") + ek.name).digest()
    return b"\0\x0b" + hashlib.sha256(above + ak.name).digest()


def quote(signer, nonce, pcrs, magic=0xFF544347, kind=0x8018):
    return struct.pack(">IH", magic, kind) + tpm2b(signer) + tpm2b(nonce) + bytes(17 + 8) + \
        struct.pack(">IHB3s", 1, 0x0B, 3, b"\xff\0\0") + tpm2b(pcrs)
