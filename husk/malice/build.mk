# SPDX-License-Identifier: MIT
husk_malice_test.srcs   := husk/malice/psp.c husk/malice/test/malice_test.c
husk_malice_test.cflags := -Ihusk/include
$(call unit_test,husk_malice_test)
