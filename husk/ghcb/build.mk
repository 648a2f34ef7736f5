# SPDX-License-Identifier: MIT
husk_ghcb_test.srcs := $(wildcard husk/ghcb/*.c husk/ghcb/test/*.c) husk/malice/psp.c
husk_ghcb_test.cflags := -Ihusk/include -Ihusk/ghcb -Ihusk/ghcb/test
$(call unit_test,husk_ghcb_test)
