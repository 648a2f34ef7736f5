/* SPDX-License-Identifier: MIT */
/* Counting and tracing of exits (HUSK_OPTION_STATS, HUSK_OPTION_TRACE). */
#include "boot/console.h"
#include "husk/fwcfg.h"
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/rmp.h"
#include "huskabi/huskabi.h"
#include "mem/mem.h"
#include "vcpu/run.h"
#include "vcpu/trace.h"

#define CODES 0x100

struct exit_name {
	uint16_t code;
	const char *name;
};

static const struct exit_name names[] = {
	{SVM_EXIT_READ_DR7, "dr7"},      {SVM_EXIT_WRITE_DR7, "dr7"},   {SVM_EXIT_EXCP_UD, "ud"},
	{SVM_EXIT_INTR, "intr"},         {SVM_EXIT_VINTR, "vintr"},     {SVM_EXIT_CPUID, "cpuid"},
	{SVM_EXIT_HLT, "hlt"},           {SVM_EXIT_IOIO, "ioio"},       {SVM_EXIT_MSR, "msr"},
	{SVM_EXIT_SHUTDOWN, "shutdown"}, {SVM_EXIT_VMMCALL, "vmgexit"}, {SVM_EXIT_WBINVD, "wbinvd"},
	{SVM_EXIT_RDPMC, "rdpmc"},       {SVM_EXIT_MONITOR, "monitor"}, {SVM_EXIT_MWAIT, "mwait"},
	{SVM_EXIT_NPF, "npf"},
};

static uint64_t counts[CODES + 1]; /* the last one: nested faults */
static bool traced[CODES + 1];
static bool statistics_wanted;
static bool tracing;

static unsigned slot(uint64_t code)
{
	return code < CODES ? (unsigned)code : CODES;
}

static const char *name_of(unsigned index)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (slot(names[i].code) == index)
			return names[i].name;
	}
	return "other";
}

/* True if `list`, separated by +, has the word. */
static bool list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; *at; at++) {
		bool begins = at == list || at[-1] == '+';

		if (begins && strncmp(at, word, length) == 0 &&
		    (at[length] == '+' || at[length] == 0))
			return true;
	}
	return false;
}

void trace_init(void)
{
	char list[128];

	statistics_wanted = fwcfg_option_number(HUSK_OPTION_STATS, 0) != 0;
	if (!fwcfg_option(HUSK_OPTION_TRACE, list, sizeof(list)))
		return;
	tracing = true;
	for (unsigned i = 0; i <= CODES; i++)
		traced[i] = list_has(list, "all") || list_has(list, name_of(i));
}

void trace_exit(const struct plane *p)
{
	const struct vmcb *v = p->vmcb;

	if (!tracing || !traced[slot(v->control.exit_code)])
		return;
	log_error("[%lu us] cpu %u vmpl %u exit %lx info %lx %lx rip %lx rax %lx rcx %lx ghcb %lx",
		  machine_time_ns() / 1000, p->vcpu->index, p->vmpl, v->control.exit_code,
		  v->control.exit_info1, v->control.exit_info2, v->save.rip, p->gpr[GPR_RAX],
		  p->gpr[GPR_RCX], p->ghcb.msr);
}

void statistics_exit(uint64_t exit_code)
{
	counts[slot(exit_code)]++;
}

void machine_report_statistics(void)
{
	struct rmp_summary rmp;

	if (!statistics_wanted || machine.native)
		return;
	for (unsigned i = 0; i <= CODES; i++) {
		if (counts[i])
			log_error("exits 0x%x %s: %lu", i == CODES ? SVM_EXIT_NPF : i, name_of(i),
				  counts[i]);
	}
	rmp = rmp_summarize();
	log_error("rmp: %lu pages assigned, %lu validated, %lu VMSAs", rmp.assigned, rmp.validated,
		  rmp.vmsa);
}
