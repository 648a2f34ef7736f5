/* SPDX-License-Identifier: MIT */
/*
 * What a loader launches out of an IGVM file for SNP, and in which order: one rule for builder,
 * measurer, Husk and verifier.
 *
 *   1. the directives in file order: PAGE_DATA page by page, PARAMETER_INSERT as unmeasured pages;
 *      shared pages and REQUIRED_MEMORY are not launched;
 *   2. then the VMSAs, as VMSA pages at VMSA_LAUNCH_GPA: those of the file in the order of their
 * vp_index. A host that measures one VMSA per vCPU (KVM) adds, up to its number of vCPUs, the
 *      architecture's reset state with the SEV_FEATURES of the boot vCPU.
 */
#ifndef LAUNCH_MEASURE_H
#define LAUNCH_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "igvm/reader.h"
#include "launch/digest.h"
#include "sevabi/vmsa.h"

enum launch_error {
	LAUNCH_OK = 0,
	LAUNCH_ERR_NO_SNP,   /* the file has no platform SEV_SNP */
	LAUNCH_ERR_NO_VMSA,  /* no VP_CONTEXT for vCPU 0 */
	LAUNCH_ERR_VP_ORDER, /* vp_index repeated, or one is missing below the highest */
	LAUNCH_ERR_VCPUS,    /* fewer vCPUs asked for than the file has VMSAs */
	LAUNCH_ERR_CRYPTO,   /* SHA-384 failed */
};

struct launch_options {
	uint32_t vcpus;     /* VMSAs to measure; 0: as many as the file has */
	uint32_t signature; /* RDX of a vCPU in reset state: its family, model, stepping */
};

/* How many VMSAs the file has for SNP, numbered 0, 1, … without gap. */
MUST_CHECK enum launch_error launch_vmsa_count(const struct igvm_file *file, uint32_t *count);

/*
 * The VMSA that is launched for a vCPU: the file's own one or, for a vp_index that the file has
 * none for, the reset state. *vmsa is a copy.
 */
MUST_CHECK enum launch_error launch_vmsa(const struct igvm_file *file, uint32_t vp_index,
					 const struct launch_options *options, struct vmsa *vmsa);

/* Fills in the state of a vCPU after reset (APM2 14.1.3), startable, with these SEV_FEATURES. */
void launch_vmsa_reset(struct vmsa *vmsa, uint64_t sev_features, uint32_t signature);

/* The launch page type of a PAGE_DATA header. */
enum launch_page_type launch_page_type_of(const struct igvm_page_data *page);

/* The whole launch digest of a file. */
MUST_CHECK enum launch_error launch_measure(const struct igvm_file *file,
					    const struct launch_options *options,
					    struct launch_digest *digest);

/* A sentence without full stop; never NULL. */
const char *launch_error_text(enum launch_error error);

#endif
