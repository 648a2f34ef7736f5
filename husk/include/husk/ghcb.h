/* SPDX-License-Identifier: MIT */
/*
 * The GHCB protocol's host side (AMD 56421), with the answers that KVM and QEMU give. All
 * functions are called under the machine lock.
 */
#ifndef HUSK_GHCB_H
#define HUSK_GHCB_H

#include "husk/vcpu.h"

/* The current plane of `v` executed VMGEXIT; RIP is behind it. Does all that was asked for. */
void ghcb_vmgexit(struct vcpu *v);

/* Power-up: the MSR holds the SEV information, nothing is registered. */
void ghcb_reset(struct plane *p);

/*
 * The plane has a new VMSA. The doorbell is lost; MSR and registration stay, as they are the
 * vCPU's and not the VMSA's (VMCB 0xa0): OVMF wakes its APs a second time relying on that.
 */
void ghcb_vmsa_changed(struct plane *p);

/* The plane that asked for RUN_VMPL is entered again: its answer. */
void ghcb_complete_run_vmpl(struct plane *p);

/* An AP reset hold ended, by a SIPI or otherwise: its answer. */
void ghcb_complete_reset_hold(struct plane *p, bool by_sipi);

/*
 * Restricted injection (APM2 15.36.16): put the plane's pending events into its doorbell page.
 * True: the caller must inject #HV. False: nothing new, no doorbell, or the guest was told already.
 */
bool MUST_CHECK ghcb_doorbell_deliver(struct plane *p);

#endif
