/* SPDX-License-Identifier: MIT */
/* VMPL0 of an SEV-SNP guest: the platform table, start and end. */
#include "arch/insn.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/stop.h"
#include "kernel/string.h"
#include "kernel/timer.h"
#include "kernel/trap.h"
#include "sevabi/vmsa.h"
#include "snp.h"

/* Console output from before the GHCB page. */
#define EARLY_LINES 2048U

uint64_t snp_features;
uint64_t snp_host_features;

static char early_text[EARLY_LINES];
static size_t early_size;

static void negotiate(void)
{
	uint64_t info = ghcb_msr_call(GHCB_MSR_SEV_INFO_REQ, GHCB_MSR_SEV_INFO);

	if (GHCB_MSR_SEV_INFO_MIN(info) > GHCB_VERSION ||
	    GHCB_MSR_SEV_INFO_MAX(info) < GHCB_VERSION)
		stop(STOP_GHCB_PROTOCOL);
	snp_host_features =
		GHCB_MSR_DATA(ghcb_msr_call(GHCB_MSR_FEATURES_REQ, GHCB_MSR_FEATURES_RESP));
	if (!(snp_host_features & GHCB_FEATURE_SNP))
		stop(STOP_GHCB_PROTOCOL);
}

static void start(void)
{
	uint64_t status = insn_rdmsr(MSR_SEV_STATUS), wrong;

	snp_features = status >> SEV_STATUS_FEATURES_SHIFT;
	if (!snp_status_acceptable(status, &wrong))
		stop(STOP_SNP_FEATURES);
	snp_cpuid_init();
	snp_vc_init();
	negotiate();
}

static void write_port(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (ghcb_io_write(boot_info.params.console_port, 1, (uint8_t)text[i]) != OK)
			return;
}

static void console_write(const char *text, size_t size)
{
	if (!(boot_info.params.flags & BOOT_FLAG_CONSOLE))
		return;
	if (ghcb_ready()) {
		write_port(text, size);
		return;
	}
	if (size > EARLY_LINES - early_size)
		size = EARLY_LINES - early_size;
	memcpy(early_text + early_size, text, size);
	early_size += size;
}

static void report_features(void)
{
	static const struct {
		uint64_t feature;
		const char *name;
	} wanted[] = {
		{GHCB_FEATURE_AP_CREATION, "AP creation: one CPU only"},
		{GHCB_FEATURE_RESTRICTED_INJECTION, "restricted injection: no timer, no IPIs"},
		{GHCB_FEATURE_MULTI_VMPL, "multiple VMPLs: the guest may not start"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!(snp_host_features & wanted[i].feature))
			log_warn("snp: the host doesn't offer %s", wanted[i].name);
}

static void timer_interrupt(struct trap_frame *frame)
{
	(void)frame;
	timer_run_due();
}

/* The boot CPU's GHCB comes first: until now console output had no way out. */
static enum error init(void)
{
	enum error error;

	guest_init();
	error = snp_cpu_prepare(this_cpu());
	if (error != OK)
		return error;
	ghcb_register();
	write_port(early_text, early_size);
	report_features();
	trap_set_interrupt(VECTOR_TIMER, timer_interrupt);
	return OK;
}

/* By now the random numbers are seeded, for which VMPCK0 is one source: it can leave the secrets
 * page. */
static enum error cpus(uint32_t *apic_ids, uint32_t *count)
{
	enum error error = snp_psp_init();

	return error == OK ? snp_cpus(apic_ids, count) : error;
}

static enum error cpu_setup(struct cpu *cpu)
{
	if (cpu->index)
		ghcb_register();
	if (snp_doorbell_setup(cpu->platform) != OK)
		log_warn("snp: CPU %u has no doorbell page", cpu->index);
	snp_apic_setup(cpu->platform);
	return OK;
}

static void terminate(enum stop_reason reason)
{
	ghcb_msr_terminate(GHCB_TERM_SET_COPRA, (uint32_t)reason);
}

const struct platform platform_snp = {
	.name = "SEV-SNP",
	.start = start,
	.console_write = console_write,
	.cpuid = snp_cpuid,
	.pages_validate = snp_pages_validate,
	.pages_invalidate = snp_pages_invalidate,
	.make_shared = snp_make_shared,
	.make_private = snp_make_private,
	.init = init,
	.cpus = cpus,
	.cpu_prepare = snp_cpu_prepare,
	.cpu_start = snp_cpu_start,
	.cpu_setup = cpu_setup,
	.send_ipi = snp_send_ipi,
	.send_nmi = snp_send_nmi,
	.end_of_interrupt = snp_end_of_interrupt,
	.apic_read = snp_apic_read,
	.apic_write = snp_apic_write,
	.timer_available = snp_timer_available,
	.timer_set = snp_timer_set,
	.tsc_hz = snp_tsc_hz,
	.idle = snp_idle,
	.deliver_pending = snp_deliver_pending,
	.terminate = terminate,
	.guest = &snp_guest_machine,
};
