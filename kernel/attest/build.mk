# SPDX-License-Identifier: MIT
attest-test.srcs := kernel/attest/attest.c kernel/attest/operation.c kernel/attest/manifest.c \
	kernel/attest/test/attest_test.c
attest-test.cflags := -Ikernel/include
$(call use_mbedtls,attest-test,host)
$(call unit_test,attest-test)
