/* SPDX-License-Identifier: MIT */
/* The image: what lies where, and the IGVM file of it. */
#ifndef IGVM_IMAGE_H
#define IGVM_IMAGE_H

#include <stdint.h>

#include "bootabi/bootabi.h"
#include "firmware.h"
#include "igvm/writer.h"
#include "igvm_elf.h"
#include "recipe.h"
#include "sevabi/vmsa.h"

/* The compatibility masks that the builder gives out. */
#define IMAGE_MASK_SNP    0x1U
#define IMAGE_MASK_NATIVE 0x2U

/* shim, parameters and scratch pages: one measured range at the region's start */
#define IMAGE_HEAD_SIZE (BOOT_SCRATCH_OFFSET + BOOT_SCRATCH_SIZE)

struct image_inputs {
	struct recipe recipe;
	struct file shim;
	struct elf_kernel kernel;
	struct file archive;       /* size 0: none */
	struct file firmware_file; /* size 0: none */
	struct firmware firmware;
};

/* A range of the guest's memory that the file says something about. */
struct image_range {
	uint64_t gpa;
	uint64_t size;
	const uint8_t *bytes; /* NULL: zeros */
	uint64_t bytes_size;  /* what lies behind is zero */
	uint32_t kind;        /* enum boot_range_kind */
	uint32_t flags;       /* BOOT_RANGE_* */
};

struct image {
	const struct image_inputs *inputs;
	uint32_t range_count;
	struct image_range ranges[BOOT_MAX_RANGES];
	struct boot_params params;
	uint8_t head[IMAGE_HEAD_SIZE];
};

/* Places everything; complains when something does not fit or overlaps. */
MUST_CHECK enum tool_status image_layout(struct image *image, const struct image_inputs *inputs);

/* Writes the image in the order that spec/igvm.md 7 asks for. */
void image_emit(const struct image *image, struct igvm_writer *writer);

/* The boot vCPU's state at the shim's entry (bootabi.h), on SNP and on NATIVE. */
void context_snp(struct vmsa *vmsa, const struct recipe *recipe);
void context_native(struct igvm_native_context *context, const struct recipe *recipe);

#endif
