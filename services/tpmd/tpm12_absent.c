/* SPDX-License-Identifier: MIT */
/*
 * libtpms finds the TPM 1.2 through this table. An empty one keeps that half of the library out of
 * the link; only TPM 2.0 is ever chosen.
 */
extern const void *const TPM12Interface[18];
const void *const TPM12Interface[18];
