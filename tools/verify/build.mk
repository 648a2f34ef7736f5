# SPDX-License-Identifier: MIT
lib.verify.srcs := $(addprefix tools/verify/,image.c input.c options.c output.c)

copra-verify.srcs   := tools/verify/main.c
copra-verify.libs   := verify attest igvm launch sha384_openssl
copra-verify.ldlibs := -lcjson -lcrypto
$(call host_tool,copra-verify)
