# SPDX-License-Identifier: MIT
husk_lies_test.srcs   := husk/lies/script.c husk/lies/lies.c husk/lies/test/lies_test.c
husk_lies_test.cflags := -Ihusk/include
$(call unit_test,husk_lies_test)
