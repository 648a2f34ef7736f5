# SPDX-License-Identifier: MIT
lib.igvm.srcs        := libs/igvm/reader.c libs/igvm/check.c libs/igvm/types.c libs/igvm/crc32.c
