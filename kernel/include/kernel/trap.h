/* SPDX-License-Identifier: MIT */
/* Exceptions and interrupts: the frame, the vectors, who handles what. */
#ifndef KERNEL_TRAP_H
#define KERNEL_TRAP_H

#define VECTOR_DE  0
#define VECTOR_DB  1
#define VECTOR_NMI 2
#define VECTOR_BP  3
#define VECTOR_UD  6
#define VECTOR_NM  7
#define VECTOR_DF  8
#define VECTOR_GP  13
#define VECTOR_PF  14
#define VECTOR_MC  18
#define VECTOR_HV  28
#define VECTOR_VC  29

#define VECTOR_EXCEPTIONS 32
#define VECTOR_TIMER      0xe0
#define VECTOR_RESCHEDULE 0xe1 /* look at the run queue */
#define VECTOR_MESSAGE    0xe2 /* look at the mailbox (TLB shootdown, calls) */
#define VECTOR_STOP       0xe3 /* another CPU stopped the kernel */
#define VECTOR_ERROR      0xfe
#define VECTOR_SPURIOUS   0xff

#define VECTOR_SYSCALL 0x100 /* in frames that SYSCALL made */

/* Offsets for assembly. */
#define TRAP_FRAME_SIZE  176
#define TRAP_FRAME_CS    144
#define TRAP_FRAME_FLAGS 152
#define TRAP_FRAME_RSP   160

#ifndef __ASSEMBLER__

#include "base/types.h"
#include "kernel/error.h"

/* As the entry code pushes it; the last five words are the CPU's. */
struct trap_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};
LAYOUT_SIZE(struct trap_frame, TRAP_FRAME_SIZE);
LAYOUT_AT(struct trap_frame, cs, TRAP_FRAME_CS);

static inline bool trap_from_user(const struct trap_frame *frame)
{
	return (frame->cs & 3) != 0;
}

/*
 * An exception handler returns true when it dealt with the exception (it may have changed the
 * frame). Interrupts are off. If it returns false or there is none: page faults of user addresses
 * go to user_page_fault(), kernel code is looked up in the fix-up table, user code ends in
 * user_exception(), and what is left stops the kernel. NMI, #DF, #MC, #HV and #VC run on stacks of
 * their own when they come from the kernel and must not sleep then; from user mode they run on the
 * thread's kernel stack like any other.
 */
typedef bool (*exception_handler)(struct trap_frame *frame);
void trap_set_exception(unsigned int vector, exception_handler handler);

/* Interrupt handlers run with interrupts off; the end-of-interrupt follows them. */
typedef void (*interrupt_handler)(struct trap_frame *frame);
void trap_set_interrupt(unsigned int vector, interrupt_handler handler);

/* Deliver an interrupt that came by other means than the IDT (the #HV doorbell). Interrupts off. */
void trap_deliver(unsigned int vector, struct trap_frame *frame);

/* CR2 of the page fault being handled. */
vaddr_t trap_fault_address(void);

#endif
#endif
