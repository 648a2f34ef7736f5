# SPDX-License-Identifier: MIT
sevabi_test.srcs := libs/sevabi/test/sevabi_test.c
$(call unit_test,sevabi_test)
