/* SPDX-License-Identifier: MIT */
/* The firmware comes up: the chip's key, the guest's keys, the certificates. */
#include <string.h>

#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/pages.h"
#include "huskabi/huskabi.h"
#include "state.h"

/* What guests take at most; see 56421, extended guest request. */
#define CERTS_MAX 0x8000U

struct psp_state psp_state;

/* RDRAND may be empty for a moment; the manual gives ten tries. */
static uint64_t random_word(void)
{
	uint64_t word = 0;
	uint8_t ok = 0;

	for (unsigned i = 0; i < 10 && !ok; i++)
		__asm__ volatile("rdrand %0; setc %1" : "=r"(word), "=qm"(ok) : : "cc");
	return word;
}

void psp_random(void *to, size_t size)
{
	uint8_t *out = to;

	while (size) {
		uint64_t word = random_word();
		size_t part = size < sizeof(word) ? size : sizeof(word);

		memcpy(out, &word, part);
		out += part;
		size -= part;
	}
}

static bool load_vcek(struct husk_vcek *vcek)
{
	struct fwcfg_file file;

	if (!fwcfg_find(HUSK_FWCFG_VCEK, &file))
		return false;
	if (file.size != sizeof(*vcek)) {
		log_error("psp: %s has %u bytes, not %u", HUSK_FWCFG_VCEK, file.size,
			  (unsigned)sizeof(*vcek));
		return false;
	}
	fwcfg_read(&file, vcek, file.size);
	if (vcek->magic == HUSK_VCEK_MAGIC && vcek->version == HUSK_VCEK_VERSION)
		return true;
	log_error("psp: %s is not a VCEK file of version %u", HUSK_FWCFG_VCEK, HUSK_VCEK_VERSION);
	return false;
}

/* A chip that nobody certified: its reports hold together, but no chain leads to them. */
static void make_vcek(struct husk_vcek *vcek)
{
	memset(vcek, 0, sizeof(*vcek));
	psp_random(vcek->chip_id, sizeof(vcek->chip_id));
	if (!psp_key_generate(vcek->private_key))
		log_error("psp: no key could be made, reports will be refused");
	log_detail("psp: no %s, reports are signed with a key without certificate",
		   HUSK_FWCFG_VCEK);
}

static void load_certs(void)
{
	struct fwcfg_file file;
	void *memory;

	if (!fwcfg_find(HUSK_FWCFG_CERTS, &file) || file.size == 0)
		return;
	if (file.size > CERTS_MAX) {
		log_error("psp: %s is larger than %u bytes", HUSK_FWCFG_CERTS, CERTS_MAX);
		return;
	}
	memory = pages_reserve(ALIGN_UP(file.size, (uint32_t)PAGE_SIZE) / PAGE_SIZE);
	if (!memory)
		return;
	fwcfg_read(&file, memory, file.size);
	psp_state.certs = memory;
	psp_state.certs_size = file.size;
}

static uint32_t report_version(void)
{
	uint64_t version = fwcfg_option_number(HUSK_OPTION_REPORT, REPORT_VERSION_CPUID);

	if (version >= REPORT_VERSION_MIN && version <= REPORT_VERSION_MAX)
		return (uint32_t)version;
	return REPORT_VERSION_CPUID;
}

void psp_init(void)
{
	psp_heap_init();
	memset(&psp_state, 0, sizeof(psp_state));
	if (!load_vcek(&psp_state.vcek))
		make_vcek(&psp_state.vcek);
	load_certs();
	psp_random(psp_state.vmpck, sizeof(psp_state.vmpck));
	psp_random(psp_state.report_id, sizeof(psp_state.report_id));
	psp_state.report_version = report_version();
	launch_digest_start(&psp_state.digest);
}

const void *psp_certificates(uint32_t *size)
{
	*size = psp_state.certs_size;
	return psp_state.certs;
}
