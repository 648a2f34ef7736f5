/* SPDX-License-Identifier: MIT */
/*
 * The guest below Copra: its memory as far as Copra touches it, its vCPUs, its start.
 */
#ifndef KERNEL_GUEST_H
#define KERNEL_GUEST_H

#include "base/compiler.h"
#include "base/types.h"
#include "kernel/error.h"
#include "kernel/pagestate.h"

/* A page operation found that PVALIDATE changed nothing: the record and the RMP disagree. */
#define GUEST_PAGE_UNCHANGED 0x10U
/* The instruction faulted instead of answering. */
#define GUEST_PAGE_FAULTED 0x11U

/*
 * What the guest needs from the platform. The page operations work on a page that the caller has
 * claimed in the page record; they return 0, the status of the instruction that failed
 * (RMP_FAIL_*), or one of the two codes above. After a failure the page is as it was before, or
 * without any access for the guest; the data of a page that became validated is never seen by the
 * guest.
 */
struct guest_machine {
	/* PVALIDATE, then zero the page, then give `vmpl` all rights to it. */
	uint32_t (*page_accept)(gpa_t gpa, enum page_size size, uint8_t vmpl);
	/* Take the rights of all lower VMPLs away, then PVALIDATE to unvalidated. */
	uint32_t (*page_rescind)(gpa_t gpa, enum page_size size, uint8_t vmpl);
	/* Take away or give all rights of `vmpl` to one 4 KiB page. */
	uint32_t (*page_protect)(gpa_t gpa, uint8_t vmpl);
	uint32_t (*page_grant)(gpa_t gpa, uint8_t vmpl);
	/* Make a protected page a VMSA, and an ordinary page without rights for `vmpl` again. */
	uint32_t (*page_make_vmsa)(gpa_t gpa, uint8_t vmpl);
	uint32_t (*page_unmake_vmsa)(gpa_t gpa, uint8_t vmpl);
	/* After a right was withdrawn: no CPU uses an old translation when this returns. */
	void (*flush)(void);
	/* Tell the host of the boot vCPU's VMSA. ERR_PLATFORM: refused. */
	enum error (*register_vmsa)(uint32_t apic_id, gpa_t vmsa, uint8_t vmpl, uint64_t features);
	/*
	 * Run `vmpl` on this CPU until it calls or an event comes for us. Interrupts are off.
	 * ERR_BUSY: an event is pending, nothing ran. ERR_STATE: the host has nothing to run there
	 * (yet).
	 */
	enum error (*enter)(uint8_t vmpl);
};

/* The state of every page of the VM. */
extern struct page_record vm_pages;

/*
 * Seed the page record from the measured ranges and the host's memory map. Once, when allocators
 * work. Stops with STOP_BOOT_PARAMETERS or STOP_BOOT_MEMORY when that can't be done.
 */
void guest_init(void);

/*
 * Prepare the measured firmware and make one vCPU thread per CPU; the boot vCPU's starts the
 * firmware. Once, when all CPUs are up. No firmware in the image: ERR_NOT_FOUND. ERR_NO_MEMORY,
 * ERR_PLATFORM.
 */
enum error guest_start(void) MUST_CHECK;

/* On this CPU the host ran something while we were halted: look whether the guest calls. Any
 * context. */
void guest_poll(void);

/*
 * Copy between the guest's memory and ours. The range may cross pages; each byte is read once.
 * ERR_RANGE: a page that the guest doesn't own. ERR_BUSY: a sibling vCPU is changing one, try
 * again. ERR_FAULT: the host took it away. After an error, part of the copy may have been done.
 */
enum error guest_read(void *to, gpa_t from, size_t size) MUST_CHECK;
enum error guest_write(gpa_t to, const void *from, size_t size) MUST_CHECK;

#endif
