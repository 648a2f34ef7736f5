/* SPDX-License-Identifier: MIT */
/* When a word's time has come, and what the host does on its own. */
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/lies.h"
#include "husk/rmp.h"
#include "huskabi/huskabi.h"

#define WORDS_MAX  32
#define SCRIPT_MAX 512

static struct lie words[WORDS_MAX];
static unsigned word_count;
static uint64_t passes[LIE_KINDS];

void lies_init(void)
{
	char script[SCRIPT_MAX] = "";
	int count;

	if (!fwcfg_option(HUSK_FWCFG_LIES, script, sizeof(script)))
		return;
	count = lies_parse(script, words, WORDS_MAX);
	if (count < 0)
		machine_end(HUSK_EXIT_BAD_IMAGE, "not a script of lies: %s", script);
	word_count = (unsigned)count;
}

bool lies_active(void)
{
	return word_count != 0;
}

bool lie_now(enum lie_kind kind, uint8_t vmpl, uint64_t key, uint64_t *value)
{
	uint64_t pass;

	if (word_count == 0 || vmpl != 0)
		return false;
	pass = kind == LIE_CPUID ? key : ++passes[kind];
	for (unsigned i = 0; i < word_count; i++) {
		if (words[i].kind != kind || (words[i].when != pass && words[i].when != 0))
			continue;
		*value = words[i].value;
		log_info("lies: kind %u, time %lu, value %lx", (unsigned)kind, pass, *value);
		return true;
	}
	return false;
}

/* RMPUPDATE to the hypervisor and back: not validated, and another content (APM2 15.36.5). */
static void take_page(gpa_t gpa)
{
	uint64_t *content;

	if (!machine_is_guest_ram(gpa) || !rmp_lookup(gpa, 0).assigned)
		return;
	if (rmp_lookup(gpa, 0).huge && rmp_psmash(GPA(ALIGN_DOWN(gpa.raw, PAGE_2M_SIZE))) != RMP_OK)
		return;
	if (rmp_update(gpa, false, false, false) != RMP_OK)
		return;
	content = machine_map(machine_translate(gpa));
	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*content); i++)
		content[i] ^= 0x5bd1e9955bd1e995ULL;
	if (rmp_update(gpa, true, false, false) != RMP_OK)
		log_error("lies: the page at %lx can't be given back", gpa.raw);
}

void lies_vmgexit(uint8_t vmpl)
{
	uint64_t gpa;

	if (lie_now(LIE_TAKE, vmpl, 0, &gpa))
		take_page(GPA(ALIGN_DOWN(gpa, PAGE_SIZE)));
}

void lies_harmed_twice_validated(gpa_t gpa)
{
	machine_end(HUSK_EXIT_HARMED,
		    "oracle: the guest validated the page at %lx a second time and went on",
		    gpa.raw);
}
