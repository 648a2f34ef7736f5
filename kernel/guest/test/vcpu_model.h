/* SPDX-License-Identifier: MIT */
#ifndef VCPU_MODEL_H
#define VCPU_MODEL_H

#include "kernel/vcpu.h"

#define MODEL_PAGES 64U
#define MODEL_CPUS  2U

struct vcpu_model {
	bool granted[MODEL_PAGES];
	bool vmsa[MODEL_PAGES];
	unsigned int operations; /* that can fail, counted while fail_at is set */
	unsigned int fail_at;    /* the n-th of them fails; 0: none */
	unsigned int kicks;
	unsigned int flushes;
	int mappings;
	uint64_t now;
	void (*on_yield)(void); /* what another CPU does meanwhile */
};
extern struct vcpu_model model;

/* Every page is the guest's; the vCPUs stay as they are. */
void model_start(void);
uint8_t *model_page(uint64_t gpa);

#endif
