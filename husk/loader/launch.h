/* SPDX-License-Identifier: MIT */
/* SNP_LAUNCH_UPDATE as the host's loader uses it: RMP, contents and measurement of one page. */
#ifndef HUSK_LOADER_LAUNCH_H
#define HUSK_LOADER_LAUNCH_H

#include "base/types.h"
#include "sevabi/id_block.h"
#include "sevabi/launch.h"
#include "sevabi/vmsa.h"

/* SNP_LAUNCH_START; ends the machine if the policy is refused. */
void launch_start(uint64_t policy);
/* Launch one page; `contents` NULL: zeros. SECRETS and CPUID pages are filled in by firmware and
 * host. */
void launch_page(enum launch_page_type type, gpa_t gpa, const uint8_t *contents);
/* A page that stays shared. */
void launch_shared_page(gpa_t gpa, const uint8_t *contents);
/* A page range that becomes private, neither launched nor validated; done by launch_finish(). */
void launch_private_range(gpa_t gpa, uint64_t size);
/* Launch a VMSA and register it for VMPL0 of a vCPU; the boot vCPU can run, others wait for INIT.
 */
void launch_vcpu(uint32_t index, const struct vmsa *vmsa);
/* SNP_LAUNCH_FINISH; block and auth NULL: no ID block. Ends the machine if a check fails. */
void launch_finish(const struct id_block *block, const struct id_auth *auth);

#endif
