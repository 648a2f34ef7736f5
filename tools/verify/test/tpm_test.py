#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""copra-verify reads what tpm2-tools make with a TPM (swtpm): EK, AK, quote. Prints TAP.

The report around them is signed by an emulated chip's key, its manifest names the TPM's real EK.
usage: tpm_test.py BUILD PROGRAM
"""
import hashlib
import os
import subprocess
import sys
import tempfile
import time

import evidence as ev

BUILD, VERIFY = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
NONCE = b"\x42" * 32
results = []


def check(name, ok, detail=""):
    results.append(ok)
    print(f"{'ok' if ok else 'not ok'} {len(results)} - {name}")
    if not ok:
        print("# " + str(detail).replace("\n", "\n# "))


def tpm2(*arguments):
    result = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        sys.exit(f"Bail out! {' '.join(arguments)}: {result.stderr}")
    return result.stdout


def start_tpm():
    """swtpm on a Unix socket, for tpm2-tools' swtpm TCTI."""
    os.mkdir("state")
    tpm = subprocess.Popen(["swtpm", "socket", "--tpm2", "--tpmstate", "dir=state", "--server",
                            "type=unixio,path=tpm.sock", "--ctrl",
                            "type=unixio,path=tpm.sock.ctrl", "--flags", "startup-clear"],
                           stderr=subprocess.DEVNULL)
    for _ in range(100):
        if os.path.exists("tpm.sock"):
            break
        time.sleep(0.1)
    os.environ["TPM2TOOLS_TCTI"] = "swtpm:path=" + os.path.abspath("tpm.sock")
    return tpm


def make_keys(name, algorithm):
    hashes = {"rsa": "rsassa", "ecc": "ecdsa"}
    tpm2("tpm2_createek", "-G", algorithm, "-c", f"{name}.ctx", "-u", f"{name}.pub")
    tpm2("tpm2_createak", "-C", f"{name}.ctx", "-c", f"{name}-ak.ctx", "-G", algorithm, "-g",
         "sha256", "-s", hashes[algorithm], "-u", f"{name}-ak.pub")
    tpm2("tpm2_flushcontext", "-t")
    tpm2("tpm2_quote", "-c", f"{name}-ak.ctx", "-l", "sha256:0,1,2", "-q", "cafe", "-m",
         f"{name}.msg", "-s", f"{name}.sig", "-o", f"{name}.pcrs")
    tpm2("tpm2_flushcontext", "-t")


def bind(chip, ek):
    """Report and manifest for that EK (TPM2B_PUBLIC, as tpm2-tools write it)."""
    manifest = ev.manifest([(ev.VTPM, ek[2:])])
    report = chip.report()
    ev.put(report, "report_data", hashlib.sha512(NONCE + manifest).digest())
    chip.sign(report)
    ev.write("report", bytes(report))
    ev.write("manifest", manifest)
    return ev.get(report, "measurement").hex()


def verify(digest, name, ak=None):
    ak = ak or f"{name}-ak.pub"
    return subprocess.run(
        [VERIFY, "--report", "report", "--certs", "chip/certs.bin", "--ark", "chip/ark.pem",
         "--manifest", "manifest", "--nonce", NONCE.hex(), "--digest", digest, "--ek",
         f"{name}.pub", "--ak", ak, "--quote", f"{name}.msg", "--quote-signature", f"{name}.sig",
         "--quote-nonce", "cafe"], capture_output=True, text=True, check=False)


def activates(name, attested):
    """Whether the TPM gives up a secret that was made for the attested EK and this AK (docs/attestation.md)."""
    public = ev.read(f"{name}-ak.pub")[2:]
    ev.write("attested.pub", ev.tpm2b(attested))
    ev.write("secret", os.urandom(32))
    tpm2("tpm2_makecredential", "-T", "none", "-u", "attested.pub", "-s", "secret", "-n",
         (b"\0\x0b" + hashlib.sha256(public).digest()).hex(), "-o", "credential")
    tpm2("tpm2_startauthsession", "--policy-session", "-S", "session.ctx")
    tpm2("tpm2_policysecret", "-S", "session.ctx", "-c", "e")
    done = subprocess.run(["tpm2_activatecredential", "-c", f"{name}-ak.ctx", "-C", f"{name}.ctx",
                           "-i", "credential", "-o", "out", "-P", "session:session.ctx"],
                          capture_output=True, check=False)
    tpm2("tpm2_flushcontext", "session.ctx")
    tpm2("tpm2_flushcontext", "-t")
    return done.returncode == 0 and ev.read("out") == ev.read("secret")


def run():
    subprocess.run([os.path.join(BUILD, "tools/husk-keys"), "chip"], check=True)
    chip = ev.Chip("chip")
    for algorithm in ("rsa", "ecc"):
        make_keys(algorithm, algorithm)
        digest = bind(chip, ev.read(f"{algorithm}.pub"))
        result = verify(digest, algorithm)
        check(f"{algorithm.upper()}: EK, AK and quote of a TPM", result.returncode == 0,
              result.stdout + result.stderr)
    check("the attested EK's TPM activates a credential for its AK",
          activates("rsa", ev.read("rsa.pub")[2:]))
    check("it does not for an AK of another EK", not activates("ecc", ev.read("rsa.pub")[2:]))
    other = verify(digest, "rsa")
    check("the other EK's quote", other.returncode == 1 and "quote-signer" in other.stdout,
          other.stdout)
    message = ev.read("ecc.msg")
    ev.write("ecc.msg", message[:-1] + bytes([message[-1] ^ 1]))
    check("a changed quote", verify(digest, "ecc").returncode == 1)
    ev.write("ecc.msg", message)
    check("another AK", verify(digest, "ecc", "rsa-ak.pub").returncode == 1)


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    swtpm = start_tpm()
    try:
        run()
    finally:
        swtpm.terminate()
        swtpm.wait()
        os.chdir("/")
print(f"1..{len(results)}")
sys.exit(not all(results))
