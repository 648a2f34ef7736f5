# SPDX-License-Identifier: MIT
pagestate-test.srcs := kernel/pagestate/pagestate.c kernel/pagestate/test/pagestate_test.c \
	kernel/pagestate/test/host.c
pagestate-test.cflags := -Ikernel/include
pagestate-test.ldlibs := -lpthread
$(call unit_test,pagestate-test)
$(call proof,page-transitions,kernel/pagestate/proof/transitions_proof.c kernel/pagestate/pagestate.c,2,-Ikernel/include)
