# SPDX-License-Identifier: MIT
test-rng.srcs   := kernel/rng/test/test_rng.c kernel/rng/rng.c kernel/rng/health.c
test-rng.cflags := -Ikernel/include -Ikernel/arch/x86/include
$(call use_mbedtls,test-rng,host)
$(call unit_test,test-rng)
