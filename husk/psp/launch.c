/* SPDX-License-Identifier: MIT */
/* SNP_LAUNCH_START, UPDATE, FINISH (56860 8.16 to 8.18); secrets and CPUID pages. */
#include <string.h>

#include "husk/cpuid.h"
#include "launch/sha384.h"
#include "sevabi/vmsa.h"
#include "state.h"

#define SECRETS_VERSION 3

enum psp_status psp_launch_start(uint64_t policy)
{
	uint64_t minor = policy & SNP_POLICY_ABI_MINOR_MASK;
	uint64_t major = (policy & SNP_POLICY_ABI_MAJOR_MASK) >> SNP_POLICY_ABI_MAJOR_SHIFT;

	if (!(policy & SNP_POLICY_RESERVED_ONE) || (policy & SNP_POLICY_RESERVED_ZERO_MASK))
		return PSP_POLICY_FAILURE;
	if (major > PSP_API_MAJOR || (major == PSP_API_MAJOR && minor > PSP_API_MINOR))
		return PSP_POLICY_FAILURE;
	psp_state.policy = policy;
	launch_digest_start(&psp_state.digest);
	return PSP_OK;
}

enum psp_status psp_launch_page(enum launch_page_type type, gpa_t gpa, const void *contents)
{
	return launch_digest_page(&psp_state.digest, type, gpa, contents) ? PSP_OK : PSP_HARDWARE;
}

enum psp_status psp_launch_vmsa(const void *contents)
{
	return psp_launch_page(LAUNCH_PAGE_VMSA, GPA(VMSA_LAUNCH_GPA), contents);
}

const uint8_t *psp_launch_digest(void)
{
	return psp_state.digest.value;
}

/* The author's key is optional: its algorithm says whether it is there. */
static enum psp_status check_signatures(const struct id_block *block, const struct id_auth *auth)
{
	if (auth->id_key_algo != ID_ALGO_ECDSA_P384 ||
	    !psp_verify(&auth->id_key, block, sizeof(*block), &auth->id_block_signature))
		return PSP_BAD_SIGNATURE;
	if (auth->author_key_algo == 0)
		return PSP_OK;
	if (auth->author_key_algo != ID_ALGO_ECDSA_P384 ||
	    !psp_verify(&auth->author_key, &auth->id_key, sizeof(auth->id_key),
			&auth->id_key_signature))
		return PSP_BAD_SIGNATURE;
	return PSP_OK;
}

static enum psp_status take_id_block(const struct id_block *block, const struct id_auth *auth)
{
	enum psp_status status;

	if (block->version != ID_BLOCK_VERSION)
		return PSP_BAD_VERSION;
	if (memcmp(block->launch_digest, psp_state.digest.value, LAUNCH_DIGEST_SIZE) != 0)
		return PSP_BAD_MEASUREMENT;
	if (block->policy != psp_state.policy)
		return PSP_POLICY_FAILURE;
	status = check_signatures(block, auth);
	if (status != PSP_OK)
		return status;
	psp_state.has_id_block = true;
	psp_state.id_block = *block;
	psp_state.has_author = auth->author_key_algo != 0;
	if (!sha384(&auth->id_key, sizeof(auth->id_key), psp_state.id_key_digest))
		return PSP_HARDWARE;
	if (psp_state.has_author &&
	    !sha384(&auth->author_key, sizeof(auth->author_key), psp_state.author_key_digest))
		return PSP_HARDWARE;
	return PSP_OK;
}

enum psp_status psp_launch_finish(const struct id_block *block, const struct id_auth *auth,
				  const uint8_t *host_data)
{
	if (host_data)
		memcpy(psp_state.host_data, host_data, sizeof(psp_state.host_data));
	if (!block != !auth)
		return PSP_BAD_PARAMETER;
	return block ? take_id_block(block, auth) : PSP_OK;
}

void psp_fill_secrets(struct secrets_page *page)
{
	memset(page, 0, sizeof(*page));
	page->version = SECRETS_VERSION;
	page->fms = husk_cpuid(0, 1, 0).eax;
	memcpy(page->vmpck, psp_state.vmpck, sizeof(page->vmpck));
}

/* Fields that differ between CPUs, or follow the guest's own CR4: the host may leave them out. */
static void mask_variable(uint32_t leaf, struct cpuid_regs *r)
{
	if (leaf == 1) {
		r->ebx &= 0x00ffffff;  /* APIC ID */
		r->ecx &= ~(1U << 27); /* OSXSAVE */
	} else if (leaf == 7) {
		r->ecx &= ~(1U << 4); /* OSPKE */
	} else if (leaf == 0xb) {
		r->edx = 0;
	} else if (leaf == 0x8000001e) {
		r->eax = 0;
		r->ebx &= ~0xffU;
		r->ecx &= ~0xffU;
	}
}

static bool check_entry(struct cpuid_entry *entry)
{
	struct cpuid_regs right = husk_cpuid(0, entry->eax_in, entry->ecx_in);
	struct cpuid_regs masked = right;
	struct cpuid_regs claimed = {entry->eax, entry->ebx, entry->ecx, entry->edx};

	mask_variable(entry->eax_in, &masked);
	mask_variable(entry->eax_in, &claimed);
	if (memcmp(&masked, &claimed, sizeof(masked)) == 0)
		return true;
	entry->eax = right.eax;
	entry->ebx = right.ebx;
	entry->ecx = right.ecx;
	entry->edx = right.edx;
	return false;
}

enum psp_status psp_check_cpuid_page(struct cpuid_page *page)
{
	enum psp_status status = PSP_OK;

	if (page->count > CPUID_PAGE_MAX_ENTRIES || page->reserved0 || page->reserved1)
		return PSP_BAD_PARAMETER;
	for (uint32_t i = 0; i < page->count; i++)
		if (!check_entry(&page->entries[i]))
			status = PSP_BAD_PARAMETER;
	return status;
}
