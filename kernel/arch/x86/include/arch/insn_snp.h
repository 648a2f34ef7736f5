/* SPDX-License-Identifier: MIT */
/* Instructions of SEV-SNP guests (APM3, APM2 15.36). Host unit tests have the same functions on a
 * modelled machine. */
#ifndef ARCH_INSN_SNP_H
#define ARCH_INSN_SNP_H

#include "base/types.h"

/* The instruction faulted (address not mapped, page not validated): not a status of its own. */
#define INSN_SNP_FAULTED 0x11U

#define INSN_SNP_FIXUP(from, to)        \
	".pushsection .fixups, \"a\"\n" \
	".balign 8\n"                   \
	".quad " from ", " to "\n"      \
	".popsection\n"

/* PVALIDATE of the page at a virtual address. Status, or INSN_SNP_FAULTED; *unchanged: carry flag.
 */
static inline uint32_t insn_pvalidate(uint64_t address, uint32_t size, bool validate,
				      bool *unchanged)
{
	uint64_t status = address;
	uint32_t faulted;
	bool carry;

	__asm__ volatile("movl %[fault_code], %[faulted]\n"
			 "1:	.byte 0xf2, 0x0f, 0x01, 0xff\n"
			 "	setc %[carry]\n"
			 "	xorl %[faulted], %[faulted]\n"
			 "2:\n" INSN_SNP_FIXUP("1b", "2b")
			 : "+a"(status), [faulted] "=&r"(faulted), [carry] "=&q"(carry)
			 : "c"(size), "d"((uint32_t)validate), [fault_code] "i"(INSN_SNP_FAULTED)
			 : "cc", "memory");
	*unchanged = !faulted && carry;
	return faulted ? faulted : (uint32_t)status;
}

/* RMPADJUST of the page at a virtual address; `attributes`: RMP_VMPL, RMP_PERM_*, RMP_ADJUST_VMSA
 * (sevabi/rmp.h). */
static inline uint32_t insn_rmpadjust(uint64_t address, uint64_t size, uint64_t attributes)
{
	uint64_t status = address;
	uint32_t faulted;

	__asm__ volatile("movl %[fault_code], %[faulted]\n"
			 "1:	.byte 0xf3, 0x0f, 0x01, 0xfe\n"
			 "	xorl %[faulted], %[faulted]\n"
			 "2:\n" INSN_SNP_FIXUP("1b", "2b")
			 : "+a"(status), [faulted] "=&r"(faulted)
			 : "c"(size), "d"(attributes), [fault_code] "i"(INSN_SNP_FAULTED)
			 : "cc", "memory");
	return faulted ? faulted : (uint32_t)status;
}

/* Give control to the host, which does what the GHCB MSR or page asks for. */
static inline void insn_vmgexit(void)
{
	__asm__ volatile(".byte 0xf3, 0x0f, 0x01, 0xd9" : : : "memory");
}

#endif
