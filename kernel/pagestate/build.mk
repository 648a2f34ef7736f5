# SPDX-License-Identifier: MIT
pagestate-test.srcs := kernel/pagestate/pagestate.c kernel/pagestate/test/pagestate_test.c \
	kernel/pagestate/test/host.c
pagestate-test.cflags := -Ikernel/include
pagestate-test.ldlibs := -lpthread
$(call unit_test,pagestate-test)
