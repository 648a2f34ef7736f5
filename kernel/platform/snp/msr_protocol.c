/* SPDX-License-Identifier: MIT */
/* The GHCB protocol in one MSR (GHCB 1): all there is before the GHCB page, and in the panic path.
 */
#include "arch/insn.h"
#include "arch/insn_snp.h"
#include "kernel/stop.h"
#include "snp.h"

uint64_t ghcb_msr_call(uint64_t request, uint32_t response)
{
	irq_flags_t flags = irq_save();
	uint64_t page = insn_rdmsr(MSR_GHCB);
	uint64_t answer;

	insn_wrmsr(MSR_GHCB, request);
	insn_vmgexit();
	answer = insn_rdmsr(MSR_GHCB);
	insn_wrmsr(MSR_GHCB, page);
	irq_restore(flags);
	if (GHCB_MSR_INFO(answer) != response)
		stop(STOP_GHCB_PROTOCOL);
	return answer;
}

void ghcb_msr_terminate(uint32_t set, uint32_t code)
{
	insn_wrmsr(MSR_GHCB, GHCB_MSR_TERMINATE_VALUE(set, code));
	insn_vmgexit();
}

void ghcb_msr_page_state(gpa_t gpa, unsigned int operation)
{
	uint64_t answer =
		ghcb_msr_call(GHCB_MSR_PSC_REQ_VALUE(gpa.raw, operation), GHCB_MSR_PSC_RESP);

	if (GHCB_MSR_PSC_RESP_ERROR(answer) || GHCB_MSR_PSC_RESP_RESERVED(answer))
		stop(STOP_GHCB_PROTOCOL);
}
