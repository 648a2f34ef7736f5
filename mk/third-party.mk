# SPDX-License-Identifier: MIT
# Third-party code. scripts/fetch brings a Debian package into the cache and links it to
# $(BUILD)/third_party/GROUP; what is compiled from source is compiled into $(BUILD).
#
#   $(call use_mbedtls,NAME,kernel)   before $(call program,NAME): the kernel and Husk
#   $(call use_mbedtls,NAME,host)     host programs and unit tests
#       Include <mbedtls/...> as usual. A program sets its allocator first of all, with
#       mbedtls_platform_set_calloc_free(); the host archive starts with calloc and free.
#       The kernel archive needs memcmp memcpy memmove memset strcmp strlen, nothing else.
#
#   MBEDTLS_CFLAGS, MBEDTLS_KERNEL_LIB, MBEDTLS_HOST_LIB    what the macro uses
#   LIBTPMS_LIB, LIBTPMS_INCLUDE      Debian's static libtpms and the folder of its headers
#   LIBCRYPTO_LIB, LIBCRYPTO_INCLUDES Debian's static libcrypto and the folders of its headers
#   $(call fetched,GROUP)             a prerequisite: changes when the group's content does

THIRD_PARTY := $(BUILD)/third_party

fetched = $(THIRD_PARTY)/$(strip $(1)).stamp

.PRECIOUS: $(THIRD_PARTY)/%.stamp
# The recipe writes the stamp when the content has changed and leaves it alone when not.
$(THIRD_PARTY)/%.stamp: scripts/packages.lock scripts/packages.private | $(HOST_READY)
	$(Q)scripts/fetch --cache $(CACHE) --link $(@D) $*

# --- mbed TLS --------------------------------------------------------------------------
MBEDTLS_STAMP  := $(call fetched,mbedtls)
MBEDTLS_SRC    := $(THIRD_PARTY)/mbedtls
MBEDTLS_CONFIG := libs/crypto/include/crypto/mbedtls_config.h
MBEDTLS_CFLAGS := -isystem $(MBEDTLS_SRC)/include -Ilibs/crypto/include \
	-DMBEDTLS_CONFIG_FILE='<crypto/mbedtls_config.h>'
MBEDTLS_FILES  := aes asn1parse asn1write bignum bignum_core bignum_mod bignum_mod_raw block_cipher cipher \
	cipher_wrap constant_time ctr_drbg ecdh ecdsa ecp ecp_curves gcm hkdf hmac_drbg md nist_kw platform \
	platform_util sha256 sha512
MBEDTLS_KERNEL_LIB := $(THIRD_PARTY)/mbedtls-kernel/libmbedcrypto.a
MBEDTLS_HOST_LIB   := $(THIRD_PARTY)/mbedtls-host/libmbedcrypto.a

# musl's headers: glibc's would bring explicit_bzero() into the kernel.
mbedtls-kernel.cflags = -O2 -mcmodel=kernel $(FREESTANDING) -fno-stack-protector -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include) -isystem /usr/include/x86_64-linux-musl
mbedtls-host.cflags   = -O2 -fPIE -include stdlib.h -DMBEDTLS_PLATFORM_STD_CALLOC=calloc \
	-DMBEDTLS_PLATFORM_STD_FREE=free

define mbedtls_rules
$(THIRD_PARTY)/$(1)/%.o: $(MBEDTLS_STAMP) $(MBEDTLS_CONFIG)
	$$(say) CC $(1)/$$*.c
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) -std=gnu11 -g $$($(1).cflags) $$(REPRODUCIBLE) $$(MBEDTLS_CFLAGS) \
		-c -o $$@ $(MBEDTLS_SRC)/library/$$*.c
$(THIRD_PARTY)/$(1)/libmbedcrypto.a: $(MBEDTLS_FILES:%=$(THIRD_PARTY)/$(1)/%.o)
	$$(say) AR $$@
	$$(Q)rm -f $$@
	$$(Q)$$(AR) rcsD $$@ $$^
endef
$(eval $(call mbedtls_rules,mbedtls-kernel))
$(eval $(call mbedtls_rules,mbedtls-host))

mbedtls_lib.kernel := $(MBEDTLS_KERNEL_LIB)
mbedtls_lib.host   := $(MBEDTLS_HOST_LIB)

define use_mbedtls_rules
$(1).cflags       += $(MBEDTLS_CFLAGS)
$(1).deps         += $(MBEDTLS_STAMP)
$(1).ldlibs       += $(mbedtls_lib.$(2))
$(1).ldlibs.files += $(mbedtls_lib.$(2))
endef
use_mbedtls = $(eval $(call use_mbedtls_rules,$(strip $(1)),$(strip $(2))))

# --- the vTPM's libraries, as Debian builds them ---------------------------------------
LIBTPMS_LIB        := $(THIRD_PARTY)/libtpms/usr/lib/x86_64-linux-gnu/libtpms.a
LIBTPMS_INCLUDE    := $(THIRD_PARTY)/libtpms/usr/include
LIBCRYPTO_LIB      := $(THIRD_PARTY)/libcrypto/usr/lib/x86_64-linux-gnu/libcrypto.a
LIBCRYPTO_INCLUDES := $(THIRD_PARTY)/libcrypto/usr/include $(THIRD_PARTY)/libcrypto/usr/include/x86_64-linux-gnu
$(LIBTPMS_LIB): $(call fetched,libtpms) ;
$(LIBCRYPTO_LIB): $(call fetched,libcrypto) ;

# --- bill of materials -------------------------------------------------------------------
.PHONY: bom
bom: $(BUILD)/bom.json ## list every third-party package that went into the build
$(BUILD)/bom.json: scripts/bom scripts/packages.lock $(BUILD)/copra.igvm $(BUILD)/husk.rom
	$(Q)scripts/bom $(BUILD) $@
