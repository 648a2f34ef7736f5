/* SPDX-License-Identifier: MIT */
/* Loading an image: what the two modes share, and their entry points. */
#ifndef HUSK_LOADER_LOADER_H
#define HUSK_LOADER_LOADER_H

#include "base/compiler.h"
#include "base/types.h"
#include "igvm/reader.h"

/* What a mode does with the directives of its platform, in the file's order. */
struct loader_ops {
	enum igvm_platform_type platform;
	/* One page of 4 KiB; `bytes` NULL: zeros. 2 MiB pages arrive as 512 of them. */
	void (*page)(const struct igvm_page_data *page, const uint8_t *bytes);
	/* One page of a parameter area. */
	void (*parameter)(gpa_t gpa, const uint8_t *bytes);
	void (*required_memory)(const struct igvm_required_memory *memory);
	void (*policy)(const struct igvm_guest_policy *policy);
	void (*id_block)(const struct igvm_snp_id_block *block);
	void (*context)(const struct igvm_vp_context *vp, const uint8_t *bytes);
};

/* Read the image from fw_cfg and hand all its directives to `ops`. Ends the machine on any error.
 */
void loader_load_image(const struct loader_ops *ops);

/*
 * Guest memory below Husk's own that holds the image file while it is loaded; pages of the image
 * must not lie there. loader_release() wipes it.
 */
void loader_release(void);

/* Read a fw_cfg file into that memory; ends the machine if there is no such file or no room. */
const uint8_t *loader_read_file(const char *name, uint32_t *size);
/* True if [gpa, gpa + size) is guest RAM that the image may fill. */
bool loader_may_fill(gpa_t gpa, uint64_t size);

/* Parameter values; false: the area is too small. `area` is `size` bytes, zeroed. */
bool MUST_CHECK parameter_memory_map(void *area, size_t size);
bool MUST_CHECK parameter_madt(void *area, size_t size);

/* Mode native: load the image's NATIVE platform, start the boot CPU, get out of the way. */
void NORETURN native_run(void);
/* Launch HUSK_FWCFG_FIRMWARE as QEMU launches an OVMF file for SNP. */
void firmware_launch(void);
/* Mode snp: launch the image's SNP platform, or a plain firmware file; run it. */
void NORETURN snp_run(void);

#endif
