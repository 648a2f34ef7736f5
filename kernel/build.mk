# SPDX-License-Identifier: MIT
# Copra's kernel: build/kernel/copra.elf, and copra-test.elf, which runs the in-kernel tests instead of services.
# Every .c and .S in a component's folder belongs to the kernel. Host unit tests are in its test/ folder and
# declared in its own build.mk; in-kernel tests are in kernel/test/ and <component>/test-kernel/.

KERNEL_UNIT_CFLAGS := -Ikernel/include -Ikernel/test/fake/include

KERNEL_SRCS := $(filter-out kernel/test/% kernel/run/% kernel/perf/%,$(sort $(wildcard kernel/*/*.c kernel/*/*.S \
	kernel/arch/x86/*.c kernel/arch/x86/*.S kernel/platform/*/*.c kernel/platform/*/*.S)))
KERNEL_TEST_SRCS := $(sort $(wildcard kernel/test/*.c kernel/*/test-kernel/*.c \
	kernel/platform/*/test-kernel/*.c))
KERNEL_LIBS   := cpio fmt mem
KERNEL_CFLAGS := -fstack-protector-strong -mstack-protector-guard=global

# The names of the functions, for backtraces, are known after a first link only: NAME-stage1 is the whole
# program, the second link adds the table. It comes last in its segment, so no function moves.
copra-stage1.profile := kernel
copra-stage1.out     := $(BUILD)/kernel/copra-stage1.elf
copra-stage1.srcs    := $(KERNEL_SRCS) $(wildcard kernel/run/*.c)
copra-stage1.libs    := $(KERNEL_LIBS)
copra-stage1.cflags  := $(KERNEL_CFLAGS)
copra-stage1.script  := kernel/kernel.ld
$(call use_mbedtls,copra-stage1,kernel)
$(call program,copra-stage1)

copra-test-stage1.profile := kernel
copra-test-stage1.out     := $(BUILD)/kernel/copra-test-stage1.elf
copra-test-stage1.srcs    := $(KERNEL_SRCS) $(KERNEL_TEST_SRCS)
copra-test-stage1.libs    := $(KERNEL_LIBS)
copra-test-stage1.cflags  := $(KERNEL_CFLAGS) -DCONFIG_LOCK_ORDER=1
copra-test-stage1.script  := kernel/kernel.ld
$(call use_mbedtls,copra-test-stage1,kernel)
$(call program,copra-test-stage1)

# $(1): copra or copra-test
define kernel_final_link
$(BUILD)/gen/kernel/$(1)-symbols.c: $(BUILD)/kernel/$(1)-stage1.elf kernel/tools/symbols.py
	$(Q)mkdir -p $$(@D)
	$(Q)$(NM) -n $$< | $(HOST_PYTHON) kernel/tools/symbols.py > $$@
$(BUILD)/kernel/$(1).elf: $(BUILD)/obj/$(1)-stage1/gen/kernel/$(1)-symbols.o kernel/kernel.ld
	$$(say) LD $$@
	$(Q)$(CC) $(profile.kernel.ldflags) -Wl,-Tkernel/kernel.ld -o $$@ $(call objects_of,$(1)-stage1) $$< $($(1)-stage1.ldlibs)
ALL_PROGRAMS += $(BUILD)/kernel/$(1).elf
endef
$(eval $(call kernel_final_link,copra))

# copra-perf.elf: the product's own objects with measurements in place of services.
copra-perf.profile := kernel
copra-perf.srcs    := $(wildcard kernel/perf/*.c)
copra-perf.cflags  := $(KERNEL_CFLAGS)
$(eval $(call compile_rules,copra-perf))
COPRA_PERF_OBJECTS := $(filter-out %/kernel/run/services.o,$(call objects_of,copra-stage1)) \
	$(call objects_of,copra-perf)
$(BUILD)/kernel/copra-perf.elf: $(COPRA_PERF_OBJECTS) $(copra-stage1.ldlibs.files) kernel/kernel.ld
	$(say) LD $@
	$(Q)$(CC) $(profile.kernel.ldflags) -Wl,-Tkernel/kernel.ld -o $@ $(COPRA_PERF_OBJECTS) $(copra-stage1.ldlibs)
ALL_DEPS += $(patsubst %.o,%.d,$(call objects_of,copra-perf))
$(eval $(call kernel_final_link,copra-test))
