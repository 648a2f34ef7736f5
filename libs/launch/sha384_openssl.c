/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/evp.h>

#include "launch/sha384.h"

bool sha384(const void *data, size_t size, uint8_t digest[SHA384_SIZE])
{
	memset(digest, 0, SHA384_SIZE);
	return EVP_Digest(data, size, digest, NULL, EVP_sha384(), NULL) == 1;
}
