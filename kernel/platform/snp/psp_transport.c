/* SPDX-License-Identifier: MIT */
/* How messages reach the PSP: two shared pages, and four for certificates (GHCB 6.3). */
#include "kernel/boot.h"
#include "kernel/page.h"
#include "kernel/psp.h"
#include "kernel/string.h"
#include "sevabi/secrets_page.h"
#include "snp.h"

#define CERTS_ORDER 2U
_Static_assert(PSP_CERTS_MAX_PAGES == 1U << CERTS_ORDER, "one allocation holds the certificates");
_Static_assert(sizeof(struct guest_msg) == PAGE_SIZE, "a message is a page");

static struct {
	paddr_t request;
	paddr_t response;
	paddr_t certs;
} shared;

static enum error take_certs(struct psp_certs *certs, const struct ghcb_call *call)
{
	uint32_t vmm_error = (uint32_t)(call->info2 >> 32);

	if (vmm_error == GHCB_REQUEST_VMM_INVALID_LEN)
		certs->pages = call->rbx > UINT32_MAX ? UINT32_MAX : (uint32_t)call->rbx;
	else if (!call->info2)
		memcpy(certs->buffer, phys_to_virt(shared.certs), certs->pages * PAGE_SIZE);
	return OK;
}

static enum error send(const struct guest_msg *request, struct guest_msg *response,
		       struct psp_certs *certs, uint64_t *exit_info2)
{
	struct ghcb_call call = {
		.code = certs ? GHCB_EXIT_EXT_GUEST_REQUEST : GHCB_EXIT_GUEST_REQUEST,
		.info1 = shared.request.raw,
		.info2 = shared.response.raw,
		.may_fail = true,
	};
	enum error error;

	if (certs && certs->pages > PSP_CERTS_MAX_PAGES)
		return ERR_INVALID;
	if (certs) {
		memset(phys_to_virt(shared.certs), 0, PSP_CERTS_MAX_PAGES * PAGE_SIZE);
		call.rax = shared.certs.raw;
		call.rbx = certs->pages;
		call.in = GHCB_RAX | GHCB_RBX;
		call.out = GHCB_RBX;
	}
	memcpy(phys_to_virt(shared.request), request, sizeof(*request));
	memset(phys_to_virt(shared.response), 0, PAGE_SIZE);
	error = ghcb_call(&call);
	if (error != OK)
		return error;
	memcpy(response, phys_to_virt(shared.response), sizeof(*response));
	*exit_info2 = call.info2;
	return certs ? take_certs(certs, &call) : OK;
}

static enum error share(unsigned int order, paddr_t *out)
{
	enum error error = page_alloc(order, PAGE_OWNER_PLATFORM, PAGE_ZERO, out);

	return error == OK ? snp_make_shared(*out, 1UL << order) : error;
}

enum error snp_psp_init(void)
{
	struct secrets_page *secrets = boot_region_pointer(BOOT_SECRETS_OFFSET, PAGE_SIZE);
	enum error error = share(0, &shared.request);

	if (error == OK)
		error = share(0, &shared.response);
	if (error == OK)
		error = share(CERTS_ORDER, &shared.certs);
	if (error == OK)
		error = psp_init(secrets->vmpck[0], send);
	memset(secrets->vmpck[0], 0, VMPCK_SIZE);
	return error;
}
