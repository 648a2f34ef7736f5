/* SPDX-License-Identifier: MIT */
/* The digest that an image must have, by the rule in launch/measure.h, and its ID block's values.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "igvm/reader.h"
#include "launch/measure.h"
#include "launch/sha384.h"
#include "sevabi/id_block.h"
#include "verify.h"

/* SHA-384 of the key in the firmware's form. */
static bool key_digest(struct verification *verification, const struct igvm_public_key *key,
		       struct bytes *digest)
{
	struct id_public_key full;
	char text[2 * SHA384_SIZE + 1];
	uint8_t hash[SHA384_SIZE];

	memset(&full, 0, sizeof(full));
	full.curve = key->curve;
	memcpy(full.qx, key->qx, sizeof(full.qx));
	memcpy(full.qy, key->qy, sizeof(full.qy));
	if (!sha384(&full, sizeof(full), hash))
		return false;
	for (size_t i = 0; i < sizeof(hash); i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
	return input_hex(verification, text, digest);
}

/* What the image's own ID block demands, unless the command line says otherwise. */
static bool take_id_block(struct verification *verification, const struct igvm_snp_id_block *block,
			  struct bytes place)
{
	struct attest_expectation *expectation = &verification->expectation;
	size_t family = offsetof(struct igvm_snp_id_block, family_id);
	size_t image = offsetof(struct igvm_snp_id_block, image_id);

	if (expectation->family_id.size == 0)
		expectation->family_id = (struct bytes){place.data + family, 16};
	if (expectation->image_id.size == 0)
		expectation->image_id = (struct bytes){place.data + image, 16};
	if (expectation->min_guest_svn < block->guest_svn)
		expectation->min_guest_svn = block->guest_svn;
	if (expectation->id_key_digest.size == 0 &&
	    !key_digest(verification, &block->id_key, &expectation->id_key_digest))
		return false;
	return block->author_key_enabled == 0 || expectation->author_key_digest.size != 0 ||
	       key_digest(verification, &block->author_key, &expectation->author_key_digest);
}

static bool find_id_block(struct verification *verification, const struct igvm_file *file)
{
	uint32_t mask = igvm_platform_mask(file, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	struct igvm_header header;

	while (igvm_next(file, &cursor, &header)) {
		struct bytes place = {file->bytes + header.offset +
					      sizeof(struct igvm_variable_header),
				      header.length};

		if (header.type == IGVM_SNP_ID_BLOCK && (header.mask & mask) != 0)
			return take_id_block(verification, &header.content.id_block, place);
	}
	return true;
}

enum verify_status image_read(struct verification *verification)
{
	struct launch_options options = {.vcpus = verification->vcpus,
					 .signature = verification->vcpu_signature};
	struct launch_digest digest;
	struct igvm_status status;
	enum launch_error error;
	struct igvm_file file;
	struct bytes bytes;

	if (verification->image == NULL)
		return VERIFY_GOOD;
	if (!input_file(verification, verification->image, false, &bytes))
		return VERIFY_INPUT;
	status = igvm_open(&file, bytes.data, bytes.size);
	if (status.error != IGVM_OK) {
		complain("%s: %s (offset 0x%llx)", verification->image,
			 igvm_error_text(status.error), (unsigned long long)status.offset);
		return VERIFY_INPUT;
	}
	error = launch_measure(&file, &options, &digest);
	if (error != LAUNCH_OK) {
		complain("%s: %s", verification->image, launch_error_text(error));
		return VERIFY_INPUT;
	}
	memcpy(verification->expectation.measurement, digest.value, sizeof(digest.value));
	verification->expectation.have_measurement = true;
	return find_id_block(verification, &file) ? VERIFY_GOOD : VERIFY_INPUT;
}
