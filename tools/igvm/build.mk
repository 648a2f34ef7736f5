# SPDX-License-Identifier: MIT
lib.igvm_tool.srcs := $(addprefix tools/igvm/,build.c context.c dump.c elf.c emit.c file.c \
	firmware.c image.c measure.c recipe.c sign.c)

igvm.srcs   := tools/igvm/main.c
igvm.libs   := igvm_tool igvm igvm_writer launch sha384_openssl
igvm.ldlibs := -lcrypto
$(call host_tool,igvm)

# The smallest kernel, for tests
payload.profile := kernel
payload.out     := $(BUILD)/tools/test/payload.elf
payload.srcs    := tools/igvm/test/payload/payload.c
payload.script  := tools/igvm/test/payload/payload.ld
payload.cflags  := -fno-stack-protector
$(call program,payload)
$(call image,payload,$(payload.out))

# The images. The kernels, the services' archive and the firmware come from their own folders;
# an image is made as soon as its kernel is there.
ifneq ($(filter $(BUILD)/kernel/copra.elf,$(ALL_PROGRAMS)),)
$(call image,copra,$(BUILD)/kernel/copra.elf,$(SERVICES_ARCHIVE) $(GUEST_OVMF),\
	$(addprefix --archive ,$(SERVICES_ARCHIVE)) --firmware $(GUEST_OVMF))
ALL_IMAGES += $(BUILD)/copra.igvm
endif
ifneq ($(filter $(BUILD)/kernel/copra-test.elf,$(ALL_PROGRAMS)),)
$(call image,copra-test,$(BUILD)/kernel/copra-test.elf,$(SERVICES_TEST_ARCHIVE),\
	$(addprefix --archive ,$(SERVICES_TEST_ARCHIVE)) --set debug-exit=yes)
ALL_IMAGES += $(BUILD)/copra-test.igvm
endif
ifneq ($(wildcard kernel/perf/*.c),)
$(call image,copra-perf,$(BUILD)/kernel/copra-perf.elf,$(BUILD)/tests/perf.cpio,\
	--archive $(BUILD)/tests/perf.cpio --set debug-exit=yes)
endif

# The same program under the sanitizers, for its tests
igvm-checked.profile := test
igvm-checked.out     := $(BUILD)/test/igvm
igvm-checked.srcs    := $(igvm.srcs)
igvm-checked.libs    := $(igvm.libs)
igvm-checked.ldlibs  := $(igvm.ldlibs)
$(call program,igvm-checked)

$(call suite,igvm-cli,tools/igvm/test/cli.py $(BUILD) $(igvm-checked.out),\
	$(igvm-checked.out) $(SHIM_BIN) $(payload.out),300)

VIRT_FIRMWARE := $(THIRD_PARTY)/virt-firmware/usr/lib/python3/dist-packages
$(call suite,igvm-ovmf,tools/igvm/test/ovmf_agrees.py $(igvm-checked.out) $(SHIM_BIN) $(payload.out) \
	$(VIRT_FIRMWARE) $(GUEST_OVMF) $(GUEST_OVMF_2025_02) -- $(GUEST_OVMF_2022_11),$(igvm-checked.out) \
	$(SHIM_BIN) $(payload.out) $(GUEST_OVMF) $(GUEST_OVMF_2025_02) $(GUEST_OVMF_2022_11) \
	$(call fetched,virt-firmware),120)

igvm_inputs_fuzz.srcs := $(addprefix tools/igvm/,elf.c firmware.c recipe.c test/inputs_fuzz.c)
$(call fuzzer,igvm_inputs_fuzz)
