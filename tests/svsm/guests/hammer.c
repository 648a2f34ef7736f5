/* SPDX-License-Identifier: MIT */
/*
 * Four vCPUs call the SVSM with random arguments, each over its own calling area, all over the same
 * few pages. What must hold: every call comes back, with a code of the specification; no page of
 * the SVSM and no VMSA becomes readable; at the end all four still work.
 */
#include "sevabi/msr.h"
#include "svsm.h"

#ifndef HAMMER_CALLS
#define HAMMER_CALLS 3000
#endif
#define POOL_PAGES 64

enum {
	RUNNING = 1,
	DONE = 2,
	BAD = 3
};

static struct test_cpu cpus[3];
static gpa_t pool;
static volatile uint64_t bad_result, bad_call;

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Mostly pages of the pool; also the SVSM's, MMIO, VMSAs, nonsense. */
static uint64_t random_gpa(uint64_t *seed)
{
	uint64_t r = next_random(seed);
	uint64_t page = (r >> 8) % POOL_PAGES * PAGE_SIZE;

	switch (r % 16) {
	case 0:
		return secrets()->svsm_base + page;
	case 1:
		return cpus[(r >> 8) % 3].vmsa.raw;
	case 2:
		return cpus[(r >> 8) % 3].caa.raw;
	case 3:
		return next_random(seed);
	case 4:
		return 0xfec00000 + page;
	default:
		return pool.raw + page;
	}
}

static void fill_list(struct svsm_port *port, uint64_t *seed)
{
	volatile struct svsm_page_list *list = (volatile struct svsm_page_list *)port->caa->buffer;
	unsigned count = (unsigned)(next_random(seed) % 8);

	list->count = (uint16_t)count;
	list->next = (uint16_t)(next_random(seed) % 4 ? 0 : next_random(seed));
	for (unsigned i = 0; i < 8; i++)
		list->entries[i] = ALIGN_DOWN(random_gpa(seed), PAGE_SIZE) |
				   (next_random(seed) % 8 ? next_random(seed) % 16 & ~3ULL
							  : next_random(seed) % 4096);
}

static bool known_result(uint32_t result)
{
	return result == SVSM_SUCCESS ||
	       (result >= SVSM_ERR_INCOMPLETE && result <= SVSM_ERR_BUSY) ||
	       (result >= SVSM_ERR_PROTOCOL_BASE && result <= SVSM_ERR_PVALIDATE_UNKNOWN) ||
	       (result & ~SVSM_NEED_MEMORY_MASK) == SVSM_NEED_MEMORY;
}

static void one_call(struct svsm_port *port, uint64_t *seed)
{
	/* REMAP_CA, CREATE, DELETE, DEPOSIT and WITHDRAW would take the test's own ground away. */
	static const uint32_t calls[] = {SVSM_CORE_PVALIDATE,      SVSM_CORE_PVALIDATE,
					 SVSM_CORE_PVALIDATE,      SVSM_CORE_CREATE_VCPU,
					 SVSM_CORE_DELETE_VCPU,    SVSM_CORE_QUERY_PROTOCOL,
					 SVSM_CORE_CONFIGURE_VTOM, 17};
	struct svsm_registers r = {.rax = calls[next_random(seed) % ARRAY_SIZE(calls)]};

	fill_list(port, seed);
	r.rcx = r.rax == SVSM_CORE_PVALIDATE && next_random(seed) % 8 ? (uint64_t)port->caa->buffer
								      : random_gpa(seed);
	if (r.rax == SVSM_CORE_DELETE_VCPU)
		r.rcx = pool.raw + next_random(seed) % POOL_PAGES * PAGE_SIZE;
	r.rdx = random_gpa(seed);
	r.r8 = 100 + next_random(seed) % 100; /* no such APIC ID */
	if (next_random(seed) % 64 == 0)
		r.rax |= next_random(seed) << 32;
	svsm_try(port, &r);
	if (!port->not_called && known_result((uint32_t)r.rax) && r.rax >> 32 == 0)
		return;
	bad_call = r.rax;
	bad_result = port->not_called ? ~0ULL : r.rax;
}

static void hammer(struct svsm_port *port, uint64_t seed)
{
	for (unsigned i = 0; i < HAMMER_CALLS; i++)
		one_call(port, &seed);
}

static void hammer_cpu(struct test_cpu *cpu)
{
	cpu->state = RUNNING;
	hammer(&cpu->port, 0x9e3779b97f4a7c15ULL * (cpu->apic_id + 1));
	cpu->state = DONE;
}

static void make_pool(void)
{
	pool = fresh_page();
	psc_msr(pool, GHCB_PSC_PRIVATE);
	for (unsigned i = 1; i < POOL_PAGES; i++)
		psc_msr(fresh_page(), GHCB_PSC_PRIVATE);
}

void micro_main(void)
{
	make_pool();
	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++) {
		cpus[i].apic_id = i + 1;
		cpus[i].fn = hammer_cpu;
		check_equal(cpu_create(&cpus[i]), SVSM_SUCCESS, "CREATE_VCPU");
	}
	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++)
		check(cpu_run(&cpus[i]), "AP creation");
	hammer(&svsm_boot_port, 0x2545f4914f6cdd1dULL);
	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++)
		check(cpu_wait(&cpus[i], DONE), "CPU %u is done", i + 1);
	check_equal(bad_result, 0, "every call came back with a known result");
	check_equal(
		svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, SVSM_CORE_QUERY_PROTOCOL, 0, 0, 0),
		SVSM_SUCCESS, "the SVSM still answers");
}
