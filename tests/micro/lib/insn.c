/* SPDX-License-Identifier: MIT */
/* PVALIDATE, RMPADJUST, RMPQUERY as bytes: not every assembler knows them. */
#include "internal.h"

struct rmp_result pvalidate(const volatile void *va, uint64_t size, uint64_t validate)
{
	uint64_t rax = (uint64_t)va;
	uint8_t carry;

	__asm__ volatile(".byte 0xf2, 0x0f, 0x01, 0xff\n\tsetc %1"
			 : "+a"(rax), "=qm"(carry)
			 : "c"(size), "d"(validate)
			 : "memory", "cc");
	return (struct rmp_result){.eax = (uint32_t)rax, .cf = carry != 0};
}

struct rmp_result rmpadjust(const volatile void *va, uint64_t size, uint64_t attributes)
{
	uint64_t rax = (uint64_t)va;

	__asm__ volatile(".byte 0xf3, 0x0f, 0x01, 0xfe"
			 : "+a"(rax)
			 : "c"(size), "d"(attributes)
			 : "memory", "cc");
	return (struct rmp_result){.eax = (uint32_t)rax};
}

struct rmp_result rmpquery(const volatile void *va, uint64_t rdx)
{
	uint64_t rax = (uint64_t)va, rcx = 0;

	__asm__ volatile(".byte 0xf3, 0x0f, 0x01, 0xfd"
			 : "+a"(rax), "+c"(rcx), "+d"(rdx)
			 :
			 : "memory", "cc");
	return (struct rmp_result){.eax = (uint32_t)rax, .rcx = rcx, .rdx = rdx};
}
