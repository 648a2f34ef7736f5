# SPDX-License-Identifier: MIT
# launch: the SNP launch digest. A program adds one of the two SHA-384 libraries.
lib.launch.srcs         := libs/launch/digest.c libs/launch/measure.c
lib.sha384_openssl.srcs := libs/launch/sha384_openssl.c
lib.sha384_mbedtls.srcs := libs/launch/sha384_mbedtls.c
