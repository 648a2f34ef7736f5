/* SPDX-License-Identifier: MIT */
/*
 * The boot contract between the image builder (tools/igvm), the loader (Husk, KVM),
 * the shim (boot/) and the kernel. One header; all of them include it.
 *
 * The image owns one contiguous range of guest physical memory, the *region*
 * [region_base, region_base + region_size), 2 MiB aligned, fixed by the recipe.
 * Everything measured for VMPL0 lies in it, in this order (all page aligned):
 *
 *   region_base + BOOT_SHIM_OFFSET     boot shim, 32-bit code, entry at its first byte
 *   region_base + BOOT_PARAMS_OFFSET   struct boot_params, then boot_range[] (measured)
 *   region_base + BOOT_SCRATCH_OFFSET  zeroed pages for the shim: page tables, stack
 *   region_base + BOOT_CPUID_OFFSET    CPUID page        (SNP only; filled by the PSP)
 *   region_base + BOOT_SECRETS_OFFSET  secrets page      (SNP only; filled by the PSP)
 *   region_base + BOOT_INPUT_OFFSET    parameter pages from the host (unmeasured, hostile)
 *   kernel                             PT_LOAD segments of the kernel, flat
 *   archive                            services archive (cpio newc)
 *   the rest                           free memory of Copra, not loaded and, on SNP, not validated
 *
 * Entry state, the same on each platform (boot vCPU):
 *   32-bit protected mode, paging off, flat segments (base 0, limit 4 GiB),
 *   interrupts off, EIP = region_base + BOOT_SHIM_OFFSET,
 *   EAX = enum boot_platform, ESI = physical address of struct boot_params.
 * On SNP the initial VMSA is measured, so EAX and ESI can be trusted. On NATIVE nothing is
 * measured.
 *
 * The shim finds the C-bit (SNP: in the CPUID page, leaf 0x8000001F EBX[5:0]; it executes
 * no instruction that raises #VC), builds page tables in the scratch pages (the identity map of
 * the region, for the switch only, and the kernel at BOOT_KERNEL_VBASE), turns on long mode
 * (PAE, LME, NXE, PG, WP) and jumps to kernel_entry with
 *   RDI = kernel-virtual address of struct boot_params   RSI = enum boot_platform
 *   RDX = C-bit mask (0 when there is none)              RSP = top of the shim's stack
 * with interrupts off. The whole region's loaded part (up to loaded_size) is mapped at
 * BOOT_KERNEL_VBASE + (gpa - region_base), read-write-execute; the kernel builds its own,
 * strict tables at once and gives the shim's pages back.
 *
 * Application processors: NATIVE: INIT/SIPI to a trampoline that the kernel writes to
 * BOOT_SIPI_PAGE (ordinary guest RAM that no platform firmware uses at that time). SNP: a VMSA that
 * the kernel builds (GHCB AP creation).
 */
#ifndef BOOTABI_H
#define BOOTABI_H

#ifndef __ASSEMBLER__
#include "base/compiler.h"
#include "base/types.h"
#endif

#define BOOT_MAGIC   0x41525043 /* "CPRA" */
#define BOOT_VERSION 1

#define BOOT_SHIM_OFFSET    0x0000
#define BOOT_SHIM_MAX       0x1000
#define BOOT_PARAMS_OFFSET  0x1000
#define BOOT_PARAMS_MAX     0x1000
#define BOOT_SCRATCH_OFFSET 0x2000
#define BOOT_SCRATCH_SIZE   0x8000
#define BOOT_CPUID_OFFSET   0xa000
#define BOOT_SECRETS_OFFSET 0xb000
#define BOOT_INPUT_OFFSET   0xc000
#define BOOT_INPUT_SIZE     0x4000
#define BOOT_LOAD_OFFSET    0x10000 /* the kernel's first segment */

/* Parameter pages, one IGVM parameter area each (unmeasured: whatever is there may be a lie). */
#define BOOT_INPUT_GENERAL    0x0000 /* u32 VP count at 0, u32 environment info at 4 */
#define BOOT_INPUT_MEMORY_MAP 0x1000
#define BOOT_INPUT_MADT       0x2000
#define BOOT_INPUT_DEVTREE    0x3000

#define BOOT_KERNEL_VBASE 0xffffffff80000000
#define BOOT_SIPI_PAGE    0x8000

/* EAX at entry: the IGVM platform types. */
#define BOOT_PLATFORM_NATIVE 0
#define BOOT_PLATFORM_SNP    2

#define BOOT_MAX_RANGES 64

#ifndef __ASSEMBLER__

enum boot_platform {
	boot_platform_native = BOOT_PLATFORM_NATIVE,
	boot_platform_snp = BOOT_PLATFORM_SNP,
};

/* What a measured range is. The list says what the launch validated on SNP, nothing else is. */
enum boot_range_kind {
	BOOT_RANGE_SHIM = 1,    /* shim, parameters block, scratch: given back after boot */
	BOOT_RANGE_CPUID = 2,   /* PSP-filled */
	BOOT_RANGE_SECRETS = 3, /* PSP-filled */
	BOOT_RANGE_INPUT = 4,   /* host-filled, unmeasured */
	BOOT_RANGE_KERNEL = 5,  /* one per PT_LOAD segment; flags say its permissions */
	BOOT_RANGE_ARCHIVE = 6,
	BOOT_RANGE_FIRMWARE = 7, /* the guest's firmware image, measured, for the guest's VMPL */
};

#define BOOT_RANGE_WRITE   0x1
#define BOOT_RANGE_EXECUTE 0x2

struct boot_range {
	uint64_t gpa;
	uint64_t size; /* bytes; page aligned */
	uint32_t kind; /* enum boot_range_kind */
	uint32_t flags;
};
LAYOUT_SIZE(struct boot_range, 24);

/* Areas that the firmware's metadata asks for (OVMF "ASEV" and "IGVM" sections). */
enum boot_firmware_area_kind {
	BOOT_FIRMWARE_MEMORY = 1, /* zeroed, validated, granted before the guest starts */
	BOOT_FIRMWARE_SECRETS = 2,
	BOOT_FIRMWARE_CPUID = 3,
	BOOT_FIRMWARE_CAA = 4,
	BOOT_FIRMWARE_KERNEL_HASHES = 0x10,
	BOOT_FIRMWARE_PARAM_AREA = 0x100,
	BOOT_FIRMWARE_MEMORY_MAP = 0x101, /* gpa is absolute here, size in bytes */
	BOOT_FIRMWARE_VP_COUNT = 0x102,   /* gpa is absolute here */
	BOOT_FIRMWARE_HOB_AREA = 0x200,
};

#define BOOT_MAX_FIRMWARE_AREAS 16

struct boot_firmware_area {
	uint64_t gpa;
	uint32_t size;
	uint32_t kind; /* enum boot_firmware_area_kind */
};
LAYOUT_SIZE(struct boot_firmware_area, 16);

#define BOOT_FLAG_CONSOLE       0x1 /* log to the serial port at console_port */
#define BOOT_FLAG_DEBUG_EXIT    0x2 /* a test image: report through isa-debug-exit at 0xf4 */
#define BOOT_FLAG_HAVE_FIRMWARE 0x4 /* there is a guest to start */

/* The measured part of the parameters. Little endian; offsets are from region_base. */
struct boot_params {
	uint32_t magic;
	uint32_t version;
	uint64_t region_base;
	uint64_t region_size;
	uint64_t loaded_size;    /* bytes from region_base that the shim maps: all loaded pages */
	uint64_t kernel_entry;   /* virtual */
	uint64_t archive_offset; /* 0: no archive */
	uint64_t archive_size;   /* bytes, exact */
	uint64_t symbols_offset; /* reserved, 0 */
	uint64_t symbols_size;
	uint32_t flags;        /* BOOT_FLAG_* */
	uint16_t console_port; /* I/O port, 0x3f8 usually */
	uint8_t guest_vmpl;    /* 1 to 3 */
	uint8_t reserved0;
	uint64_t guest_sev_features; /* for the guest's boot VMSA */
	uint32_t log_level;
	uint32_t options;       /* reserved, 0 */
	uint64_t firmware_base; /* guest physical; 0 size: none */
	uint64_t firmware_size;
	uint32_t firmware_area_count;
	uint32_t range_count;
	struct boot_firmware_area firmware_areas[BOOT_MAX_FIRMWARE_AREAS];
	struct boot_range ranges[BOOT_MAX_RANGES];
};
LAYOUT_AT(struct boot_params, flags, 72);
LAYOUT_AT(struct boot_params, guest_sev_features, 80);
LAYOUT_AT(struct boot_params, firmware_areas, 120);
_Static_assert(sizeof(struct boot_params) <= BOOT_PARAMS_MAX, "boot_params fits its page");

#endif /* __ASSEMBLER__ */
#endif
