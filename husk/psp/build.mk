# SPDX-License-Identifier: MIT
husk-psp-test.srcs := $(wildcard husk/psp/*.c) husk/psp/test/psp_test.c husk/malice/psp.c
husk-psp-test.libs := launch igvm sha384_mbedtls
husk-psp-test.cflags := -Ihusk/include -Ihusk -DOPENSSL_SUPPRESS_DEPRECATED
husk-psp-test.ldlibs := -lcrypto
$(call use_mbedtls,husk-psp-test,host)
$(call unit_test,husk-psp-test)
