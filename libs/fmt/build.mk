# SPDX-License-Identifier: MIT
lib.fmt.srcs := libs/fmt/fmt.c

fmt_test.srcs := libs/fmt/test/fmt_test.c
fmt_test.libs := fmt
$(call unit_test,fmt_test)
