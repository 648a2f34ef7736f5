# SPDX-License-Identifier: MIT
$(call use_mbedtls,test-mbedtls,host)
test-mbedtls.srcs := libs/crypto/test/test_mbedtls.c
$(call unit_test,test-mbedtls)
