# SPDX-License-Identifier: MIT
# What a user may set on the command line, and where things go.

BUILD ?= build
CACHE ?= $(or $(COPRA_CACHE),$(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/copra)
V     ?= 0
FUZZ_SECONDS ?= 60

ifeq ($(origin CC),default)
CC := gcc
endif
# Exists when the host's packages are all there; made again when the list changes.
HOST_READY := $(BUILD)/.host-ready

HOST_PYTHON ?= python3
OBJCOPY     ?= objcopy
NM          ?= nm
QEMU        ?= qemu-system-x86_64
CC_IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -qi clang && echo y)

ifeq ($(V),1)
Q   :=
say  = @:
else
Q   := @
say  = @printf '  %-7s %s\n'
endif

WARNINGS := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wvla -Wundef \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Werror

# Paths of the build machine never reach a binary: two builds anywhere are identical.
REPRODUCIBLE := -ffile-prefix-map=$(CURDIR)/= -ffile-prefix-map=$(abspath $(BUILD))=build \
	-ffile-prefix-map=$(CACHE)=cache -fno-ident -frandom-seed=copra

LIB_INCLUDES  = $(patsubst %,-I%,$(wildcard libs/*/include))
COMMON_CFLAGS = -std=gnu11 -g $(WARNINGS) $(REPRODUCIBLE) $(LIB_INCLUDES)

# --- Profiles: what a program is compiled for -----------------------------------------
# host    a program of the build host
# test    a host program under ASan and UBSan (unit tests)
# fuzz    a host program with libFuzzer (clang)
# kernel  Copra's kernel, ring 0 of VMPL0
# husk    the emulated machine
# shim    32-bit first instructions of the image
# micro   micro guests of Husk's own test suite
# user    static ring-3 programs of Copra, with musl
# userglibc, userpie   the same with glibc, at a fixed address and as static PIE (ABI tests)
FREESTANDING := -ffreestanding -fno-pic -fno-pie -mno-red-zone -mgeneral-regs-only \
	-fno-asynchronous-unwind-tables -fno-omit-frame-pointer -ffunction-sections -fdata-sections \
	-fno-strict-aliasing -fno-common
ifneq ($(CC_IS_CLANG),y)
FREESTANDING += -fno-optimize-sibling-calls
endif

profile.host.cflags    = -O2 -D_GNU_SOURCE -fPIE -fstack-protector-strong
profile.host.ldflags   = -pie
profile.test.cflags    = -O1 -D_GNU_SOURCE -DCOPRA_UNIT_TEST=1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer
profile.test.ldflags   = -fsanitize=address,undefined
profile.fuzz.cc        = clang
profile.fuzz.cflags    = -O1 -D_GNU_SOURCE -DCOPRA_FUZZ=1 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all
profile.fuzz.ldflags   = -fsanitize=fuzzer,address,undefined
profile.kernel.cflags  = -O2 -mcmodel=kernel $(FREESTANDING) -Ikernel/include -Ikernel/arch/x86/include
profile.kernel.ldflags = -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none
profile.husk.cflags    = -O2 -mcmodel=kernel $(FREESTANDING) -Ihusk/include
profile.husk.ldflags   = -nostdlib -static -no-pie -Wl,--gc-sections -Wl,--build-id=none
profile.shim.cflags    = -Os -m32 -ffreestanding -fno-pic -fno-pie -mgeneral-regs-only -fno-stack-protector \
	-fno-asynchronous-unwind-tables
profile.shim.ldflags   = -m32 -nostdlib -static -no-pie -Wl,--build-id=none
profile.micro.cflags   = -O2 -mcmodel=kernel $(FREESTANDING) -fno-stack-protector
profile.micro.ldflags  = -nostdlib -static -no-pie -Wl,--build-id=none
profile.user.cc        = musl-gcc
profile.user.cflags    = -O2 -D_GNU_SOURCE -fno-pie -fstack-protector-strong -ffunction-sections -fdata-sections
profile.user.ldflags   = -static -no-pie -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,separate-code
profile.userglibc.cflags  = -O2 -D_GNU_SOURCE -fno-pie -fstack-protector-strong
profile.userglibc.ldflags = -static -no-pie -Wl,--build-id=none
profile.userpie.cflags    = -O2 -D_GNU_SOURCE -fPIE -fstack-protector-strong
profile.userpie.ldflags   = -static-pie -Wl,--build-id=none
