# SPDX-License-Identifier: MIT
# Ring 3: channels and children that misbehave (equal to Linux, for both C libraries), and what only
# Copra does: rights and limits. The conformance of the other system calls: tests/abi.
USER_TESTS      := channels children
USER_TEST_KINDS := musl glibc pie
user_profile.musl  := user
user_profile.glibc := userglibc
user_profile.pie   := userpie

# $(1): program, $(2): kind
define user_test_program
user-$(1)-$(2).profile := $(user_profile.$(2))
user-$(1)-$(2).out     := $(BUILD)/tests/user/$(1)-$(2)
user-$(1)-$(2).srcs    := tests/user/programs/$(1).c
$$(call program,user-$(1)-$(2))
USER_TEST_PROGRAMS     += $(1)-$(2)
endef
USER_TEST_PROGRAMS :=
$(foreach t,$(USER_TESTS),$(foreach k,$(USER_TEST_KINDS),$(eval $(call user_test_program,$(t),$(k)))))
USER_COMPARED := $(USER_TEST_PROGRAMS)
$(foreach t,limits supervisor,$(eval $(call user_test_program,$(t),musl)))

USER_TEST_BINARIES := $(USER_TEST_PROGRAMS:%=$(BUILD)/tests/user/%)
USER_TEST_RUN      := $(USER_COMPARED) limits-musl

$(BUILD)/tests/user/list: tests/user/build.mk
	$(Q)mkdir -p $(@D)
	$(Q)printf '/bin/%s\n' $(USER_TEST_RUN) > $@

$(BUILD)/tests/user.cpio: $(USER_TEST_BINARIES) $(BUILD)/tests/user/list $(wildcard tests/user/etc/rights/*) services/pack-archive
	$(say) PACK $@
	$(Q)services/pack-archive $@ bin/init=$(BUILD)/tests/user/supervisor-musl:x etc/tests=$(BUILD)/tests/user/list \
		$(foreach p,$(USER_TEST_RUN),bin/$(p)=$(BUILD)/tests/user/$(p):x) \
		$(foreach p,init $(USER_COMPARED),etc/rights/$(p)=tests/user/etc/rights/default) \
		etc/rights/limits-musl=tests/user/etc/rights/limits

$(call image,tests/user,$(BUILD)/kernel/copra.elf,$(BUILD)/tests/user.cpio,\
	--archive $(BUILD)/tests/user.cpio --set debug-exit=yes)

USER_TEST_DEPS := $(BUILD)/tests/user.igvm $(BUILD)/husk.rom $(USER_TEST_BINARIES)
$(call suite,user-1cpu,tests/user/run -c 1 $(BUILD) $(USER_COMPARED),$(USER_TEST_DEPS),200)
$(call suite,user-4cpu,tests/user/run -c 4 $(BUILD) $(USER_COMPARED),$(USER_TEST_DEPS),200)
