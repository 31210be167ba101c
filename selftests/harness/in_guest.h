/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A guest for tests: VM, memory, vCPUs, and a run loop that answers the
 * harness's own ports and explains what it did not expect.
 *
 * A struct guest is zeroed or created, and belongs to the test. Its VM belongs
 * to the process that created it. A vCPU is run by one thread at a time;
 * guest_spawn() gives it its own.
 *
 * Test programs are linked statically to fixed addresses and copied into the
 * guest's memory, so that guest code stands beside the assertions about it.
 * guest_code.h is what such code may use.
 */
#ifndef IN_GUEST_H
#define IN_GUEST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmm.h>
#include "guest_layout.h"

#define GUEST_CPUS	8
#define GUEST_VALUES	256

/* guest_run(): VMM_EXIT_* as the kernel gave it, -errno, or one of these. */
#define GUEST_DONE	100	/* g_done() */
#define GUEST_DIED	101	/* an exception without handler; told on stderr */
#define GUEST_TIMEOUT	102	/* told on stderr */

struct guest_cpu {
	struct guest *guest;
	unsigned int id;
	int fd;
	struct vmm_run *run;
	uint64_t result;		/* of g_done() */
	uint64_t value[GUEST_VALUES];	/* of g_value() */
	unsigned int values;
	pthread_t thread;
	int returned;			/* guest_run() of the spawned thread */
};

struct guest {
	int ctl;
	int vm;
	uint8_t *mem;
	unsigned int cpus;
	struct guest_cpu cpu[GUEST_CPUS];
};

/* --- plain calls: the result, or a negative errno ------------------------- */

int vmm_call(int fd, unsigned long request, void *arg);
int vmm_open(void);			/* the control node */
int vmm_create(int ctl, const char *name);
int vmm_vcpu(int vm, uint32_t id);
int vmm_activate(int vcpu);
int vmm_run_once(int vcpu);
int vmm_mem_add(int vm, uint64_t gpa, void *hva, uint64_t len, uint32_t prot);
int vmm_mem_remove(int vm, uint64_t gpa, uint64_t len);
int vmm_get_regs(int vcpu, uint32_t groups, struct vmm_regs *regs);
int vmm_set_regs(int vcpu, uint32_t groups, const struct vmm_regs *regs);
int vmm_suspend_vm(int vm, uint32_t how);

/* --- a whole guest --------------------------------------------------------- */

/*
 * Memory, tables and @cpus activated vCPUs with mapped run pages. 0, or
 * -errno with nothing left behind; what failed is told on stderr.
 */
int guest_create(struct guest *guest, unsigned int cpus);
void guest_destroy(struct guest *guest);
/* Called before the first vCPU. Else MSRs that the module does not know exit. */
extern int (*guest_before_vcpus)(int vm);

/* Where the guest's @object is in our address space. @object is of the program. */
#define guest_at(guest, object)	\
	((__typeof__(&(object)[0]))((guest)->mem + (uintptr_t)(object)))

/*
 * Sets a vCPU to begin @entry(@arg) in 64-bit mode at CPL 0, in flat 32-bit
 * protected mode without paging, or in real mode with CS:IP = 0:@ip.
 * Interrupts are off. @entry must end with g_done().
 */
int guest_start64(struct guest_cpu *cpu, void *entry, uint64_t arg);
int guest_start32(struct guest_cpu *cpu, uint32_t eip, uint32_t arg);
int guest_start16(struct guest_cpu *cpu, uint16_t ip, uint16_t arg);

/* Copies the code from @begin to @end to GUEST_CODE. */
void guest_load(struct guest *guest, const void *begin, const void *end);

/* Has application processors that get SIPI vector 9 call @entry(apic_id). */
void guest_ap_entry(struct guest *guest, void (*entry)(uint64_t apic_id));

/*
 * Runs until there is something for the test. A guest that takes longer than
 * guest_timeout_ms is stopped and shown.
 */
int guest_run(struct guest_cpu *cpu);
extern unsigned int guest_timeout_ms;

/* guest_run() in a thread of its own; guest_join() returns what it returned. */
int guest_spawn(struct guest_cpu *cpu);
int guest_join(struct guest_cpu *cpu);

/* guest_start64() and guest_run(). */
int guest_call(struct guest *guest, void (*entry)(uint64_t arg), uint64_t arg);

/* Registers, the exit and the last exits, to stderr. */
void guest_show(struct guest_cpu *cpu);

/* --- the module as a whole ------------------------------------------------- */

/* A line of /sys/kernel/debug/vmm/objects, -1 if it cannot be read. */
long vmm_objects(const char *what);
/* Waits until no VM and no vCPU is left; false after @ms. */
bool vmm_objects_gone(unsigned int ms);
uint64_t now_ms(void);

#endif /* IN_GUEST_H */
