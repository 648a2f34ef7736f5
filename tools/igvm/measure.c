/* SPDX-License-Identifier: MIT */
/* igvm measure */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "launch/measure.h"
#include "tool.h"

#define KVM_VMSA_GPA 0xfffffffff000ULL

struct measure_options {
	struct launch_options launch;
	bool check_kvm;
	const char *path;
};

static const struct option long_options[] = {
	{"vcpus", required_argument, NULL, 'v'},
	{"vcpu-signature", required_argument, NULL, 's'},
	{"check-kvm", no_argument, NULL, 'k'},
	{NULL, 0, NULL, 0},
};

static const char usage[] =
	"usage: igvm measure [--vcpus N] [--vcpu-signature HEX] [--check-kvm] FILE\n"
	"  --vcpus N             the host measures one VMSA per vCPU, as KVM does\n"
	"  --vcpu-signature HEX  RDX of the vCPUs that start in reset state\n"
	"  --check-kvm           refuse what a KVM host would not load as it is measured\n";

static enum tool_status parse_options(struct measure_options *options, int argc, char **argv)
{
	uint64_t number;
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (option == 'v' && parse_number(optarg, &number) && number >= 1 && number <= 512)
			options->launch.vcpus = (uint32_t)number;
		else if (option == 's' && parse_number(optarg, &number) && number <= UINT32_MAX)
			options->launch.signature = (uint32_t)number;
		else if (option == 'k')
			options->check_kvm = true;
		else {
			fputs(usage, stderr);
			return TOOL_USAGE;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return TOOL_USAGE;
	}
	options->path = argv[optind];
	return TOOL_OK;
}

static enum tool_status kvm_refuses(const char *path, const char *reason)
{
	complain("%s: not for KVM: %s", path, reason);
	return TOOL_CHECK;
}

static enum tool_status check_kvm_vmsa(const char *path, const struct igvm_file *igvm,
				       const struct igvm_vp_context *vp)
{
	struct vmsa vmsa;

	memcpy(&vmsa, igvm_vp_bytes(igvm, vp), sizeof(vmsa));
	if (vp->gpa != KVM_VMSA_GPA)
		return kvm_refuses(path, "VMSA is not at 0xfffffffff000");
	if (vmsa.cr0 != 0x31 && vmsa.cr0 != 0x30 && vp->vp_index == 0)
		return kvm_refuses(path, "CR0 of the boot vCPU is neither 0x31 nor 0x30");
	if ((vmsa.sev_features & SEV_FEATURE_SNP) == 0)
		return kvm_refuses(path, "SEV_FEATURES lack SNP");
	return TOOL_OK;
}

/* What QEMU and KVM demand of a file for its digest to come out as measured (spec/igvm.md 7, 8). */
static enum tool_status check_kvm(const char *path, const struct igvm_file *igvm)
{
	uint32_t mask = igvm_platform_mask(igvm, IGVM_PLATFORM_SNP);
	struct igvm_cursor cursor = igvm_begin();
	enum tool_status status = TOOL_OK;
	struct igvm_header header;
	bool policy = false, vmsa = false, page = false;

	while (status == TOOL_OK && igvm_next(igvm, &cursor, &header)) {
		if ((header.mask & mask) == 0)
			continue;
		switch (header.type) {
		case IGVM_GUEST_POLICY:
			policy = true;
			break;
		case IGVM_PAGE_DATA:
			page = true;
			break;
		case IGVM_PARAMETER_INSERT:
			if (page || vmsa)
				return kvm_refuses(path, "PARAMETER_INSERT behind pages or VMSA: "
							 "QEMU launches it before them");
			break;
		case IGVM_VP_CONTEXT:
			if (vmsa)
				return kvm_refuses(path, "more than one VMSA");
			vmsa = true;
			status = check_kvm_vmsa(path, igvm, &header.content.vp);
			break;
		default:
			break;
		}
	}
	if (status == TOOL_OK && !policy)
		return kvm_refuses(path, "no GUEST_POLICY");
	return status;
}

int command_measure(int argc, char **argv)
{
	struct measure_options options = {0};
	enum tool_status status = parse_options(&options, argc, argv);
	char text[2 * LAUNCH_DIGEST_SIZE + 1];
	struct launch_digest digest;
	enum launch_error error;
	struct igvm_file igvm;
	struct file file;

	if (status == TOOL_OK)
		status = igvm_load(&file, &igvm, options.path);
	if (status != TOOL_OK)
		return (int)status;
	error = launch_measure(&igvm, &options.launch, &digest);
	if (error != LAUNCH_OK) {
		complain("%s: %s", options.path, launch_error_text(error));
		status = TOOL_INPUT;
	} else if (options.check_kvm) {
		status = check_kvm(options.path, &igvm);
	}
	if (status == TOOL_OK) {
		hex_text(digest.value, sizeof(digest.value), text);
		puts(text);
	}
	file_free(&file);
	return (int)status;
}
