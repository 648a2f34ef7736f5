# SPDX-License-Identifier: MIT
# igvm: the reader, for every program. igvm_writer: for programs of the build host.
lib.igvm.srcs        := libs/igvm/reader.c libs/igvm/check.c libs/igvm/types.c libs/igvm/crc32.c
lib.igvm_writer.srcs := libs/igvm/writer.c

igvm_test.srcs := libs/igvm/test/igvm_test.c
igvm_test.libs := igvm igvm_writer
$(call unit_test,igvm_test)
