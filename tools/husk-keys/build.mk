# SPDX-License-Identifier: MIT
husk-keys.srcs   := $(addprefix tools/husk-keys/,main.c make.c write.c)
husk-keys.ldlibs := -lcrypto
$(call host_tool,husk-keys)

# One emulated chip per build folder: certificates for verifiers, vcek.bin and certs.bin for Husk
HUSK_KEYS  := $(BUILD)/husk-keys/vcek.bin
HUSK_CERTS := $(BUILD)/husk-keys/certs.bin
$(HUSK_KEYS): $(BUILD)/tools/husk-keys
	$(say) KEYS $(@D)
	$(Q)$< $(@D)
$(HUSK_CERTS): $(HUSK_KEYS)
