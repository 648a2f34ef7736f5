/* SPDX-License-Identifier: MIT */
/* The guest's side of the SVSM calling convention (SVSM 2.3), by MSR protocol. */
#include "svsm.h"
#include "internal.h"
#include "sevabi/msr.h"

struct svsm_port svsm_boot_port = {.caa = (volatile struct svsm_caa *)FW_CAA};

void svsm_call_raw(struct svsm_registers *r);

void svsm_try(struct svsm_port *port, struct svsm_registers *r)
{
	uint64_t old = read_msr(MSR_GHCB);

	port->caa->call_pending = 1;
	write_msr(MSR_GHCB, GHCB_MSR_RUN_VMPL_REQ_VALUE(0));
	svsm_call_raw(r);
	port->msr = read_msr(MSR_GHCB);
	write_msr(MSR_GHCB, old);
	port->not_called = __atomic_exchange_n(&port->caa->call_pending, 0, __ATOMIC_SEQ_CST) != 0;
}

uint32_t svsm_call(struct svsm_port *port, uint32_t protocol, uint32_t call, uint64_t rcx,
		   uint64_t rdx, uint64_t r8)
{
	struct svsm_registers r;
	uint32_t result;

	do {
		r = (struct svsm_registers){
			.rax = SVSM_RAX(protocol, call), .rcx = rcx, .rdx = rdx, .r8 = r8};
		svsm_try(port, &r);
		result = (uint32_t)r.rax;
	} while (port->not_called || result == SVSM_ERR_BUSY || result == SVSM_ERR_INCOMPLETE);
	return result;
}

uint32_t svsm_pvalidate(const uint64_t *entries, unsigned count, unsigned *next)
{
	volatile struct svsm_page_list *list =
		(volatile struct svsm_page_list *)svsm_boot_port.caa->buffer;
	uint32_t result;

	list->count = (uint16_t)count;
	list->next = 0;
	list->reserved = 0;
	for (unsigned i = 0; i < count; i++)
		list->entries[i] = entries[i];
	result = svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, SVSM_CORE_PVALIDATE, (uint64_t)list,
			   0, 0);
	*next = list->next;
	return result;
}

uint32_t svsm_validate(gpa_t gpa, bool validate)
{
	uint64_t entry = ENTRY_4K(gpa, validate ? SVSM_PVALIDATE_VALIDATE : 0);
	unsigned next;

	return svsm_pvalidate(&entry, 1, &next);
}
