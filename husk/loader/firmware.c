/* SPDX-License-Identifier: MIT */
/*
 * A plain OVMF file as SNP guest at VMPL0, launched as QEMU does it: the file at the end of the
 * first 4 GiB, the areas of its SEV metadata, one measured VMSA for each vCPU (igvm 10).
 */
#include "husk/log.h"
#include "husk/machine.h"
#include "husk/vcpu.h"
#include "huskabi/huskabi.h"
#include "arch/insn.h"
#include "launch/measure.h"
#include "loader/launch.h"
#include "loader/loader.h"
#include "mem/mem.h"

#define POLICY_DEFAULT 0x30000
#define GUID_SIZE      16
#define TABLE_END      32         /* the table of GUIDs ends this far from the end of the file */
#define METADATA_MAGIC 0x56455341 /* "ASEV" */
#define AREAS_MAX      64

static const uint8_t guid_footer[GUID_SIZE] = {0xde, 0x82, 0xb5, 0x96, 0xb2, 0x1f, 0xf7, 0x45,
					       0xba, 0xea, 0xa3, 0x66, 0xc5, 0x5a, 0x08, 0x2d};
static const uint8_t guid_sev_metadata[GUID_SIZE] = {0x66, 0x65, 0x88, 0xdc, 0x4a, 0x98,
						     0x98, 0x47, 0xa7, 0x5e, 0x55, 0x85,
						     0xa7, 0xbf, 0x67, 0xcc};
static const uint8_t guid_reset_block[GUID_SIZE] = {0xde, 0x71, 0xf7, 0x00, 0x7e, 0x1a, 0xcb, 0x4f,
						    0x89, 0x0e, 0x68, 0xc7, 0x7e, 0x2f, 0xb4, 0x4e};

/* One entry of the table, which is read backwards: content, length, GUID. */
struct guid_trailer {
	uint16_t length; /* content and trailer */
	uint8_t guid[GUID_SIZE];
} PACKED;
LAYOUT_SIZE(struct guid_trailer, 18);

struct metadata_header {
	uint32_t magic;
	uint32_t length;
	uint32_t version;
	uint32_t count;
};

struct metadata_area {
	uint32_t base;
	uint32_t size;
	uint32_t type;
};

enum area_type {
	AREA_MEMORY = 1,
	AREA_SECRETS = 2,
	AREA_CPUID = 3,
	AREA_CAA = 4,
	AREA_KERNEL_HASHES = 16,
};

struct firmware {
	const uint8_t *bytes;
	uint32_t size;
};

/* The u32 that a table entry holds; false: no such entry. */
static bool find_u32(const struct firmware *f, const uint8_t *guid, uint32_t *value)
{
	struct guid_trailer trailer;
	uint32_t end = f->size - TABLE_END;
	uint32_t start;

	memcpy(&trailer, f->bytes + end - sizeof(trailer), sizeof(trailer));
	if (memcmp(trailer.guid, guid_footer, GUID_SIZE) != 0 || trailer.length > end ||
	    trailer.length < sizeof(trailer))
		return false;
	start = end - trailer.length;
	end -= (uint32_t)sizeof(trailer);
	while (end - start > sizeof(trailer)) {
		memcpy(&trailer, f->bytes + end - sizeof(trailer), sizeof(trailer));
		if (trailer.length < sizeof(trailer) || trailer.length > end - start)
			return false;
		if (memcmp(trailer.guid, guid, GUID_SIZE) == 0 &&
		    trailer.length >= sizeof(trailer) + sizeof(*value)) {
			memcpy(value, f->bytes + end - trailer.length, sizeof(*value));
			return true;
		}
		end -= trailer.length;
	}
	return false;
}

static enum launch_page_type page_type_of(uint32_t area)
{
	switch (area) {
	case AREA_SECRETS:
		return LAUNCH_PAGE_SECRETS;
	case AREA_CPUID:
		return LAUNCH_PAGE_CPUID;
	default:
		return LAUNCH_PAGE_ZERO;
	}
}

static void launch_area(const struct metadata_area *area)
{
	if (area->base % PAGE_SIZE || area->size % PAGE_SIZE ||
	    !loader_may_fill(GPA(area->base), area->size))
		machine_end(HUSK_EXIT_BAD_IMAGE, "firmware metadata: bad area %x+%x", area->base,
			    area->size);
	for (uint32_t at = 0; at < area->size; at += (uint32_t)PAGE_SIZE)
		launch_page(page_type_of(area->type), GPA((uint64_t)area->base + at), NULL);
}

static void launch_metadata(const struct firmware *f)
{
	struct metadata_header header;
	struct metadata_area area;
	uint32_t from_end, at;

	if (!find_u32(f, guid_sev_metadata, &from_end) || from_end > f->size ||
	    from_end < sizeof(header))
		machine_end(HUSK_EXIT_BAD_IMAGE, "the firmware has no SEV metadata");
	at = f->size - from_end;
	memcpy(&header, f->bytes + at, sizeof(header));
	if (header.magic != METADATA_MAGIC || header.version != 1 || header.count > AREAS_MAX ||
	    from_end < sizeof(header) + header.count * sizeof(area))
		machine_end(HUSK_EXIT_BAD_IMAGE, "the firmware's SEV metadata is damaged");
	for (uint32_t i = 0; i < header.count; i++) {
		memcpy(&area, f->bytes + at + sizeof(header) + i * sizeof(area), sizeof(area));
		launch_area(&area);
	}
}

/* APs start at the address that the firmware's SEV-ES reset block names. */
static void launch_vmsas(const struct firmware *f)
{
	struct vmsa vmsa;
	uint32_t r[4];
	uint32_t ap_reset;

	cpuid(1, 0, r);
	for (uint32_t i = 0; i < vcpu_count; i++) {
		launch_vmsa_reset(&vmsa, SEV_FEATURE_SNP, r[0]);
		if (i > 0 && find_u32(f, guid_reset_block, &ap_reset)) {
			vmsa.cs.base = ap_reset & 0xffff0000;
			vmsa.rip = ap_reset & 0xffff;
		}
		launch_vcpu(i, &vmsa);
	}
}

void firmware_launch(void)
{
	struct firmware f;
	uint64_t base;

	f.bytes = loader_read_file(HUSK_FWCFG_FIRMWARE, &f.size);
	if (f.size % PAGE_SIZE || f.size < PAGE_SIZE)
		machine_end(HUSK_EXIT_BAD_IMAGE, "the firmware isn't whole pages");
	base = GIB(4) - f.size;
	if (!loader_may_fill(GPA(base), f.size))
		machine_end(HUSK_EXIT_BAD_IMAGE, "the firmware is larger than its window");
	launch_start(POLICY_DEFAULT);
	for (uint32_t at = 0; at < f.size; at += (uint32_t)PAGE_SIZE)
		launch_page(LAUNCH_PAGE_NORMAL, GPA(base + at), f.bytes + at);
	launch_metadata(&f);
	launch_vmsas(&f);
	launch_finish(NULL, NULL);
	loader_release();
}
