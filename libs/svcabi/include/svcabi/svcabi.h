/* SPDX-License-Identifier: MIT */
/*
 * What Copra's kernel and its ring-3 services say to each other beyond Linux's system calls.
 *
 * A protocol server opens /dev/svsm/protocol/N (one opener at a time, right `open` needed).
 * One read() returns exactly one struct svc_request, blocking until there is one (O_NONBLOCK:
 * EAGAIN; a buffer shorter than the struct: EINVAL; poll: POLLIN). One write() of a whole struct
 * svc_response answers it, in any order: ESTALE when the guest gave up meanwhile (the server goes
 * on), EINVAL when the answer is malformed. Closing the file, or the end of the process, answers
 * whatever is open with an error; a server opened later serves the next call.
 *
 * /dev/svsm/manifest: one write() of struct svc_manifest followed by `size` bytes of data. Size 0:
 * the service exists and makes its manifest when SVC_REQUEST_MANIFEST asks for it.
 *
 * /dev/svsm/launch: write "go" when the services that the guest needs are ready (init's right).
 *
 * /dev/log: each write() is one or more lines, logged under the service's name.
 */
#ifndef SVCABI_SVCABI_H
#define SVCABI_SVCABI_H

#include "base/compiler.h"
#include "base/types.h"

#define SVC_BUFFER_SIZE 4096

#define SVC_REQUEST_CALL 1 /* a guest's call */
#define SVC_REQUEST_MANIFEST \
	2 /* the kernel wants the manifest: call = its version, answer in buffer */

struct svc_request {
	uint64_t id;       /* repeated in the answer; never 0, never used twice */
	uint32_t kind;     /* SVC_REQUEST_* */
	uint32_t vcpu;     /* guest vCPU index */
	uint32_t protocol; /* RAX[63:32] */
	uint32_t call;     /* RAX[31:0] */
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	uint64_t r9;
	uint32_t buffer_size; /* bytes valid in buffer: the protocol's fixed buffer, or 0 */
	uint32_t reserved;
	uint8_t buffer[SVC_BUFFER_SIZE];
};
LAYOUT_AT(struct svc_request, buffer, 64);
LAYOUT_SIZE(struct svc_request, 64 + SVC_BUFFER_SIZE);

struct svc_response {
	uint64_t id;
	uint32_t result;      /* RAX[31:0], an SVSM result code */
	uint32_t buffer_size; /* bytes of buffer that go back to the guest's buffer */
	uint64_t rcx;
	uint64_t rdx;
	uint64_t r8;
	uint8_t buffer[SVC_BUFFER_SIZE];
};
LAYOUT_AT(struct svc_response, buffer, 40);
LAYOUT_SIZE(struct svc_response, 40 + SVC_BUFFER_SIZE);

struct svc_manifest {
	uint8_t guid[16]; /* service GUID, EFI byte order (SVSM 5.3) */
	uint32_t version; /* manifest version */
	uint32_t size;    /* bytes of data that follow, at most SVC_MANIFEST_MAX */
};
LAYOUT_SIZE(struct svc_manifest, 24);

#define SVC_MANIFEST_MAX 4096

#endif
