# SPDX-License-Identifier: MIT
protocol-test.srcs := kernel/protocol/decode.c kernel/protocol/pvalidate.c kernel/protocol/deposit.c \
	kernel/pagestate/pagestate.c kernel/protocol/test/protocol_test.c \
	kernel/protocol/test/model.c kernel/pagestate/test/host.c
protocol-test.cflags := $(KERNEL_UNIT_CFLAGS)
$(call unit_test,protocol-test)
$(call proof,svsm-decode,kernel/protocol/proof/decode_proof.c kernel/protocol/decode.c,2,-Ikernel/include)
