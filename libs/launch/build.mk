# SPDX-License-Identifier: MIT
# launch: the SNP launch digest. A program adds one of the two SHA-384 libraries.
lib.launch.srcs         := libs/launch/digest.c libs/launch/measure.c
lib.sha384_openssl.srcs := libs/launch/sha384_openssl.c
lib.sha384_mbedtls.srcs := libs/launch/sha384_mbedtls.c

launch_test.srcs   := libs/launch/test/launch_test.c
launch_test.libs   := launch igvm igvm_writer sha384_openssl
launch_test.ldlibs := -lcrypto
$(call unit_test,launch_test)

# Reader and digest together, over any bytes
igvm_fuzz.srcs   := libs/launch/test/igvm_fuzz.c
igvm_fuzz.libs   := igvm launch sha384_openssl
igvm_fuzz.ldlibs := -lcrypto
igvm_fuzz.seeds  := $(BUILD)/payload.igvm
$(call fuzzer,igvm_fuzz)
