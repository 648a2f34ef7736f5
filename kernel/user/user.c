// SPDX-License-Identifier: MIT
/* Where the rest of the kernel meets user mode: start, exceptions, the way back to ring 3. */
#include "kernel/user.h"

#include "kernel/boot.h"
#include "kernel/cpu.h"
#include "kernel/devices.h"
#include "kernel/log.h"
#include "kernel/preempt.h"
#include "kernel/sched.h"
#include "kernel/stop.h"
#include "kernel/vfs.h"
#include "process_internal.h"

#define INIT_PATH    "/bin/init"
#define STAR_KERNEL  ((uint64_t)SELECTOR_KERNEL_CODE << 32)
#define STAR_USER    ((uint64_t)(SELECTOR_USER_DATA - 8) << 48) /* SYSRET: SS = +8, CS = +16 */
#define SYSCALL_MASK 0x47700ULL                                 /* AC, NT, IOPL, DF, IF, TF */
#define FAULT_WRITE  BIT(1)
#define FAULT_FETCH  BIT(4)

void syscall_entry(void);

_Static_assert(SELECTOR_USER_CODE == SELECTOR_USER_DATA + 8, "as SYSRET wants it");

void user_init_cpu(void)
{
	insn_wrmsr(MSR_STAR, STAR_USER | STAR_KERNEL);
	insn_wrmsr(MSR_LSTAR, (uint64_t)(uintptr_t)syscall_entry);
	insn_wrmsr(MSR_FMASK, SYSCALL_MASK);
}

enum error user_mount(const uint8_t *archive, size_t size)
{
	enum error error = vfs_mount(archive, size);

	return error == OK ? devices_init() : error;
}

enum error user_start(const uint8_t *archive, size_t size)
{
	enum error error = user_mount(archive, size);

	if (error == OK)
		error = process_start(INIT_PATH, true);
	return error;
}

void user_essential_ended(const struct process *process)
{
	bool test = (boot_info.params.flags & BOOT_FLAG_DEBUG_EXIT) != 0;

	if (!test)
		stop(STOP_INIT_SERVICE);
	/* In a test image the status of init is the result of the run. */
	stop(process->status == 0 ? STOP_TEST_PASSED : STOP_TEST_FAILED);
}

/* --- Exceptions ------------------------------------------------------------------------- */

static uint32_t signal_of(uint64_t vector)
{
	switch (vector) {
	case VECTOR_DE:
	case 16: /* x87 */
	case 19: /* SIMD */
		return LINUX_SIGFPE;
	case VECTOR_DB:
	case VECTOR_BP:
		return LINUX_SIGTRAP;
	case VECTOR_UD:
		return LINUX_SIGILL;
	case 17: /* alignment check */
		return LINUX_SIGBUS;
	default:
		return LINUX_SIGSEGV;
	}
}

static void end_by_exception(const struct trap_frame *frame, vaddr_t address)
{
	struct process *process = process_current();

	log_warn("%s (%u) thread %u: exception %lu error 0x%lx at 0x%lx, address 0x%lx",
		 process->name, process->pid, thread_current()->user->tid, frame->vector,
		 frame->error, frame->rip, address.raw);
	process_end(process, STATUS_SIGNAL(signal_of(frame->vector)));
}

void user_exception(struct trap_frame *frame)
{
	end_by_exception(frame, VADDR(0));
}

bool user_page_fault(struct trap_frame *frame, vaddr_t address, uint64_t error_code)
{
	struct process *process = process_current();
	uint32_t access = VM_READ;
	enum error error;

	if (process == NULL)
		return false;
	if ((error_code & FAULT_WRITE) != 0)
		access = VM_WRITE;
	else if ((error_code & FAULT_FETCH) != 0)
		access = VM_EXEC;
	error = vm_map_fault(process->map, address.raw, access);
	if (error == OK)
		return true;
	if (!trap_from_user(frame))
		return false;
	end_by_exception(frame, address);
	return true;
}

/* --- Back to ring 3 --------------------------------------------------------------------- */

void user_return(struct trap_frame *frame)
{
	(void)frame;
	irq_disable();
	while (this_cpu()->need_resched || thread_current()->killed) {
		irq_enable();
		if (thread_current()->killed)
			process_leave();
		preempt_check();
		irq_disable();
	}
}
