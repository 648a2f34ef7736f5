# SPDX-License-Identifier: MIT
lib.attest.srcs := $(addprefix libs/attest/,attest.c chain.c leaf.c manifest.c report.c tpm.c verdict.c)

attest_test.srcs   := libs/attest/test/attest_test.c
attest_test.libs   := attest
attest_test.ldlibs := -lcrypto
$(call unit_test,attest_test)

# Certificates, reports and PSP answers, manifests and quotes: any bytes
define attest_fuzzer
attest_$(1)_fuzz.srcs   := libs/attest/test/$(1)_fuzz.c
attest_$(1)_fuzz.libs   := attest
attest_$(1)_fuzz.ldlibs := -lcrypto
attest_$(1)_fuzz.seeds  := $(2)
$$(call fuzzer,attest_$(1)_fuzz)
endef
$(eval $(call attest_fuzzer,certs,$(BUILD)/husk-keys/certs.bin))
$(eval $(call attest_fuzzer,report))
$(eval $(call attest_fuzzer,manifest))
