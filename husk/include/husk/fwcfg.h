/* SPDX-License-Identifier: MIT */
/* Husk's own client of QEMU's fw_cfg device; used before the guest starts. */
#ifndef HUSK_FWCFG_H
#define HUSK_FWCFG_H

#include "base/compiler.h"
#include "base/types.h"

struct fwcfg_file {
	uint16_t selector;
	uint32_t size; /* bytes */
};

/* False: there is no fw_cfg device, or no file of that name. */
bool MUST_CHECK fwcfg_find(const char *name, struct fwcfg_file *file);
/* Read from the start of a file; `to` lies in Husk's own memory or its map of RAM. Uses DMA. */
void fwcfg_read(const struct fwcfg_file *file, void *to, uint32_t size);
/* An option's text, shortened to fit; false if it isn't set. */
bool MUST_CHECK fwcfg_option(const char *name, char *text, size_t size);
/* The same as a number (decimal, or 0x...); `otherwise` if it isn't set. */
uint64_t fwcfg_option_number(const char *name, uint64_t otherwise);
/* Number of CPUs (FW_CFG_NB_CPUS). */
uint16_t fwcfg_cpu_count(void);

#endif
