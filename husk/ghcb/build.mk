# SPDX-License-Identifier: MIT
husk_ghcb_test.srcs := $(wildcard husk/ghcb/*.c husk/ghcb/test/*.c) husk/malice/psp.c
husk_ghcb_test.cflags := -Ihusk/include -Ihusk/ghcb -Ihusk/ghcb/test
$(call unit_test,husk_ghcb_test)

husk_ghcb_fuzz.srcs   := $(wildcard husk/ghcb/*.c) husk/malice/psp.c husk/ghcb/test/fake_machine.c husk/ghcb/fuzz/ghcb_fuzz.c
husk_ghcb_fuzz.cflags := -Ihusk/include -Ihusk/ghcb -Ihusk/ghcb/test
husk_ghcb_fuzz.ldlibs := -lcmocka
$(call fuzzer,husk_ghcb_fuzz)
