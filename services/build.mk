# SPDX-License-Identifier: MIT
# Copra's ring-3 services: ordinary static Linux programs.

# --- tpmd: the vTPM --------------------------------------------------------------------
TPMD_CORE := $(addprefix services/tpmd/,command.c ek.c options.c page.c server.c state.c vtpm.c)

tpmd.profile      := user
tpmd.out          := $(BUILD)/services/tpmd
tpmd.srcs         := $(TPMD_CORE) services/tpmd/main.c services/tpmd/glibc_compat.c services/tpmd/tpm12_absent.c
tpmd.cflags       := -isystem $(LIBTPMS_INCLUDE)
tpmd.deps         := $(call fetched,libtpms) $(call fetched,libcrypto)
tpmd.ldlibs       := $(LIBTPMS_LIB) $(LIBCRYPTO_LIB)
tpmd.ldlibs.files := $(LIBTPMS_LIB) $(LIBCRYPTO_LIB)
$(call program,tpmd)

# --- init: starts the services and keeps them running ----------------------------------
INIT_CORE := $(addprefix services/init/,config.c supervisor.c)

init.profile := user
init.out     := $(BUILD)/services/init
init.srcs    := $(INIT_CORE) services/init/main.c services/init/process.c
$(call program,init)

# --- The archive in the image ----------------------------------------------------------
SERVICES_ARCHIVE := $(BUILD)/services.cpio
SERVICE_PROGRAMS := init tpmd
SERVICE_FILES    := etc/init.conf etc/rights/init etc/rights/tpmd

SERVICE_STRIPPED := $(SERVICE_PROGRAMS:%=$(BUILD)/services/bin/%)

$(SERVICE_STRIPPED): $(BUILD)/services/bin/%: $(BUILD)/services/%
	$(Q)mkdir -p $(@D)
	$(Q)$(OBJCOPY) --strip-all $< $@

$(SERVICES_ARCHIVE): $(SERVICE_STRIPPED) $(SERVICE_FILES:%=services/%) services/pack-archive
	$(say) PACK $@
	$(Q)services/pack-archive $@ $(foreach p,$(SERVICE_PROGRAMS),bin/$(p)=$(BUILD)/services/bin/$(p):x) \
		$(foreach f,$(SERVICE_FILES),$(f)=services/$(f))
ALL_IMAGES += $(SERVICES_ARCHIVE)

# The same TPM as a host program, over Debian's shared libraries, under the sanitizers.
tpmd-mssim.profile := test
tpmd-mssim.out     := $(BUILD)/test/tpmd-mssim
tpmd-mssim.srcs    := $(TPMD_CORE) services/tpmd/mssim/main.c
tpmd-mssim.ldlibs  := -ltpms
$(call program,tpmd-mssim)

# --- Tests -----------------------------------------------------------------------------
test-tpmd-page.srcs := services/tpmd/test/test_page.c $(addprefix services/tpmd/,options.c page.c state.c)
$(call unit_test,test-tpmd-page)

test-tpmd.srcs   := services/tpmd/test/test_vtpm.c $(TPMD_CORE)
test-tpmd.ldlibs := -ltpms
$(call unit_test,test-tpmd)

test-init.srcs := services/init/test/test_init.c $(INIT_CORE)
$(call unit_test,test-init)

$(call suite,tpmd-tpm2-tools,services/tpmd/test/tpm2-tools.sh $(BUILD)/test/tpmd-mssim,$(BUILD)/test/tpmd-mssim,120)

tpmd-page.srcs := services/tpmd/fuzz/fuzz_page.c services/tpmd/page.c
$(call fuzzer,tpmd-page)

tpmd-commands.srcs   := services/tpmd/fuzz/fuzz_tpm.c $(TPMD_CORE)
tpmd-commands.ldlibs := -ltpms
$(call fuzzer,tpmd-commands)

$(call suite,init-processes,services/init/test/processes.sh $(BUILD)/services/init,$(BUILD)/services/init,60)
