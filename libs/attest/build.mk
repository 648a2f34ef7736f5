# SPDX-License-Identifier: MIT
lib.attest.srcs := $(addprefix libs/attest/,attest.c chain.c leaf.c manifest.c report.c tpm.c verdict.c)
