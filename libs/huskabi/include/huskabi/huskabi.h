/* SPDX-License-Identifier: MIT */
/*
 * What Husk's users see of it: the names it reads from fw_cfg, and how a run ends.
 * Kernel, tests, scripts and Husk itself take them from here; docs/husk.md explains them.
 */
#ifndef HUSKABI_H
#define HUSKABI_H

/* --- Inputs: -fw_cfg name=NAME,file=... ------------------------------------------------- */
#define HUSK_FWCFG_IGVM     "opt/copra/igvm"     /* the image to launch */
#define HUSK_FWCFG_FIRMWARE "opt/copra/firmware" /* or: a plain OVMF file, launched at VMPL0 */
#define HUSK_FWCFG_HOSTDATA "opt/copra/hostdata" /* 32 bytes for the attestation report */
#define HUSK_FWCFG_CERTS    "opt/husk/certs"     /* certificate table for extended requests */
#define HUSK_FWCFG_VCEK     "opt/husk/vcek"      /* emulated VCEK private key and TCB */
#define HUSK_FWCFG_MALICE   "opt/husk/malice"    /* script of the malicious host */
#define HUSK_FWCFG_LIES     "opt/husk/lies" /* what the host tells VMPL0: husk/include/husk/lies.h */

/* --- Options: -fw_cfg name=NAME,string=VALUE -------------------------------------------- */
#define HUSK_OPTION_PREFIX   "opt/husk/"
#define HUSK_OPTION_MODE     "opt/husk/mode"     /* snp (default) | native */
#define HUSK_OPTION_CONSOLE  "opt/husk/console"  /* port of Husk's own lines, hex; default 3f8 */
#define HUSK_OPTION_LOG      "opt/husk/log"      /* 0 errors .. 3 debug; default 1 */
#define HUSK_OPTION_CBIT     "opt/husk/cbit"     /* decimal; default 47, or 51 with LA57 */
#define HUSK_OPTION_TRACE    "opt/husk/trace"    /* exits to trace: all | vmgexit+npf+... */
#define HUSK_OPTION_STATS    "opt/husk/stats"    /* 1: statistics when the machine ends */
#define HUSK_OPTION_COST     "opt/husk/cost"     /* 1: guest TSC leaves Husk's work out */
#define HUSK_OPTION_THROTTLE "opt/husk/throttle" /* n: each n-th PSP request is answered BUSY */
#define HUSK_OPTION_REPORT   "opt/husk/report"   /* attestation report version: 2, 3 (default), 5 */
/*
 * What the host does about a nested fault that it can't repair (VMPL permission, RMP): stuck
 * (default) ends the machine with a report; switch runs VMPL0 of the same vCPU, which finds exit
 * code 0x400 and the fault's EXITINFO1/2 in the VMSA.
 */
#define HUSK_OPTION_VIOLATION "opt/husk/violation"

/* Every name under these two prefixes is hidden from the guest. */
#define HUSK_HIDDEN_PREFIX_IMAGE "opt/copra/"
#define HUSK_HIDDEN_PREFIX_HUSK  "opt/husk/"

/* --- How a run ends: -device isa-debug-exit,iobase=0xf4,iosize=4 --------------------------- */
#define HUSK_EXIT_PORT 0xf4
/* QEMU's exit status is (value << 1) | 1. */
#define HUSK_QEMU_STATUS(value) (((value) << 1) | 1)

#define HUSK_EXIT_TESTS_PASSED 0x10 /* 33: a test image: all passed */
#define HUSK_EXIT_TESTS_FAILED 0x11 /* 35: a test image: something failed */
#define HUSK_EXIT_BAD_IMAGE    0x20 /* 65: no image, or Husk can't use it */
#define HUSK_EXIT_BAD_MACHINE  0x21 /* 67: QEMU's machine or CPU model lacks something */
#define HUSK_EXIT_REFUSED      0x22 /* 69: the launch failed a check (ID block, policy, CPUID page) */
#define HUSK_EXIT_TERMINATED   0x23 /* 71: the guest asked for termination (GHCB) */
#define HUSK_EXIT_SHUTDOWN     0x24 /* 73: shutdown event, i.e. a triple fault of the guest */
#define HUSK_EXIT_STUCK        0x25 /* 75: endless nested fault, or nothing left to run */
#define HUSK_EXIT_VMRUN        0x26 /* 77: VMRUN refused the guest's state */
#define HUSK_EXIT_RESET        0x27 /* 79: the guest asked for a reset */
#define HUSK_EXIT_HARMED       0x28 /* 81: the malicious host's oracle saw the guest harmed */
#define HUSK_EXIT_INTERNAL     0x2f /* 95: a defect of Husk itself */

#endif
