/* SPDX-License-Identifier: MIT */
/* The life of vCPUs: created, run, brought back the way Linux does it, deleted while they run. */
#include "sevabi/msr.h"
#include "svsm.h"

#define CORE(call, rcx, rdx, r8) svsm_call(&svsm_boot_port, SVSM_PROTOCOL_CORE, call, rcx, rdx, r8)

enum {
	STARTED = 1,
	CALLED = 2,
	GO = 3,
	DONE = 4
};

static struct test_cpu cpus[3];

static void say_started(struct test_cpu *cpu)
{
	cpu->state = STARTED;
}

/* One call through the CPU's own calling area. */
static void call_once(struct test_cpu *cpu)
{
	uint32_t result = svsm_call(&cpu->port, SVSM_PROTOCOL_CORE, SVSM_CORE_QUERY_PROTOCOL,
				    SVSM_QUERY_RCX(0, 1), 0, 0);

	cpu->state = result == SVSM_SUCCESS ? CALLED : 100;
}

static void spin_for_ever(struct test_cpu *cpu)
{
	cpu->state = STARTED;
	for (;;)
		__asm__ volatile("pause");
}

static void start(struct test_cpu *cpu, void (*fn)(struct test_cpu *))
{
	cpu->fn = fn;
	cpu->state = 0;
	check_equal(cpu_create(cpu), SVSM_SUCCESS, "CREATE_VCPU");
	check(cpu_run(cpu), "AP creation");
}

static void test_each_cpu(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(cpus); i++) {
		cpus[i].apic_id = i + 1;
		start(&cpus[i], call_once);
		check(cpu_wait(&cpus[i], CALLED), "CPU %u calls the SVSM", i + 1);
	}
}

/* New VMSA, same calling area and APIC ID, before the old VMSA is deleted. */
static void test_back_online(struct test_cpu *cpu)
{
	gpa_t old = cpu->vmsa;

	check(cpu_stop(cpu), "AP destroy");
	start(cpu, call_once);
	check(cpu_wait(cpu, CALLED), "a CPU comes back with its old calling area");
	check_equal(CORE(SVSM_CORE_DELETE_VCPU, old.raw, 0, 0), SVSM_SUCCESS,
		    "the old VMSA is deleted after that");
	*(volatile uint8_t *)old.raw = 0x11;
	check_equal(*(volatile uint8_t *)old.raw, 0x11, "and is an ordinary page");
	check(cpu_stop(cpu), "AP destroy");
	start(cpu, call_once);
	check(cpu_wait(cpu, CALLED), "its calling area is still registered");
}

static void test_delete_running(struct test_cpu *cpu)
{
	uint32_t result;

	check(cpu_stop(cpu), "AP destroy");
	start(cpu, spin_for_ever);
	check(cpu_wait(cpu, STARTED), "a CPU spins");
	result = CORE(SVSM_CORE_DELETE_VCPU, cpu->vmsa.raw, 0, 0);
	check(result == SVSM_SUCCESS || result == SVSM_ERR_VCPU_IN_USE,
	      "DELETE_VCPU of a running CPU: done, or in use");
	note("result 0x%lx", (uint64_t)result);
	(void)cpu_stop(cpu);
	if (result != SVSM_SUCCESS)
		result = CORE(SVSM_CORE_DELETE_VCPU, cpu->vmsa.raw, 0, 0);
	check_equal(result, SVSM_SUCCESS, "after AP destroy it can be deleted");
	cpu->caa = GPA(0);
	start(cpu, say_started);
	check(cpu_wait(cpu, STARTED), "the CPU can be made anew");
}

static void test_delete_twice(struct test_cpu *cpu)
{
	(void)cpu_stop(cpu);
	check_equal(CORE(SVSM_CORE_DELETE_VCPU, cpu->vmsa.raw, 0, 0), SVSM_SUCCESS, "DELETE_VCPU");
	check_equal(CORE(SVSM_CORE_DELETE_VCPU, cpu->vmsa.raw, 0, 0), SVSM_ERR_INVALID_PARAMETER,
		    "DELETE_VCPU twice");
}

/* The calling area of one CPU is no calling area for another, nor a VMSA. */
static void test_overlap(void)
{
	gpa_t page;

	(void)private_page(0, &page);
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, cpus[1].caa.raw, page.raw, 3),
		    SVSM_ERR_INVALID_ADDRESS, "another CPU's calling area as VMSA");
	check_equal(CORE(SVSM_CORE_CREATE_VCPU, page.raw, cpus[1].vmsa.raw, 3),
		    SVSM_ERR_INVALID_ADDRESS, "another CPU's VMSA as calling area");
	check_equal(CORE(SVSM_CORE_REMAP_CA, cpus[1].vmsa.raw, 0, 0), SVSM_ERR_INVALID_ADDRESS,
		    "REMAP_CA to a VMSA");
	check_equal(svsm_validate(cpus[1].vmsa, false), SVSM_ERR_INVALID_ADDRESS,
		    "rescind another CPU's VMSA");
	check_equal(svsm_validate(cpus[1].caa, false), SVSM_ERR_INVALID_ADDRESS,
		    "rescind another CPU's calling area");
}

void micro_main(void)
{
	test_each_cpu();
	test_overlap();
	test_back_online(&cpus[0]);
	test_delete_running(&cpus[1]);
	test_delete_twice(&cpus[2]);
}
