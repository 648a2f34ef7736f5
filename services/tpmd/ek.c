/* SPDX-License-Identifier: MIT */
#include "ek.h"

#include <string.h>

#include "command.h"

#define TPM_ALG_RSA    0x0001
#define TPM_ALG_AES    0x0006
#define TPM_ALG_SHA256 0x000b
#define TPM_ALG_SHA384 0x000c
#define TPM_ALG_NULL   0x0010
#define TPM_ALG_ECC    0x0023
#define TPM_ALG_CFB    0x0043
#define TPM_ECC_P256   0x0003
#define TPM_ECC_P384   0x0004

/* fixedTPM, fixedParent, sensitiveDataOrigin, adminWithPolicy, restricted, decrypt */
#define EK_ATTRIBUTES_LOW 0x000300b2U
/* the same, and userWithAuth: the high range's keys take a password too */
#define EK_ATTRIBUTES_HIGH 0x000300f2U

/* PolicyA with SHA-256: PolicySecret of the endorsement hierarchy (EK profile, B.6.2). */
static const uint8_t policy_a_sha256[32] = {
	0x83, 0x71, 0x97, 0x67, 0x44, 0x84, 0xb3, 0xf8, 0x1a, 0x90, 0xcc,
	0x8d, 0x46, 0xa5, 0xd7, 0x24, 0xfd, 0x52, 0xd7, 0x6e, 0x06, 0x52,
	0x0b, 0x64, 0xf2, 0xa1, 0xda, 0x1b, 0x33, 0x14, 0x69, 0xaa,
};

/* PolicyB with SHA-384: PolicyA or an authorization by NV index (EK profile, B.6.5). */
static const uint8_t policy_b_sha384[48] = {
	0xb2, 0x6e, 0x7d, 0x28, 0xd1, 0x1a, 0x50, 0xbc, 0x53, 0xd8, 0x82, 0xbc,
	0xf5, 0xfd, 0x3a, 0x1a, 0x07, 0x41, 0x48, 0xbb, 0x35, 0xd3, 0xb4, 0xe4,
	0xcb, 0x1c, 0x0a, 0xd9, 0xbd, 0xe4, 0x19, 0xca, 0xcb, 0x47, 0xba, 0x09,
	0x69, 0x96, 0x46, 0x15, 0x0f, 0x9f, 0xc0, 0x00, 0xf3, 0xf8, 0x0e, 0x12,
};

struct template
{
	uint16_t type;
	uint16_t name_algorithm;
	uint32_t attributes;
	const uint8_t *policy;
	uint16_t policy_size;
	uint16_t aes_bits;
	uint16_t curve;       /* ECC only */
	uint16_t unique_size; /* zero bytes in each field of `unique` */
};

static const struct template templates[EK_KINDS] = {
	[EK_RSA2048] = {TPM_ALG_RSA, TPM_ALG_SHA256, EK_ATTRIBUTES_LOW, policy_a_sha256,
			sizeof(policy_a_sha256), 128, 0, 256},
	[EK_P256] = {TPM_ALG_ECC, TPM_ALG_SHA256, EK_ATTRIBUTES_LOW, policy_a_sha256,
		     sizeof(policy_a_sha256), 128, TPM_ECC_P256, 32},
	[EK_P384] = {TPM_ALG_ECC, TPM_ALG_SHA384, EK_ATTRIBUTES_HIGH, policy_b_sha384,
		     sizeof(policy_b_sha384), 256, TPM_ECC_P384, 0},
};

static struct {
	uint8_t public[EK_PUBLIC_MAX];
	size_t size; /* 0: not made yet */
	uint32_t generation;
} cache[EK_KINDS];

static void put_unique(struct command *out, uint16_t size)
{
	static const uint8_t zeros[256];

	command_u16(out, size);
	command_bytes(out, zeros, size);
}

size_t ek_template(enum ek_kind kind, uint8_t *out)
{
	const struct template *t = &templates[kind];
	struct command public = {.size = 0};

	command_u16(&public, t->type);
	command_u16(&public, t->name_algorithm);
	command_u32(&public, t->attributes);
	command_u16(&public, t->policy_size);
	command_bytes(&public, t->policy, t->policy_size);
	command_u16(&public, TPM_ALG_AES);
	command_u16(&public, t->aes_bits);
	command_u16(&public, TPM_ALG_CFB);
	command_u16(&public, TPM_ALG_NULL); /* no scheme */
	if (t->type == TPM_ALG_RSA) {
		command_u16(&public, 2048);
		command_u32(&public, 0); /* the default exponent */
	} else {
		command_u16(&public, t->curve);
		command_u16(&public, TPM_ALG_NULL); /* no KDF */
		put_unique(&public, t->unique_size);
	}
	put_unique(&public, t->unique_size);
	memcpy(out, public.bytes, public.size);
	return public.size;
}

enum vtpm_error ek_public(enum ek_kind kind, const uint8_t **public, size_t *size)
{
	uint32_t generation = vtpm_endorsement_generation();

	if (cache[kind].size == 0 || cache[kind].generation != generation) {
		uint8_t template[EK_PUBLIC_MAX];
		size_t made = sizeof(cache[kind].public);
		enum vtpm_error error;

		cache[kind].size = 0;
		error = vtpm_endorsement_key(template, ek_template(kind, template),
					     cache[kind].public, &made);
		if (error)
			return error;
		cache[kind].size = made;
		cache[kind].generation = generation;
	}
	*public = cache[kind].public;
	*size = cache[kind].size;
	return VTPM_OK;
}
