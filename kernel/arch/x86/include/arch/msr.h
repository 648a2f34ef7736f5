/* SPDX-License-Identifier: MIT */
/* Numbers that assembly needs as well. */
#ifndef ARCH_MSR_H
#define ARCH_MSR_H

#define MSR_EFER_NUMBER    0xc0000080
#define MSR_GS_BASE_NUMBER 0xc0000101
#define RFLAGS_IF_BIT      0x200

#endif
