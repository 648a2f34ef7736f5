/* SPDX-License-Identifier: MIT */
/* The chip's key, and the keys of ID blocks. */
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <string.h>

#include "launch/sha384.h"
#include "state.h"

static int random_callback(void *context, unsigned char *out, size_t size)
{
	(void)context;
	psp_random(out, size);
	return 0;
}

bool psp_key_generate(uint8_t private_key[48])
{
	mbedtls_ecp_group group;
	mbedtls_mpi d;
	int status;

	mbedtls_ecp_group_init(&group);
	mbedtls_mpi_init(&d);
	status = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP384R1);
	if (!status)
		status = mbedtls_ecp_gen_privkey(&group, &d, random_callback, NULL);
	if (!status)
		status = mbedtls_mpi_write_binary(&d, private_key, 48);
	mbedtls_mpi_free(&d);
	mbedtls_ecp_group_free(&group);
	return status == 0;
}

static int sign_hash(const uint8_t hash[48], struct snp_signature *signature)
{
	mbedtls_ecp_group group;
	mbedtls_mpi d, r, s;
	int status;

	mbedtls_ecp_group_init(&group);
	mbedtls_mpi_init(&d);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	status = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP384R1);
	if (!status)
		status = mbedtls_mpi_read_binary(&d, psp_state.vcek.private_key, 48);
	if (!status)
		status = mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &d, hash, 48, MBEDTLS_MD_SHA384,
						    random_callback, NULL);
	if (!status)
		status = mbedtls_mpi_write_binary_le(&r, signature->r, sizeof(signature->r));
	if (!status)
		status = mbedtls_mpi_write_binary_le(&s, signature->s, sizeof(signature->s));
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_mpi_free(&d);
	mbedtls_ecp_group_free(&group);
	return status;
}

bool psp_sign(const void *data, size_t size, struct snp_signature *signature)
{
	uint8_t hash[SHA384_SIZE];

	memset(signature, 0, sizeof(*signature));
	return sha384(data, size, hash) && sign_hash(hash, signature) == 0;
}

/* Reads the public point; 0 if it lies on the curve. */
static int read_point(mbedtls_ecp_group *group, const struct id_public_key *key,
		      mbedtls_ecp_point *q)
{
	uint8_t text[1 + 2 * 48] = {4};

	/* Little endian with 24 bytes of zeros behind; the library wants big endian. */
	for (unsigned i = 0; i < 48; i++) {
		text[1 + i] = key->qx[47 - i];
		text[49 + i] = key->qy[47 - i];
	}
	for (unsigned i = 48; i < SNP_ECDSA_NUMBER_SIZE; i++)
		if (key->qx[i] || key->qy[i])
			return -1;
	if (mbedtls_ecp_point_read_binary(group, q, text, sizeof(text)))
		return -1;
	return mbedtls_ecp_check_pubkey(group, q);
}

static int verify_hash(const struct id_public_key *key, const uint8_t hash[48],
		       const struct snp_signature *signature)
{
	mbedtls_ecp_group group;
	mbedtls_ecp_point q;
	mbedtls_mpi r, s;
	int status;

	mbedtls_ecp_group_init(&group);
	mbedtls_ecp_point_init(&q);
	mbedtls_mpi_init(&r);
	mbedtls_mpi_init(&s);
	status = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP384R1);
	if (!status)
		status = read_point(&group, key, &q);
	if (!status)
		status = mbedtls_mpi_read_binary_le(&r, signature->r, sizeof(signature->r));
	if (!status)
		status = mbedtls_mpi_read_binary_le(&s, signature->s, sizeof(signature->s));
	if (!status)
		status = mbedtls_ecdsa_verify(&group, hash, 48, &q, &r, &s);
	mbedtls_mpi_free(&s);
	mbedtls_mpi_free(&r);
	mbedtls_ecp_point_free(&q);
	mbedtls_ecp_group_free(&group);
	return status;
}

bool psp_verify(const struct id_public_key *key, const void *data, size_t size,
		const struct snp_signature *signature)
{
	uint8_t hash[SHA384_SIZE];

	return key->curve == ID_CURVE_P384 && sha384(data, size, hash) &&
	       verify_hash(key, hash, signature) == 0;
}
