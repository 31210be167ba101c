/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A virtual machine under one of two hypervisors: the module, through libvmm,
 * or KVM, through its plain ioctls. Both run the same guest code from the same
 * memory image; everything a row measures goes through this interface.
 *
 * A machine belongs to the process; a vCPU is run by one thread at a time.
 * Functions return 0 or a descriptor, or a negative errno; -ENOSYS means that
 * the hypervisor has nothing of the kind and the row is left out.
 */
#ifndef PERF_MACHINE_H
#define PERF_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "guest_layout.h"

#define MACHINE_CPUS	4

/* What the guest writes and userspace answers; the value is in memory. */
#define PERF_PORT_USER	0x5c0	/* answered in userspace */
#define PERF_PORT_EVENT	0x5c4	/* an eventfd is bound to it */
#define PERF_PORT_PMTMR	0x608
#define PERF_MMIO_USER	0xd0000000ULL
#define PERF_MMIO_EVENT	0xd0001000ULL
#define PERF_GSI	9	/* level lines are not used: edge */

/* Guest memory beyond the program: rows that touch fresh pages. */
#define PERF_AREA_GPA	0x10000000ULL

struct cpu {
	int fd;
	void *run;		/* the hypervisor's run page */
	struct machine *machine;
};

struct machine {
	const struct machine_ops *ops;
	int vm;
	uint8_t *image;		/* GUEST_MEM bytes at gpa 0 */
	unsigned int cpus;
	struct cpu cpu[MACHINE_CPUS];
};

struct machine_ops {
	const char *name;
	/* The node, once per process. */
	int (*open)(void);
	/* VM with interrupt controllers and timers, no memory, no vCPU. */
	int (*create)(struct machine *m);
	int (*add_memory)(struct machine *m, unsigned int slot, uint64_t gpa, void *hva,
			  uint64_t len, bool log_dirty);
	int (*remove_memory)(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len);
	/* vCPU @m->cpus, with its run page mapped; the caller counts. */
	int (*add_cpu)(struct machine *m);
	void (*destroy)(struct machine *m);
	/* Sets the vCPU to begin @rip(@arg) in 64-bit mode, interrupts off. */
	int (*start)(struct cpu *cpu, uint64_t rip, uint64_t rsp, uint64_t arg);
	/* Runs, answering PERF_PORT_USER and PERF_MMIO_USER, to GUEST_PORT_DONE. */
	int (*run)(struct cpu *cpu);
	int (*msi)(struct machine *m, uint64_t msi_gpa, uint32_t data);
	/* @eventfd is signalled by a write to the port, or the address. */
	int (*ioeventfd)(struct machine *m, bool mmio, uint64_t place, int eventfd);
	/* An edge on @gsi whenever @eventfd is signalled. */
	int (*irqfd)(struct machine *m, uint32_t gsi, int eventfd);
	/* Fetches the dirty pages of @len bytes at @gpa and begins a new round. */
	int (*dirty_log)(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len,
			 void *bitmap);
};

extern const struct machine_ops machine_kvm, machine_vmm;

/* image.c: what every guest has in its first GUEST_MEM bytes. */
uint8_t *image_create(void);
void image_destroy(uint8_t *image);
#define STACK_OF(id)	(GUEST_STACKS + GUEST_STACK * ((id) + 1) - 8)

/* A machine with the image and @cpus vCPUs; complains on stderr. */
int machine_up(struct machine *m, const struct machine_ops *ops, uint8_t *image,
	       unsigned int cpus);
void machine_down(struct machine *m);

#endif /* PERF_MACHINE_H */
