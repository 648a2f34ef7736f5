#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The program igvm from outside: what it makes, what it refuses, and how it says so. Prints TAP.

usage: cli.py BUILD PROGRAM
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import digest  # noqa: E402
import ovmf    # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
IGVM = os.path.abspath(sys.argv[2])
SHIM = os.path.join(BUILD, "boot/shim.bin")
KERNEL = os.path.join(BUILD, "tools/test/payload.elf")
number = failures = 0


def check(name, ok, detail=""):
    global number, failures
    number += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {number} - {name}")
    if not ok and detail:
        print("# " + str(detail).replace("\n", "\n# "))


def run(*arguments):
    return subprocess.run([IGVM, *arguments], capture_output=True, text=True, check=False)


def write(name, content):
    with open(name, "wb") as file:
        file.write(content)
    return name


def read(name):
    with open(name, "rb") as file:
        return file.read()


def build(*arguments, kernel=KERNEL, shim=SHIM, output="out.igvm"):
    return run("build", "--shim", shim, "--kernel", kernel, "-o", output, *arguments)


def refuses(name, status, words, *arguments, **files):
    """The build ends with a status, a message that has the words, and no output file."""
    result = build(*arguments, output="refused.igvm", **files)
    left = [entry for entry in os.listdir(".") if entry.startswith("refused")]
    check(f"refuses {name}", result.returncode == status and words in result.stderr and not left,
          f"status {result.returncode}, files {left}: {result.stderr}")


def digests():
    firmware = write("fw.fd", ovmf.firmware())
    archive = write("archive.cpio", b"070701" + bytes(9000))
    real = os.path.join(BUILD, "guest/OVMF.fd")
    cases = {
        "the plain image": [],
        "archive and firmware": ["--archive", archive, "--firmware", firmware],
        "four VMSAs": ["--set", "vmsa-count=4"],
        "other features": ["--set", "sev-features=snp 0x20 secure-tsc", "--set", "policy=0xb0000"],
        "another region": ["--set", "region=0x40000000 64M"],
        "SNP alone": ["--set", "platforms=snp"],
        "QEMU 10.2's subset": ["--set", "qemu-10.2=yes"],
    }
    if os.path.exists(real):
        cases["the packaged OVMF"] = ["--firmware", real]
    for name, arguments in cases.items():
        result = build(*arguments)
        if result.returncode != 0:
            check(f"digest agrees: {name}", False, result.stderr)
            continue
        ours = run("measure", "out.igvm")
        theirs = digest.measure(read("out.igvm"))
        check(f"digest agrees: {name}", ours.stdout.strip() == theirs, ours.stdout + ours.stderr)
    build()
    ours = run("measure", "--vcpus", "5", "out.igvm").stdout.strip()
    check("digest agrees: --vcpus 5", ours == digest.measure(read("out.igvm"), 5))
    other = run("measure", "--vcpus", "5", "--vcpu-signature", "0xa00f11", "out.igvm").stdout
    check("the vCPU signature counts", other.strip() not in ("", ours))


def builds():
    first, second = build(output="a.igvm"), build(output="b.igvm")
    check("two builds are identical", first.returncode == second.returncode == 0 and
          read("a.igvm") == read("b.igvm"))
    check("--check-kvm accepts it", run("measure", "--check-kvm", "a.igvm").returncode == 0)
    build("--set", "vmsa-count=2")
    result = run("measure", "--check-kvm", "out.igvm")
    check("--check-kvm refuses two VMSAs", result.returncode == 5 and "VMSA" in result.stderr)
    check("a file with 2 VMSAs is not for one vCPU",
          run("measure", "--vcpus", "1", "out.igvm").returncode == 3)
    build("--set", "platforms=native")
    result = run("measure", "out.igvm")
    check("no digest without SNP", result.returncode == 3 and "SEV_SNP" in result.stderr)
    recipe = write("ok.recipe", b"# comment\n\n  guest-vmpl   1  # more\nconsole off\n")
    check("recipe with comments", build("--recipe", recipe).returncode == 0)


def bad_command_lines():
    check("no command", run().returncode == 2)
    check("unknown command", run("frobnicate").returncode == 2)
    check("build without arguments", run("build").returncode == 2)
    check("measure without a file", run("measure").returncode == 2)
    check("measure --vcpus 0", run("measure", "--vcpus", "0", "a.igvm").returncode == 2)
    check("dump of two files", run("dump", "a.igvm", "b.igvm").returncode == 2)
    check("sign without a key", run("sign", "-o", "x", "a.igvm").returncode == 2)
    refuses("a value without =", 2, "KEY=VALUE", "--set", "console")
    refuses("an unknown key", 3, "unknown key", "--set", "colour=blue")
    for setting in ("region=0x08000000", "region=0 32M", "region=0x08100000 32M",
                    "region=0xffe00000 4M", "guest-vmpl=0", "guest-vmpl=4", "policy=0x10000",
                    "sev-features=debug-swap", "sev-features=nonsense", "platforms=",
                    "platforms=tdx", "console=70000", "vmsa-count=0", "log-level=loud",
                    "debug-exit=maybe", "policy=0x30000000000000000"):
        refuses(setting, 3, "igvm: ", "--set", setting)


def bad_inputs():
    refuses("a missing kernel", 4, "nothing.elf", kernel="nothing.elf")
    refuses("a missing recipe", 4, "nothing.recipe", "--recipe", "nothing.recipe")
    refuses("an empty shim", 3, "shim", shim=write("empty", b""))
    refuses("a shim of two pages", 3, "shim", shim=write("large", bytes(8192)))
    refuses("an archive that is none", 3, "cpio", "--archive", write("noise", b"not cpio"))
    kernel = read(KERNEL)
    refuses("text as kernel", 3, "not an ELF", kernel=write("k", b"x" * 100))
    for size in (10, 63, 70, 150, len(kernel) // 4):
        result = build(kernel=write("k", kernel[:size]), output="refused.igvm")
        check(f"refuses a kernel of {size} bytes", result.returncode == 3 and
              not os.path.exists("refused.igvm"), result.stderr)
    low = bytearray(kernel)
    struct.pack_into("<Q", low, struct.unpack_from("<Q", kernel, 32)[0] + 16, 0x100000)
    refuses("a kernel linked low", 3, "BOOT_KERNEL_VBASE", kernel=write("k", bytes(low)))
    entry = bytearray(kernel)
    struct.pack_into("<Q", entry, 24, 0xffffffff80000000)
    refuses("an entry outside the text", 3, "entry point", kernel=write("k", bytes(entry)))
    refuses("a kernel larger than the region", 3, "region",
            "--set", "region=0x08000000 2M", "--archive", write("a", b"070701" + bytes(1 << 21)))
    result = build(output="no/such/folder/x.igvm")
    check("an output that can't be written", result.returncode == 4, result.stderr)


def bad_firmware():
    sev = ovmf.SEV_AREAS
    cases = {
        "firmware of noise": (b"\xff" * 0x10000, "no SEV metadata"),
        "empty firmware": (b"", "empty"),
        "firmware in half pages": (ovmf.firmware()[0x800:], "whole pages"),
        "firmware cut at its end": (ovmf.firmware()[:-0x1000], "no SEV metadata"),
        "firmware without SEV entry": (ovmf.firmware(sev_guid=ovmf.FOOTER), "no SEV metadata"),
        "metadata outside": (ovmf.firmware(sev_offset=0x20000), "outside"),
        "metadata at the very end": (ovmf.firmware(sev_offset=4), "outside"),
        "metadata signature": (ovmf.firmware(sev=ovmf.metadata(b"ASEX", sev)), "signature"),
        "metadata version": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev, version=2)), "version"),
        "metadata count": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev, count=1 << 20)),
                           "truncated"),
        "metadata without CAA": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev[:4])), "lacks"),
        "areas that overlap": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev + [
            (0x80B000, 0x1000, 1)])), "overlap"),
        "areas in half pages": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev + [
            (0x900800, 0x1000, 1)])), "page aligned"),
        "areas in the firmware": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev + [
            (0xFFFFF000, 0x1000, 1)])), "below the firmware"),
        "an area in the region": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev + [
            (0x08000000, 0x1000, 1)])), "overlaps the region"),
        "too many areas": (ovmf.firmware(sev=ovmf.metadata(b"ASEV", sev + [
            (0x1000000 + i * 0x1000, 0x1000, 1) for i in range(20)])), "too many"),
        "a memory map outside its area": (ovmf.firmware(igvm=ovmf.metadata(b"IGVM", [
            (0x812000, 0x1000, 0x100), (0xFFF, 0xC0, 0x101)])), "parameter area"),
        "a memory map before its area": (ovmf.firmware(igvm=ovmf.metadata(b"IGVM", [
            (0, 0xC0, 0x101)])), "parameter area"),
    }
    for name, (image, words) in cases.items():
        refuses(name, 3, words, "--firmware", write("bad.fd", image))


def dumps():
    build("--firmware", write("fw.fd", ovmf.firmware()))
    data = read("out.igvm")
    result = run("dump", "--json", "out.igvm")
    dump = json.loads(result.stdout)
    kinds = [kind for kind, _ in digest.headers(data)]
    check("dump --json has every header", len(dump["headers"]) == len(kinds))
    text = run("dump", "out.igvm").stdout
    check("dump has a line per header", len(text.splitlines()) == len(kinds) + 1)
    order = [header["type"] for header in dump["headers"]]
    last_insert = len(order) - 1 - order[::-1].index("PARAMETER_INSERT")
    check("all parameters come before all pages", last_insert < order.index("PAGE_DATA"))
    cut = run("dump", write("cut.igvm", data[:-1]))
    check("a cut file is named", cut.returncode == 3 and "0x10" in cut.stderr, cut.stderr)
    bent = bytearray(data)
    at = data.index(struct.pack("<II", 0x302, 24)) + 8
    struct.pack_into("<Q", bent, at, 0x1234)
    cut = run("dump", write("bent.igvm", bytes(bent)))
    check("a changed header breaks the checksum", "checksum" in cut.stderr, cut.stderr)


def der_number(value):
    raw = value.to_bytes(49, "big").lstrip(b"\0") or b"\0"
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return b"\x02" + bytes([len(raw)]) + raw


def der_signature(fields):
    body = b"".join(der_number(int.from_bytes(bytes.fromhex(fields[name]), "little"))
                    for name in ("signature_r", "signature_s"))
    return b"\x30" + bytes([len(body)]) + body


def openssl(*arguments):
    return subprocess.run(["openssl", *arguments], capture_output=True, check=False)


def signatures():
    openssl("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "id.pem")
    openssl("ec", "-in", "id.pem", "-pubout", "-out", "id.pub")
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "p256.pem")
    build()
    before = run("measure", "out.igvm").stdout
    family, image = "00112233445566778899aabbccddeeff", "ff" * 16
    result = run("sign", "--key", "id.pem", "--family-id", family, "--image-id", image, "--svn",
                 "7", "-o", "signed.igvm", "out.igvm")
    check("sign", result.returncode == 0, result.stderr)
    check("signing leaves the digest", run("measure", "signed.igvm").stdout == before)
    fields = json.loads(run("dump", "--json", "signed.igvm").stdout)["headers"][-1]
    block = struct.pack("<48s16s16sIIQ", bytes.fromhex(before.strip()), bytes.fromhex(family),
                        bytes.fromhex(image), 1, 7, 0x30000)
    write("block", block)
    write("sig", der_signature(fields))
    verify = openssl("dgst", "-sha384", "-verify", "id.pub", "-signature", "sig", "block")
    check("OpenSSL accepts the ID block's signature", verify.returncode == 0, verify.stdout)
    run("sign", "--key", "id.pem", "--author-key", "id.pem", "-o", "twice.igvm", "signed.igvm")
    types = [header["type"] for header in
             json.loads(run("dump", "--json", "twice.igvm").stdout)["headers"]]
    check("signing again replaces the block", types.count("SNP_ID_BLOCK") == 1)
    result = run("sign", "--key", "p256.pem", "-o", "x.igvm", "out.igvm")
    check("a P-256 key is refused", result.returncode == 3 and not os.path.exists("x.igvm"))
    result = run("sign", "--key", "block", "-o", "x.igvm", "out.igvm")
    check("a key that is none is refused", result.returncode == 3)
    result = run("sign", "--key", "id.pem", "--family-id", "12", "-o", "x.igvm", "out.igvm")
    check("a short ID is refused", result.returncode == 2)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for group in (digests, builds, bad_command_lines, bad_inputs, bad_firmware, dumps, signatures):
        group()
    os.chdir("/")
print(f"1..{number}")
sys.exit(failures != 0)
