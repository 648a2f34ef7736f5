# SPDX-License-Identifier: MIT
lib.verify.srcs := $(addprefix tools/verify/,image.c input.c options.c output.c)

copra-verify.srcs   := tools/verify/main.c
copra-verify.libs   := verify attest igvm launch sha384_openssl
copra-verify.ldlibs := -lcjson -lcrypto
$(call host_tool,copra-verify)

# The same under the sanitizers, for its tests
verify-checked.profile := test
verify-checked.out     := $(BUILD)/test/copra-verify
verify-checked.srcs    := $(copra-verify.srcs)
verify-checked.libs    := $(copra-verify.libs)
verify-checked.ldlibs  := $(copra-verify.ldlibs)
$(call program,verify-checked)

$(call suite,copra-verify,tools/verify/test/verify_test.py $(BUILD) $(verify-checked.out),\
	$(verify-checked.out) $(BUILD)/tools/husk-keys $(BUILD)/tools/igvm $(BUILD)/payload.igvm,600)
$(call suite,copra-verify-tpm,tools/verify/test/tpm_test.py $(BUILD) $(verify-checked.out),\
	$(verify-checked.out) $(BUILD)/tools/husk-keys,300)
