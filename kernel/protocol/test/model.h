/* SPDX-License-Identifier: MIT */
/* A modelled machine below the protocol: guest memory, an RMP, and instructions that can be told to
 * fail. */
#ifndef PROTOCOL_TEST_MODEL_H
#define PROTOCOL_TEST_MODEL_H

#include "kernel/guest.h"

#define MODEL_PAGES 2048U /* 8 MiB */

struct model_page {
	bool validated;
	bool granted; /* the guest may use it */
};

struct model {
	struct model_page pages[MODEL_PAGES];
	uint8_t memory[64 * 1024]; /* the first pages' contents */
	unsigned int fail_at;      /* the n-th page operation fails with fail_status; 0: none */
	uint32_t fail_status;
	unsigned int operations;
	unsigned int flushes;
	bool memory_available;
};
extern struct model model;

/* All memory unvalidated but for the first 64 KiB, which are the guest's. */
void model_start(void);

#endif
