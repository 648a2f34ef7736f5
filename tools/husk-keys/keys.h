/* SPDX-License-Identifier: MIT */
/* A chain as AMD's (snp-guest-msg 4): ARK and ASK RSA-4096 with PSS, VCEK P-384 with extensions. */
#ifndef HUSK_KEYS_H
#define HUSK_KEYS_H

#include <stdbool.h>
#include <stdint.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/compiler.h"
#include "huskabi/vcek.h"

struct chain {
	EVP_PKEY *ark_key;
	EVP_PKEY *ask_key;
	EVP_PKEY *vcek_key;
	X509 *ark;
	X509 *ask;
	X509 *vcek;
	struct husk_vcek identity;
};

/* Makes keys, a random chip ID and the three certificates. False: OpenSSL failed. */
MUST_CHECK bool chain_make(struct chain *chain, const char *product);

/* Writes the files into a folder that exists. */
MUST_CHECK bool chain_write(const struct chain *chain, const char *folder);

void chain_free(struct chain *chain);

#endif
