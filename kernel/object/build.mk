# SPDX-License-Identifier: MIT
# The archive of the in-kernel test image: a protocol server that misbehaves when asked to.
test-server.profile := user
test-server.out     := $(BUILD)/tests/kernel/server
test-server.srcs    := kernel/object/test-server/server.c
$(call program,test-server)

SERVICES_TEST_ARCHIVE := $(BUILD)/tests/kernel.cpio
$(SERVICES_TEST_ARCHIVE): $(test-server.out) kernel/object/test-server/rights services/pack-archive
	$(say) PACK $@
	$(Q)services/pack-archive $@ bin/server=$(test-server.out):x etc/rights/server=kernel/object/test-server/rights
