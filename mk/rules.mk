# SPDX-License-Identifier: MIT
# The machinery. A build.mk declares; the macros below make rules of it.
#
#   lib.NAME.srcs := files            a library is a list of sources, compiled into each user
#
#   NAME.profile := host|test|fuzz|kernel|husk|shim|micro|user      (mk/config.mk)
#   NAME.out     := $(BUILD)/...      the linked program
#   NAME.srcs    := files             .c and .S, relative to the top (or under $(BUILD)/gen)
#   NAME.libs    := lib names         (optional)
#   NAME.cflags, NAME.ldflags, NAME.ldlibs, NAME.deps, NAME.script       (optional)
#   $(call program,NAME)
#
#   $(call unit_test,NAME)            the same, plus: profile test, cmocka, run by `make test`
#   $(call fuzzer,NAME)               the same with libFuzzer, run by `make fuzz`; NAME.seeds: inputs to
#                                    begin with (optional)
#   $(call suite,NAME,COMMAND,DEPS,TIMEOUT)   a command that prints TAP; run by `make test`
#   $(call nightly,NAME,COMMAND,DEPS,TIMEOUT) the same, run by `make nightly`

ALL_DEPS     :=
ALL_PROGRAMS :=
UNIT_TESTS   :=
TEST_PROGRAMS :=
SUITES       :=
FUZZERS      :=
NIGHTLIES    :=
HOST_TOOLS   :=

sources_of = $($(1).srcs) $(foreach l,$($(1).libs),$(lib.$(l).srcs))
objects_of = $(patsubst %,$(BUILD)/obj/$(1)/%.o,$(basename $(patsubst $(BUILD)/gen/%,gen/%,$(call sources_of,$(1)))))

define compile_rules
$(BUILD)/obj/$(1)/%.o: %.c $$($(1).deps) | $(HOST_READY)
	$$(say) CC $$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(or $$(profile.$$($(1).profile).cc),$$(CC)) $$(COMMON_CFLAGS) $$(profile.$$($(1).profile).cflags) $$($(1).cflags) -MMD -MP -c -o $$@ $$<
$(BUILD)/obj/$(1)/%.o: %.S $$($(1).deps) | $(HOST_READY)
	$$(say) AS $$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(or $$(profile.$$($(1).profile).cc),$$(CC)) $$(COMMON_CFLAGS) $$(profile.$$($(1).profile).cflags) $$($(1).cflags) -D__ASSEMBLER__ -MMD -MP -c -o $$@ $$<
$(BUILD)/obj/$(1)/gen/%.o: $(BUILD)/gen/%.c $$($(1).deps) | $(HOST_READY)
	$$(say) CC $$<
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(or $$(profile.$$($(1).profile).cc),$$(CC)) $$(COMMON_CFLAGS) $$(profile.$$($(1).profile).cflags) $$($(1).cflags) -MMD -MP -c -o $$@ $$<
endef

# DEBUG: sections and symbols stay in the ELF file; the image builder takes PT_LOAD only.
define program_rules
$(call compile_rules,$(1))
$($(1).out): $(call objects_of,$(1)) $($(1).script) $($(1).ldlibs.files)
	$$(say) LD $$@
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(or $$(profile.$$($(1).profile).cc),$$(CC)) $$(profile.$$($(1).profile).ldflags) $$($(1).ldflags) $$(if $$($(1).script),-T $$($(1).script)) -o $$@ $(call objects_of,$(1)) $$($(1).ldlibs)
ALL_DEPS += $(patsubst %.o,%.d,$(call objects_of,$(1)))
ALL_PROGRAMS += $($(1).out)
endef

program = $(eval $(call program_rules,$(strip $(1))))

define unit_test_rules
$(1).profile := test
$(1).out := $(BUILD)/unit/$(1)
$(1).ldlibs += -lcmocka
UNIT_TESTS += $(1)
endef
unit_test = $(eval $(call unit_test_rules,$(strip $(1))))$(call program,$(1))

# What a fuzzer found before stays below the build folder and is tried first.
define fuzzer_rules
$(1).profile := fuzz
$(1).out := $(BUILD)/fuzz/$(1)
FUZZERS += $(1)
.PHONY: fuzz-$(1)
fuzz-$(1): $(BUILD)/fuzz/$(1) $($(1).seeds)
	$$(say) FUZZ $(1)
	$$(Q)mkdir -p $(BUILD)/fuzz/corpus/$(1) $(BUILD)/fuzz/seeds/$(1)
	$$(Q)$$(if $($(1).seeds),cp $($(1).seeds) $(BUILD)/fuzz/seeds/$(1))
	$$(Q)$$< -max_total_time=$$(FUZZ_SECONDS) -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix=$(BUILD)/fuzz/$(1)- $(BUILD)/fuzz/corpus/$(1) $(BUILD)/fuzz/seeds/$(1) \
		> $(BUILD)/fuzz/$(1).log 2>&1 || { tail -n 40 $(BUILD)/fuzz/$(1).log; exit 1; }
endef
fuzzer = $(eval $(call fuzzer_rules,$(strip $(1))))$(call program,$(1))

define suite_rules
suite.$(1).command := $(2)
suite.$(1).deps := $(3)
suite.$(1).timeout := $(or $(4),300)
endef
suite   = $(eval $(call suite_rules,$(strip $(1)),$(2),$(3),$(strip $(4))))$(eval SUITES += $(1))
nightly = $(eval $(call suite_rules,$(strip $(1)),$(2),$(3),$(strip $(4))))$(eval NIGHTLIES += $(1))

# A program of the build host that users run: build/tools/NAME
define host_tool_rules
$(1).profile := host
$(1).out := $(BUILD)/tools/$(1)
HOST_TOOLS += $(BUILD)/tools/$(1)
endef
host_tool = $(eval $(call host_tool_rules,$(strip $(1))))$(call program,$(1))

# $(call proof,NAME,SOURCES,UNWIND,OPTIONS): main() of one of the sources is the proof; run by
# `make prove` with CBMC. What a proof does not show stands in docs/soundness.md.
PROOFS :=
define proof_rules
proof.$(1).command := scripts/prove $(BUILD)/third_party/cbmc $(1) $(3) $(2) $(LIB_INCLUDES) $(4)
PROOFS += $(1)
endef
proof = $(eval $(call proof_rules,$(strip $(1)),$(2),$(strip $(3)),$(4)))

# $(call image,NAME,KERNEL,DEPS,OPTIONS): an image at $(BUILD)/NAME.igvm, and its digest.
# SHIM_BIN comes from boot/build.mk.
IGVM := $(BUILD)/tools/igvm
define image_rules
$(BUILD)/$(1).igvm: $(IGVM) $(SHIM_BIN) $(2) $(3) tools/igvm/copra.recipe
	$$(say) IGVM $$@
	$$(Q)$(IGVM) build --recipe tools/igvm/copra.recipe --shim $(SHIM_BIN) --kernel $(2) $(4) --output $$@
	$$(Q)$(IGVM) measure $$@ > $(BUILD)/$(1).digest
	$$(Q)printf '  %-7s %s\n' DIGEST "$$$$(cat $(BUILD)/$(1).digest)"
endef
image = $(eval $(call image_rules,$(strip $(1)),$(2),$(3),$(4)))
