/* SPDX-License-Identifier: MIT */
/* The vTPM protocol (SVSM 7): from a request of the kernel to its answer. */
#ifndef TPMD_SERVER_H
#define TPMD_SERVER_H

#include "sevabi/guid.h"
#include "svcabi/svcabi.h"

enum server_error {
	SERVER_OK = 0,
	SERVER_BROKEN, /* the TPM is lost: the service must end, and be started anew */
};

/* Manifest version 0 of the vTPM: the TPMT_PUBLIC of its RSA-2048 endorsement key (SVSM 5.3). */
#define VTPM_MANIFEST_VERSION 0U

/* The vTPM's service GUID, in EFI byte order (SVSM 5.3). */
extern const struct guid vtpm_service_guid;

/*
 * Answers one request; `response` is written whole, unused bytes zero. Every request of a guest has
 * an answer. SERVER_BROKEN: `response` is an error all the same.
 */
enum server_error server_answer(const struct svc_request *request,
				struct svc_response *response) MUST_CHECK;

#endif
