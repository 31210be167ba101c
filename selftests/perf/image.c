// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guest's memory image: tables of guest_layout.h and a copy of this very
 * program at the addresses it was linked for, so that guest code stands beside
 * the rows that measure it. Every page is touched: the host's own page faults
 * are no part of a row unless it says so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "machine.h"
#include "payload.h"

extern const char __executable_start[], _end[];
extern const char guest_stubs[];

static void put64(uint8_t *image, uint64_t gpa, uint64_t value)
{
	memcpy(image + gpa, &value, sizeof(value));
}

/* 4 GiB mapped to itself with 2 MiB pages; global bits would hide CR4.PGE's cost. */
static void build_paging(uint8_t *image)
{
	unsigned int i;

	put64(image, GUEST_PML4, GUEST_PDPT | 3);
	for (i = 0; i < 4; i++)
		put64(image, GUEST_PDPT + 8 * i, (GUEST_PD + 0x1000 * i) | 3);
	for (i = 0; i < 2048; i++)
		put64(image, GUEST_PD + 8 * i, (uint64_t)i << 21 | 0x83);
}

static void put_gate(uint8_t *image, unsigned int vector, uint64_t gla)
{
	put64(image, GUEST_IDT + 16 * vector, (gla & 0xffff) | GUEST_CS64 << 16 |
	      0x8e0000000000ULL | (gla & 0xffff0000) << 32);
	put64(image, GUEST_IDT + 16 * vector + 8, gla >> 32);
}

static void build_descriptors(uint8_t *image)
{
	unsigned int i;

	put64(image, GUEST_GDT + GUEST_CS64, 0x00af9b000000ffffULL);
	put64(image, GUEST_GDT + GUEST_DS, 0x00cf93000000ffffULL);
	put64(image, GUEST_GDT + GUEST_TR, 0x00008b0000000067ULL | (uint64_t)GUEST_TSS << 16);
	for (i = 0; i < 256; i++)
		put_gate(image, i, (uintptr_t)guest_stubs + 16 * i);
	put_gate(image, 6, (uintptr_t)payload_ud);
	put_gate(image, PAYLOAD_VEC_X2APIC, (uintptr_t)payload_irq_x2apic);
	put_gate(image, PAYLOAD_VEC_XAPIC, (uintptr_t)payload_irq_xapic);
}

uint8_t *image_create(void)
{
	uintptr_t begin = (uintptr_t)__executable_start, end = (uintptr_t)_end;
	uint8_t *image;

	if (begin != GUEST_PROGRAM || end > GUEST_MEM) {
		fprintf(stderr, "bench: linked at %#lx-%#lx, not where a guest wants it\n",
			begin, end);
		return NULL;
	}
	image = mmap(NULL, GUEST_MEM, PROT_READ | PROT_WRITE | PROT_EXEC,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (image == MAP_FAILED)
		return NULL;
	memcpy(image + begin, __executable_start, end - begin);
	build_paging(image);
	build_descriptors(image);
	return image;
}

void image_destroy(uint8_t *image)
{
	munmap(image, GUEST_MEM);
}

int machine_up(struct machine *m, const struct machine_ops *ops, uint8_t *image,
	       unsigned int cpus)
{
	const char *what = "VM";
	int error;

	memset(m, 0, sizeof(*m));
	m->ops = ops;
	m->image = image;
	error = ops->create(m);
	if (!error) {
		what = "memory";
		error = ops->add_memory(m, 0, 0, image, GUEST_MEM, false);
	}
	while (!error && m->cpus < cpus) {
		what = "vCPU";
		m->cpu[m->cpus].machine = m;
		error = ops->add_cpu(m);
		if (!error)
			m->cpus++;
	}
	if (error) {
		fprintf(stderr, "bench: %s: %s: %s\n", ops->name, what, strerror(-error));
		machine_down(m);
	}
	return error;
}

void machine_down(struct machine *m)
{
	m->ops->destroy(m);
	m->cpus = 0;
}
