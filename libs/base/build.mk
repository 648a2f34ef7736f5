# SPDX-License-Identifier: MIT
# base is headers; freestanding programs also take `mem` (memcpy and friends).
lib.mem.srcs := libs/base/src/mem.c
