# SPDX-License-Identifier: MIT
psp-test.srcs := kernel/psp/sequence.c kernel/psp/message.c kernel/psp/channel.c kernel/psp/test/psp_test.c
psp-test.cflags := -Ikernel/include
$(call use_mbedtls,psp-test,host)
$(call unit_test,psp-test)
$(call proof,psp-sequence,kernel/psp/proof/sequence_proof.c kernel/psp/sequence.c,9)
