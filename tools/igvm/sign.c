/* SPDX-License-Identifier: MIT */
/* igvm sign: an ID block, ECDSA P-384 (56860 8.17; snp-guest-msg 8). */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "igvm/writer.h"
#include "launch/measure.h"
#include "sevabi/id_block.h"
#include "tool.h"

struct sign_options {
	const char *key;
	const char *author_key;
	const char *output;
	const char *path;
	uint8_t family_id[16];
	uint8_t image_id[16];
	uint32_t svn;
	struct launch_options launch;
};

static const struct option long_options[] = {
	{"key", required_argument, NULL, 'k'},
	{"author-key", required_argument, NULL, 'a'},
	{"family-id", required_argument, NULL, 'f'},
	{"image-id", required_argument, NULL, 'i'},
	{"svn", required_argument, NULL, 'n'},
	{"vcpus", required_argument, NULL, 'v'},
	{"vcpu-signature", required_argument, NULL, 's'},
	{"output", required_argument, NULL, 'o'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"usage: igvm sign --key PEM [--author-key PEM] [--family-id HEX] [--image-id HEX]\n"
	"                 [--svn N] [--vcpus N] [--vcpu-signature HEX] --output FILE FILE\n"
	"  keys are P-384 private keys; IDs have 32 hex digits\n";

static bool parse_id(const char *text, uint8_t id[16])
{
	if (strlen(text) != 32 || strspn(text, "0123456789abcdefABCDEF") != 32)
		return false;
	for (size_t i = 0; i < 16; i++) {
		unsigned int byte;

		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return false;
		id[i] = (uint8_t)byte;
	}
	return true;
}

static bool parse_u32(const char *text, uint32_t *out)
{
	uint64_t number;

	if (!parse_number(text, &number) || number > UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

static bool parse_option(struct sign_options *options, int option)
{
	switch (option) {
	case 'k':
		options->key = optarg;
		return true;
	case 'a':
		options->author_key = optarg;
		return true;
	case 'o':
		options->output = optarg;
		return true;
	case 'f':
		return parse_id(optarg, options->family_id);
	case 'i':
		return parse_id(optarg, options->image_id);
	case 'n':
		return parse_u32(optarg, &options->svn);
	case 'v':
		return parse_u32(optarg, &options->launch.vcpus) && options->launch.vcpus >= 1 &&
		       options->launch.vcpus <= 512;
	case 's':
		return parse_u32(optarg, &options->launch.signature);
	default:
		return false;
	}
}

static enum tool_status parse_options(struct sign_options *options, int argc, char **argv)
{
	bool ok = true;
	int option;

	while (ok && (option = getopt_long(argc, argv, "o:", long_options, NULL)) != -1)
		ok = parse_option(options, option);
	if (!ok || optind + 1 != argc || options->key == NULL || options->output == NULL) {
		fputs(usage, stderr);
		return TOOL_USAGE;
	}
	options->path = argv[optind];
	return TOOL_OK;
}

static enum tool_status read_key(const char *path, EVP_PKEY **key)
{
	FILE *stream = fopen(path, "r");
	char group[32] = "";

	if (stream == NULL) {
		complain("%s: can't be opened", path);
		return TOOL_IO;
	}
	*key = PEM_read_PrivateKey(stream, NULL, NULL, NULL);
	fclose(stream);
	if (*key != NULL &&
	    EVP_PKEY_get_utf8_string_param(*key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group),
					   NULL) == 1 &&
	    strcmp(group, "secp384r1") == 0)
		return TOOL_OK;
	complain("%s: not a P-384 private key in PEM", path);
	return TOOL_INPUT;
}

static bool number_bytes(const BIGNUM *number, uint8_t bytes[SNP_ECDSA_NUMBER_SIZE])
{
	return BN_bn2lebinpad(number, bytes, SNP_ECDSA_NUMBER_SIZE) == SNP_ECDSA_NUMBER_SIZE;
}

static bool public_key(EVP_PKEY *key, struct igvm_public_key *out)
{
	BIGNUM *x = NULL;
	BIGNUM *y = NULL;
	bool ok = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
		  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
		  number_bytes(x, out->qx) && number_bytes(y, out->qy);

	out->curve = ID_CURVE_P384;
	BN_free(x);
	BN_free(y);
	return ok;
}

static bool decode_signature(const uint8_t *der, size_t size, struct igvm_signature *out)
{
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)size);
	bool ok = signature != NULL && number_bytes(ECDSA_SIG_get0_r(signature), out->r) &&
		  number_bytes(ECDSA_SIG_get0_s(signature), out->s);

	ECDSA_SIG_free(signature);
	return ok;
}

static bool sign_bytes(EVP_PKEY *key, const void *bytes, size_t size, struct igvm_signature *out)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t der[160];
	size_t der_size = sizeof(der);
	bool ok = context != NULL &&
		  EVP_DigestSignInit(context, NULL, EVP_sha384(), NULL, key) == 1 &&
		  EVP_DigestSign(context, der, &der_size, bytes, size) == 1 &&
		  decode_signature(der, der_size, out);

	EVP_MD_CTX_free(context);
	return ok;
}

/* The key in the firmware's form, over which the author signs and the digests are made. */
static void expand_key(const struct igvm_public_key *key, struct id_public_key *out)
{
	memset(out, 0, sizeof(*out));
	out->curve = key->curve;
	memcpy(out->qx, key->qx, sizeof(out->qx));
	memcpy(out->qy, key->qy, sizeof(out->qy));
}

static enum tool_status sign_id(const char *path, const struct id_block *id,
				struct igvm_snp_id_block *block)
{
	EVP_PKEY *key = NULL;
	enum tool_status status = read_key(path, &key);

	if (status == TOOL_OK && (!public_key(key, &block->id_key) ||
				  !sign_bytes(key, id, sizeof(*id), &block->id_key_signature))) {
		complain("%s: signing failed", path);
		status = TOOL_INPUT;
	}
	EVP_PKEY_free(key);
	block->id_key_algorithm = ID_ALGO_ECDSA_P384;
	return status;
}

static enum tool_status sign_author(const char *path, struct igvm_snp_id_block *block)
{
	EVP_PKEY *key = NULL;
	enum tool_status status = read_key(path, &key);
	struct id_public_key id_key;

	expand_key(&block->id_key, &id_key);
	if (status == TOOL_OK &&
	    (!public_key(key, &block->author_key) ||
	     !sign_bytes(key, &id_key, sizeof(id_key), &block->author_key_signature))) {
		complain("%s: signing failed", path);
		status = TOOL_INPUT;
	}
	EVP_PKEY_free(key);
	block->author_key_algorithm = ID_ALGO_ECDSA_P384;
	block->author_key_enabled = 1;
	return status;
}

static enum tool_status find_policy(const struct igvm_file *igvm, const char *path,
				    uint64_t *policy)
{
	uint32_t mask = igvm_platform_mask(igvm, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;

	while (igvm_next(igvm, &cursor, &header)) {
		if (header.type == IGVM_GUEST_POLICY && (header.mask & mask) != 0) {
			*policy = header.content.policy.policy;
			return TOOL_OK;
		}
	}
	complain("%s: no GUEST_POLICY for SNP", path);
	return TOOL_INPUT;
}

static enum tool_status make_block(const struct sign_options *options, const struct igvm_file *igvm,
				   struct igvm_snp_id_block *block)
{
	struct id_block id = {.version = ID_BLOCK_VERSION, .guest_svn = options->svn};
	enum tool_status status = find_policy(igvm, options->path, &id.policy);
	struct launch_digest digest;
	enum launch_error error;

	if (status != TOOL_OK)
		return status;
	error = launch_measure(igvm, &options->launch, &digest);
	if (error != LAUNCH_OK) {
		complain("%s: %s", options->path, launch_error_text(error));
		return TOOL_INPUT;
	}
	memcpy(id.launch_digest, digest.value, sizeof(id.launch_digest));
	memcpy(id.family_id, options->family_id, sizeof(id.family_id));
	memcpy(id.image_id, options->image_id, sizeof(id.image_id));

	memset(block, 0, sizeof(*block));
	block->mask = igvm_platform_mask(igvm, IGVM_PLATFORM_SNP);
	block->version = id.version;
	block->guest_svn = id.guest_svn;
	memcpy(block->launch_digest, id.launch_digest, sizeof(block->launch_digest));
	memcpy(block->family_id, id.family_id, sizeof(block->family_id));
	memcpy(block->image_id, id.image_id, sizeof(block->image_id));
	status = sign_id(options->key, &id, block);
	if (status == TOOL_OK && options->author_key != NULL)
		status = sign_author(options->author_key, block);
	return status;
}

static enum tool_status write_signed(const struct sign_options *options,
				     const struct igvm_file *igvm,
				     const struct igvm_snp_id_block *block)
{
	enum tool_status status = TOOL_IO;
	struct igvm_writer writer;
	struct igvm_buffer output;

	igvm_writer_init(&writer, igvm->version);
	igvm_writer_copy(&writer, igvm, IGVM_SNP_ID_BLOCK);
	igvm_writer_add(&writer, IGVM_SNP_ID_BLOCK, block, sizeof(*block), IGVM_NO_DATA);
	if (igvm_writer_finish(&writer, &output)) {
		status = file_write(options->output, output.bytes, output.size);
		igvm_buffer_free(&output);
	} else {
		complain("%s: no memory, or the image exceeds 4 GiB", options->output);
	}
	igvm_writer_free(&writer);
	return status;
}

int command_sign(int argc, char **argv)
{
	struct sign_options options = {0};
	enum tool_status status = parse_options(&options, argc, argv);
	struct igvm_snp_id_block block;
	struct igvm_file igvm;
	struct file file;

	if (status == TOOL_OK)
		status = igvm_load(&file, &igvm, options.path);
	if (status != TOOL_OK)
		return (int)status;
	status = make_block(&options, &igvm, &block);
	if (status == TOOL_OK)
		status = write_signed(&options, &igvm, &block);
	file_free(&file);
	return (int)status;
}
