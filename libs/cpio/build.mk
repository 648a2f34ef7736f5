# SPDX-License-Identifier: MIT
lib.cpio.srcs := libs/cpio/src/cpio.c

test-cpio.srcs := libs/cpio/test/test_cpio.c
test-cpio.libs := cpio
$(call unit_test,test-cpio)
