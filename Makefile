# SPDX-License-Identifier: MIT
# Copra: one non-recursive make. Every folder that builds something has a
# build.mk; mk/ holds the machinery. `make help` lists the targets.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

include mk/config.mk
include mk/rules.mk
include mk/third-party.mk

# Libraries first: a program's rules are made from its libraries' lists of sources. Tests last: they
# use what the others define.
BUILD_MK := $(sort $(wildcard libs/*/build.mk)) $(sort $(wildcard boot/build.mk kernel/build.mk \
	kernel/*/build.mk kernel/*/*/build.mk services/build.mk services/*/build.mk husk/build.mk \
	husk/*/build.mk tools/*/build.mk guest/build.mk)) $(sort $(wildcard tests/build.mk tests/*/build.mk))
include $(BUILD_MK)
include mk/targets.mk
-include $(ALL_DEPS)
