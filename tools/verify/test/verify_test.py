#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""copra-verify over good evidence and many bad ones. Prints TAP.

Each bad case names the check that must fail. A second verifier, OpenSSL's command line and the few
lines of second_opinion(), judges the same files wherever the case is not about the command line.

usage: verify_test.py BUILD PROGRAM
"""
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import evidence as ev  # noqa: E402

BUILD = os.path.abspath(sys.argv[1])
VERIFY = os.path.abspath(sys.argv[2])
KEYS = os.path.join(BUILD, "tools/husk-keys")
IGVM = os.path.join(BUILD, "tools/igvm")
NONCE = bytes(range(64))
PCRS = hashlib.sha256(b"pcrs").digest()
EK_ATTRIBUTES, AK_ATTRIBUTES = 0x000300B2, 0x00050072
tests = failures = 0


def check(name, ok, detail=""):
    global tests, failures
    tests += 1
    failures += not ok
    print(f"{'ok' if ok else 'not ok'} {tests} - {name}", flush=True)
    if not ok and detail:
        print("# " + str(detail).replace("\n", "\n# "))


class Case:
    """One set of evidence; mutations change a copy of the good one."""
    chip = other = ek = ak = None

    def __init__(self):
        chip = Case.chip
        self.report = chip.report()
        self.certs = [(ev.ARK, chip.certificates["ark"]), (ev.ASK, chip.certificates["ask"]),
                      (ev.VCEK, chip.certificates["vcek"])]
        self.table = None  # instead of certs
        self.manifest = ev.manifest([(ev.VTPM, Case.ek.public), (ev.OTHER, b"\0" * 8)])
        self.nonce, self.data = NONCE, None
        self.ark = os.path.join(chip.folder, "ark.pem")
        self.digest, self.ek = bytes(ev.get(self.report, "measurement")), Case.ek.public
        self.ak = Case.ak.public
        self.quote = ev.quote(ev.qualified(Case.ek, Case.ak), b"quote nonce", PCRS)
        self.quote_key, self.signature = Case.ak, None
        self.options, self.resign, self.cut = [], True, None

    def files(self):
        if self.resign:
            data = hashlib.sha512(self.nonce + self.manifest).digest()
            ev.put(self.report, "report_data", self.data or data)
            Case.chip.sign(self.report)
        ev.write("report", bytes(self.report[:self.cut]))
        ev.write("certs", ev.table(self.certs) if self.table is None else self.table)
        ev.write("manifest", self.manifest)
        ev.write("ek", self.ek)
        ev.write("ak", ev.tpm2b(self.ak))
        ev.write("quote", self.quote)
        ev.write("quote.sig", self.signature or self.quote_key.sign(self.quote))

    def arguments(self):
        root = ["--ark", self.ark] if self.ark else []
        return ["--report", "report", "--certs", "certs", "--manifest", "manifest", "--nonce",
                NONCE.hex(), "--digest", self.digest.hex(), "--ek", "ek", "--ak", "ak",
                "--quote", "quote", "--quote-signature", "quote.sig", "--quote-nonce",
                b"quote nonce".hex(), "--pcr-digest", PCRS.hex(), *root, *self.options]


def verify(arguments):
    result = subprocess.run([VERIFY, "--json", *arguments], capture_output=True, text=True,
                            check=False)
    return result, json.loads(result.stdout) if result.stdout else None


def pem_of(blob, name):
    ev.write("x.der", blob)
    ev.run("openssl", "x509", "-inform", "DER", "-in", "x.der", "-out", name)
    return name


def second_opinion(case):
    """True when OpenSSL and the few rules below find nothing wrong with the report's part."""
    report, certs = bytes(case.report), dict(case.certs)
    if case.table is not None or case.cut or case.ark is None or len(certs) != 3 or \
            certs[ev.ARK] != Case.chip.certificates["ark"]:
        return None
    for guid, name in ((ev.ASK, "so-ask.pem"), (ev.VCEK, "so-vcek.pem")):
        pem_of(certs[guid], name)
    chain = ev.run("openssl", "verify", "-CAfile", case.ark, "-untrusted", "so-ask.pem",
                   "so-vcek.pem")
    public = ev.run("openssl", "x509", "-in", "so-vcek.pem", "-noout", "-pubkey").stdout
    numbers = [int.from_bytes(report[at:at + 72], "little") for at in (0x2A0, 0x2E8)]
    body = b"".join(ev.der(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in numbers)
    ev.write("so.sig", ev.der(0x30, body))
    ev.write("so.pub", public)
    signature = ev.run("openssl", "dgst", "-sha384", "-verify", "so.pub", "-signature", "so.sig",
                       data=report[:0x2A0])
    return chain.returncode == 0 and signature.returncode == 0 and rules(case, report)


def rules(case, report):
    policy = ev.get(report, "policy")
    tcbs = [ev.get(report, name) for name in ("reported_tcb", "committed_tcb", "current_tcb")]
    ordered = all(a <= b for i in (0, 1) for a, b in zip(tcbs[i], tcbs[i + 1]))
    zero = not any(report[a:b].strip(b"\0") for a, b in (
        (0x4C, 0x50), (0x18B, 0x1A0), (0x1EB, 0x1EC), (0x1EF, 0x1F0), (0x208, 0x2A0),
        (0x330, 0x4A0)))
    abi = ev.get(report, "current_major"), ev.get(report, "current_minor")
    return (2 <= ev.get(report, "version") <= 5 and ev.get(report, "algo") == 1 and zero and
            policy >> 17 & 1 and not policy >> 26 and not policy >> 18 & 3 and
            abi >= (policy >> 8 & 255, policy & 255) and ordered and
            not (ev.get(report, "platform_info") & 1 and not policy >> 16 & 1) and
            ev.get(report, "vmpl") == 0 and ev.get(report, "key_info") == 0 and
            ev.get(report, "family") == 0x19 and ev.get(report, "model") < 16 and
            ev.get(report, "chip_id") == Case.chip.chip_id and
            ev.get(report, "reported_tcb") == Case.chip.tcb and
            ev.get(report, "measurement") == case.digest and
            ev.get(report, "report_data") == hashlib.sha512(NONCE + case.manifest).digest())


def field(name, value):
    def change(case):
        ev.put(case.report, name, value)
    return change


def flip(offset, resign=False):
    def change(case):
        case.files()
        case.resign = resign
        case.report[offset] ^= 1
    return change


def attribute(name, value):
    def change(case):
        setattr(case, name, value(case) if callable(value) else value)
    return change


def certificate(index, blob):
    def change(case):
        case.certs[index] = (case.certs[index][0], blob(case.certs[index][1]))
    return change


def bent(at):
    return lambda blob: blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1:]


def raised(tcb, byte):
    return tcb[:byte] + bytes([tcb[byte] + 1]) + tcb[byte + 1:]


def options(*words):
    return lambda case: case.options.extend(words)


def report_cases():
    tcb = Case.chip.tcb
    cases = [(f"report byte 0x{at:x} changed", flip(at), "report-signature") for at in (
        0x00, 0x04, 0x08, 0x10, 0x20, 0x30, 0x38, 0x40, 0x50, 0x90, 0xBF, 0xC0, 0xE0, 0x110, 0x140,
        0x160, 0x180, 0x188, 0x1A0, 0x1E0, 0x1E8, 0x1F0, 0x29F, 0x2A0, 0x2CF, 0x2E8)]
    cases += [
        ("signature's padding set", flip(0x2A0 + 60), "report-signature"),
        ("bytes behind the signature", flip(0x340), "report-reserved"),
        ("version 1", field("version", 1), "report-version"),
        ("version 6", field("version", 6), "report-version"),
        ("algorithm 0", field("algo", 0), "signature-algorithm"),
        ("reserved 0x4c", field("reserved_4c", 1), "report-reserved"),
        ("reserved 0x18b", field("reserved_18b", b"\1"), "report-reserved"),
        ("reserved 0x1eb", field("reserved_1eb", 1), "report-reserved"),
        ("reserved 0x208", field("reserved_208", b"\1"), "report-reserved"),
        ("debug allowed", field("policy", 0xB0000), "policy-debug"),
        ("migration agent", field("policy", 0x70000), "policy-migration"),
        ("policy bit 17", field("policy", 0x10000), "policy-reserved"),
        ("policy bit 26", field("policy", 0x4030000), "policy-reserved"),
        ("SMT although forbidden", field("policy", 0x20000), "platform-smt"),
        ("newer ABI in the policy", field("policy", 0x30138), "abi-version"),
        ("VMPL 1", field("vmpl", 1), "vmpl"),
        ("VMPL 2", field("vmpl", 2), "vmpl"),
        ("asked for by the host", field("vmpl", 0xFFFFFFFF), "vmpl"),
        ("another chip", field("chip_id", b"\x77" * 64), "leaf-chip"),
        ("chip ID masked", field("chip_id", bytes(64)), "leaf-chip"),
        ("signed as VLEK", field("key_info", 4), "signing-key"),
        ("signed by nothing", field("key_info", 0x1C), "signing-key"),
        ("reserved key bits", field("key_info", 0x20), "report-reserved"),
        ("Genoa", field("model", 0x11), "leaf-product"),
        ("an unknown CPU", field("family", 0x17), "leaf-product"),
        ("another measurement", field("measurement", b"\xab" * 48), "measurement"),
        ("other report data", attribute("data", b"\5" * 64), "report-data"),
        ("committed below reported", field("committed_tcb", b"\2" + tcb[1:]), "tcb-committed"),
        ("current below committed", field("current_tcb", b"\2" + tcb[1:]), "tcb-current"),
        ("a report cut short", attribute("cut", 0x49F), "report-format"),
        ("an empty answer", attribute("cut", 0x20), "report-format"),
    ]
    cases += [(f"TCB byte {byte} of the report raised",
               field("reported_tcb", raised(tcb, byte)), "leaf-tcb") for byte in (0, 1, 6, 7)]
    return cases


def certificate_cases():
    other = Case.other.certificates
    good = Case().certs
    cut = ev.table(good)

    def swap(index, name):
        return certificate(index, lambda _: other[name])

    def entry(offset, length):
        changed = bytearray(cut)
        struct.pack_into("<II", changed, 16, offset, length)
        return bytes(changed)

    return [
        ("the root is not named", attribute("ark", None), "root"),
        ("another root is named", attribute("ark", os.path.join(Case.other.folder, "ark.pem")),
         "root"),
        ("the other machine's ARK", swap(0, "ark"), "root"),
        ("the other machine's ASK", swap(1, "ask"), "ask-signature"),
        ("the other machine's VCEK", swap(2, "vcek"), "leaf-signature"),
        ("an ARK as ASK", certificate(1, lambda _: good[0][1]), "leaf-signature"),
        ("an ASK as VCEK", certificate(2, lambda _: good[1][1]), "report-signature"),
        ("ASK changed", certificate(1, bent(700)), "ask-signature"),
        ("ASK's signature changed", certificate(1, bent(-5 % len(good[1][1]))), "ask-signature"),
        ("VCEK's extensions changed", certificate(2, bent(620)), "leaf-signature"),
        ("VCEK's signature changed", certificate(2, bent(len(good[2][1]) - 5)), "leaf-signature"),
        ("VCEK cut", certificate(2, lambda blob: blob[:-1]), "certificates-format"),
        ("VCEK with a byte behind", certificate(2, lambda blob: blob + b"\0"),
         "certificates-format"),
        ("no ASK", attribute("certs", lambda case: [case.certs[0], case.certs[2]]),
         "ask-signature"),
        ("no VCEK", attribute("certs", lambda case: case.certs[:2]), "report-signature"),
        ("VCEK twice", attribute("certs", lambda case: case.certs + [case.certs[2]]),
         "certificates-format"),
        ("a table without end", attribute("table", cut[:72]), "certificates-format"),
        ("an offset outside", attribute("table", entry(len(cut), 16)), "certificates-format"),
        ("a length outside", attribute("table", entry(96, len(cut))), "certificates-format"),
        ("offset and length that wrap", attribute("table", entry(0xFFFFFFF0, 0x20)),
         "certificates-format"),
        ("noise as table", attribute("table", b"\x5a" * 500), "certificates-format"),
        ("PEM of noise", attribute("table", b"-----BEGIN CERTIFICATE-----\nAAAA\n"),
         "certificates-format"),
        ("before the certificates' time", options("--at", "1000000000"), "validity"),
        ("after the certificates' time", options("--at", "4000000000"), "validity"),
    ]


def expectation_cases():
    return [
        ("bootloader too old", options("--min-tcb", "bl=4"), "min-tcb"),
        ("microcode too old", options("--min-tcb", "bl=3,ucode=116"), "min-tcb"),
        ("SVN too low", options("--min-svn", "6"), "guest-svn"),
        ("firmware too old", options("--min-abi", "1.56"), "abi-version"),
        ("SMT not wanted", options("--no-smt"), "policy-smt"),
        ("VMPL 2 wanted", options("--vmpl", "2"), "vmpl"),
        ("host data wanted", options("--host-data", "11" * 32), "host-data"),
        ("family ID wanted", options("--family-id", "11" * 16), "family-id"),
        ("image ID wanted", options("--image-id", "11" * 16), "image-id"),
        ("ID key wanted", options("--id-key-digest", "11" * 48), "id-key"),
        ("author key wanted", options("--author-key-digest", "11" * 48), "author-key"),
        ("another chip wanted", options("--chip-id", "11" * 64), "chip-id"),
        ("another digest wanted", attribute("digest", b"\1" * 48), "measurement"),
    ]


def manifest_cases():
    ek, stranger = Case.ek.public, ev.TpmKey(EK_ATTRIBUTES, False).public
    usual = [(ev.VTPM, ek), (ev.OTHER, b"\0" * 8)]

    def unbound(case):
        case.files()
        case.resign = False
        case.manifest = case.manifest[:-1] + b"\1"

    return [
        ("manifest changed afterwards", unbound, "report-data"),
        ("another nonce", attribute("nonce", bytes(64)), "report-data"),
        ("a shorter nonce", attribute("nonce", NONCE[:63]), "report-data"),
        ("manifest GUID", attribute("manifest", ev.manifest(usual, guid=ev.OTHER)),
         "manifest-format"),
        ("manifest size", attribute("manifest", ev.manifest(usual, size=24)), "manifest-format"),
        ("manifest count", attribute("manifest", ev.manifest(usual, count=0xFFFFFFFF)),
         "manifest-format"),
        ("a service outside", attribute("manifest", ev.manifest(usual, shift=9)),
         "manifest-format"),
        ("a service in the table", attribute("manifest", ev.manifest(usual, shift=-9)),
         "manifest-format"),
        ("the vTPM twice", attribute("manifest", ev.manifest([(ev.VTPM, ek), (ev.VTPM, ek)])),
         "manifest-format"),
        ("no vTPM", attribute("manifest", ev.manifest([(ev.OTHER, b"x")])), "vtpm"),
        ("an empty vTPM", attribute("manifest", ev.manifest([(ev.VTPM, b"")])), "vtpm"),
        ("an EK cut short", attribute("manifest", ev.manifest([(ev.VTPM, ek[:-1])])), "vtpm"),
        ("another EK", attribute("manifest", ev.manifest([(ev.VTPM, stranger)])), "ek"),
        ("another EK is expected", attribute("ek", stranger), "ek"),
        ("noise as expected EK", attribute("ek", b"noise"), "ek"),
        ("a manifest of 10 bytes", attribute("manifest", b"0123456789"), "manifest-format"),
    ]


def quote_cases():
    name = ev.qualified(Case.ek, Case.ak)
    stranger = ev.TpmKey(AK_ATTRIBUTES, True)
    loose = ev.TpmKey(AK_ATTRIBUTES & ~0x10000, True)

    def by(key):
        def change(case):
            case.ak, case.quote_key = key.public, key
            case.quote = ev.quote(ev.qualified(Case.ek, key), b"quote nonce", PCRS)
        return change

    return [
        ("a quote by another key", attribute("quote_key", stranger), "quote-signature"),
        ("a quote below another EK", attribute("quote", ev.quote(
            ev.qualified(Case.ak, Case.ak), b"quote nonce", PCRS)), "quote-signer"),
        ("an AK that is not restricted", by(loose), "ak"),
        ("a public area of noise", attribute("ak", b"noise"), "ak"),
        ("another quote nonce", attribute("quote", ev.quote(name, b"quote nonc", PCRS)),
         "quote-nonce"),
        ("other PCRs", attribute("quote", ev.quote(name, b"quote nonce", bytes(32))),
         "quote-pcrs"),
        ("not made by a TPM", attribute("quote", ev.quote(name, b"quote nonce", PCRS, magic=0)),
         "quote-format"),
        ("not a quote", attribute("quote", ev.quote(name, b"quote nonce", PCRS, kind=0x8017)),
         "quote-format"),
        ("a quote with bytes behind", attribute("quote", ev.quote(
            name, b"quote nonce", PCRS) + b"\0"), "quote-format"),
        ("a signature of noise", attribute("signature", b"noise"), "quote-signature"),
    ]


def bad_evidence():
    for name, change, expected in (*report_cases(), *certificate_cases(), *expectation_cases(),
                                   *manifest_cases(), *quote_cases()):
        case = Case()
        change(case)
        case.files()
        result, verdict = verify(case.arguments())
        failed = [entry["name"] for entry in verdict["checks"]
                  if entry["result"] == "fail"] if verdict else []
        check(f"refuses {name}", result.returncode == 1 and expected in failed and
              not verdict["good"], f"status {result.returncode}: {failed} {result.stderr}")
        mine = {"report-signature", "root", "vmpl", "measurement", "report-data"}
        about_report = (change.__qualname__.split(".")[0] in ("field", "flip") or
                        expected in mine) and "wanted" not in name
        if about_report:
            opinion = second_opinion(case)
            if opinion is not None:
                check(f"OpenSSL by hand agrees: {name}", not opinion)


def good_evidence():
    case = Case()
    case.files()
    result, verdict = verify(case.arguments())
    check("good evidence", result.returncode == 0 and verdict["good"], result.stdout)
    check("a root that is not AMD's is emulated", verdict["emulated"])
    check("OpenSSL by hand agrees", second_opinion(case))
    skipped = {entry["name"] for entry in verdict["checks"] if entry["result"] == "skip"}
    check("nothing that matters was skipped", skipped == {
        "revocation", "family-id", "image-id", "id-key", "author-key", "host-data", "chip-id"},
        skipped)
    ev.write("report", bytes(case.report).hex().encode() + b"\n")
    check("the report in hex", verify(case.arguments())[0].returncode == 0)
    ev.write("report", struct.pack("<II24x", 0, 0x4A0) + bytes(case.report) + bytes(2784))
    check("the PSP's whole answer", verify(case.arguments())[0].returncode == 0)
    pem = b"".join(ev.read(os.path.join(Case.chip.folder, n + ".pem")) for n in ("ask", "vcek"))
    ev.write("certs", pem)
    check("a chain in PEM without the root", verify(case.arguments())[0].returncode == 0)
    ev.write("report", bytes(case.report))
    tsm = tempfile.mkdtemp(dir=".")
    for name, source in (("outblob", "report"), ("auxblob", "certs"), ("manifestblob",
                                                                       "manifest")):
        ev.write(os.path.join(tsm, name), ev.read(source))
    result, verdict = verify(["--tsm", tsm, "--ark", case.ark, "--nonce", NONCE.hex(),
                              "--digest", case.digest.hex()])
    check("configfs-tsm's folder", result.returncode == 0, result.stdout + result.stderr)


def single_service():
    case = Case()
    case.manifest = Case.ek.public
    case.options = ["--single-service"]
    case.files()
    result, _ = verify(case.arguments())
    check("the vTPM's own manifest", result.returncode == 0, result.stdout)


def plain_report():
    case = Case()
    case.data = NONCE
    case.files()
    usual = ["--report", "report", "--certs", "certs", "--ark", case.ark, "--digest",
             case.digest.hex(), "--nonce"]
    check("a report without a manifest", verify(usual + [NONCE.hex()])[0].returncode == 0)
    check("its nonce counts", verify(usual + [NONCE[:63].hex()])[0].returncode == 1)
    ev.put(case.report, "report_data", bytes(64))
    Case.chip.sign(case.report)
    ev.write("report", bytes(case.report))
    check("no report data for a nonce of 65 bytes",
          verify(usual + [bytes(65).hex()])[0].returncode == 1)


def image():
    made = subprocess.run([IGVM, "measure", os.path.join(BUILD, "payload.igvm")],
                          capture_output=True, text=True, check=False)
    case = Case()
    ev.put(case.report, "measurement", bytes.fromhex(made.stdout))
    case.files()
    arguments = case.arguments()
    at = arguments.index("--digest")
    arguments[at:at + 2] = ["--image", os.path.join(BUILD, "payload.igvm")]
    check("the digest of an image", verify(arguments)[0].returncode == 0)
    check("not that of more vCPUs", verify(arguments + ["--vcpus", "2"])[0].returncode == 1)
    arguments[at + 1] = "report"
    check("an image that is none", verify(arguments)[0].returncode == 3)


def command_lines():
    case = Case()
    case.files()
    usual = case.arguments()
    for name, words in {"no nonce": "--nonce", "no digest": "--digest", "no report": "--report",
                        "no certificates": "--certs", "no AK": "--ak"}.items():
        at = usual.index(words)
        check(f"{name} is a bad command line",
              verify(usual[:at] + usual[at + 2:])[0].returncode == 2)
    for words in (["--vmpl", "x"], ["--min-tcb", "xy=3"], ["--min-tcb", "bl=256"],
                  ["--host-data", "12"], ["--nonce", "zz"], ["--min-abi", "1"],
                  ["--report", "nothing"]):
        check(f"{' '.join(words)} is refused", verify(usual + words)[0].returncode == 3)
    check("an unknown option", verify(usual + ["--frobnicate"])[0].returncode == 2)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for name in ("one", "two"):
        subprocess.run([KEYS, name], check=True)
    Case.chip, Case.other = ev.Chip(os.path.abspath("one")), ev.Chip(os.path.abspath("two"))
    Case.ek, Case.ak = ev.TpmKey(EK_ATTRIBUTES, False), ev.TpmKey(AK_ATTRIBUTES, True)
    for group in (good_evidence, single_service, plain_report, image, command_lines, bad_evidence):
        group()
    os.chdir("/")
print(f"1..{tests}")
sys.exit(failures != 0)
