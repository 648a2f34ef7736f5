# SPDX-License-Identifier: MIT
husk_rmp_test.srcs   := husk/rmp/rmp.c husk/rmp/instructions.c husk/rmp/test/rmp_test.c
husk_rmp_test.cflags := -Ihusk/include -Ihusk/rmp
$(call unit_test,husk_rmp_test)
