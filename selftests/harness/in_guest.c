// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Making a guest and setting its vCPUs.
 *
 * The tables in low memory are those of GUEST_LAYOUT: 4 GiB mapped to itself
 * with 2 MiB pages, one GDT and one IDT for all vCPUs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "in_guest.h"

extern const char __executable_start[], _end[];
extern const char guest_stubs[], guest_ap_start[], guest_ap_end[];

#define CR0_LONG	0x80000031
#define CR0_FLAT	0x00000031
#define CR4_PAE		0x20
#define EFER_LONG	0x500

static void put64(struct guest *guest, uint64_t gpa, uint64_t value)
{
	memcpy(guest->mem + gpa, &value, sizeof(value));
}

static void build_paging(struct guest *guest)
{
	unsigned int i;

	put64(guest, GUEST_PML4, GUEST_PDPT | 3);
	for (i = 0; i < 4; i++)
		put64(guest, GUEST_PDPT + 8 * i, (GUEST_PD + 0x1000 * i) | 3);
	for (i = 0; i < 2048; i++)
		put64(guest, GUEST_PD + 8 * i, (uint64_t)i << 21 | 0x83);
}

static void build_descriptors(struct guest *guest)
{
	unsigned int i;

	put64(guest, GUEST_GDT + GUEST_CS64, 0x00af9b000000ffffULL);
	put64(guest, GUEST_GDT + GUEST_DS, 0x00cf93000000ffffULL);
	put64(guest, GUEST_GDT + GUEST_CS32, 0x00cf9b000000ffffULL);
	put64(guest, GUEST_GDT + GUEST_TR, 0x00008b0000000067ULL | (uint64_t)GUEST_TSS << 16);
	put64(guest, GUEST_GDT + GUEST_CS16, 0x00009b000000ffffULL);
	put64(guest, GUEST_GDT + GUEST_DS16, 0x000093000000ffffULL);
	for (i = 0; i < 256; i++) {
		uint64_t gla = (uintptr_t)guest_stubs + 16 * i;

		put64(guest, GUEST_IDT + 16 * i, (gla & 0xffff) | GUEST_CS64 << 16 |
		      0x8e0000000000ULL | (gla & 0xffff0000) << 32);
		put64(guest, GUEST_IDT + 16 * i + 8, gla >> 32);
	}
}

static int fill_memory(struct guest *guest)
{
	uintptr_t begin = (uintptr_t)__executable_start, end = (uintptr_t)_end;

	if (begin != GUEST_PROGRAM || end > GUEST_FREE) {
		fprintf(stderr, "# the program lies at %#lx-%#lx, not where a guest wants it\n",
			begin, end);
		return -ENOEXEC;
	}
	memcpy(guest->mem + begin, __executable_start, end - begin);
	memcpy(guest->mem + GUEST_AP_START, guest_ap_start, guest_ap_end - guest_ap_start);
	build_paging(guest);
	build_descriptors(guest);
	return 0;
}

static int add_vcpu(struct guest *guest, unsigned int id)
{
	struct guest_cpu *cpu = &guest->cpu[id];
	int error;

	cpu->guest = guest;
	cpu->id = id;
	cpu->fd = vmm_vcpu(guest->vm, id);
	if (cpu->fd < 0)
		return cpu->fd;
	guest->cpus++;
	cpu->run = mmap(NULL, VMM_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
	if (cpu->run == MAP_FAILED) {
		error = -errno;
		cpu->run = NULL;
		return error;
	}
	cpu->run->regs_want = VMM_REGS_ALL;
	return vmm_activate(cpu->fd);
}

/* MSRs that the module does not know are the test's. */
static int answer_msrs(int vm)
{
	struct vmm_msr_filter filter = { .size = sizeof(filter), .flags = VMM_MSR_UNKNOWN };

	return vmm_call(vm, VMM_SET_MSR_FILTER, &filter);
}

int (*guest_before_vcpus)(int vm) = answer_msrs;

int guest_create(struct guest *guest, unsigned int cpus)
{
	const char *what = "open " VMM_DEVICE;
	unsigned int i;
	int error;

	memset(guest, 0, sizeof(*guest));
	guest->vm = -1;
	guest->mem = MAP_FAILED;
	guest->ctl = vmm_open();
	error = guest->ctl;
	if (error < 0)
		goto err;
	what = "VMM_VM_CREATE";
	guest->vm = vmm_create(guest->ctl, "");
	error = guest->vm;
	if (error < 0)
		goto err;
	what = "memory";
	guest->mem = mmap(NULL, GUEST_MEM, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	error = guest->mem == MAP_FAILED ? -errno : fill_memory(guest);
	if (error)
		goto err;
	what = "VMM_MEMSEG_ADD";
	error = vmm_mem_add(guest->vm, 0, guest->mem, GUEST_MEM,
			    VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC);
	if (error)
		goto err;
	what = "guest_before_vcpus";
	error = guest_before_vcpus(guest->vm);
	if (error)
		goto err;
	what = "a vCPU";
	for (i = 0; i < cpus; i++) {
		error = add_vcpu(guest, i);
		if (error)
			goto err;
	}
	return 0;
err:
	fprintf(stderr, "# guest_create: %s: %s\n", what, strerror(-error));
	guest_destroy(guest);
	return error;
}

void guest_destroy(struct guest *guest)
{
	unsigned int i;

	for (i = 0; i < guest->cpus; i++) {
		if (guest->cpu[i].run)
			munmap(guest->cpu[i].run, VMM_RUN_SIZE);
		close(guest->cpu[i].fd);
	}
	if (guest->vm >= 0)
		close(guest->vm);
	if (guest->mem != MAP_FAILED)
		munmap(guest->mem, GUEST_MEM);
	if (guest->ctl >= 0)
		close(guest->ctl);
	memset(guest, 0, sizeof(*guest));
	guest->mem = MAP_FAILED;
	guest->vm = -1;
	guest->ctl = -1;
}

static void set_segments(struct vmm_regs *regs, uint16_t cs, uint32_t cs_access, uint16_t ds,
			 uint32_t ds_access, uint32_t limit)
{
	unsigned int i;

	for (i = VMM_SEG_ES; i <= VMM_SEG_GS; i++)
		regs->seg[i] = (struct vmm_seg) {
			.selector = i == VMM_SEG_CS ? cs : ds, .limit = limit,
			.access = i == VMM_SEG_CS ? cs_access : ds_access,
		};
	regs->seg[VMM_SEG_LDTR] = (struct vmm_seg) { .access = VMM_SEG_ACC_UNUSABLE };
	regs->seg[VMM_SEG_TR] = (struct vmm_seg) {
		.base = GUEST_TSS, .limit = 0x67, .access = 0x8b, .selector = GUEST_TR,
	};
	regs->gdtr_base = GUEST_GDT;
	regs->gdtr_limit = 0x3f;
	regs->idtr_base = GUEST_IDT;
	regs->idtr_limit = 0xfff;
}

static int start(struct guest_cpu *cpu, struct vmm_regs *regs, uint64_t rip, uint64_t rsp,
		 uint64_t arg)
{
	memset(regs->gpr, 0, sizeof(regs->gpr));
	regs->gpr[VMM_REG_RSP] = rsp;
	regs->gpr[VMM_REG_RDI] = arg;
	regs->gpr[VMM_REG_RAX] = arg;
	regs->rip = rip;
	regs->rflags = 2;
	regs->interruptibility = 0;
	regs->activity = VMM_ACTIVITY_RUNNING;
	regs->pending_debug = 0;
	regs->exit_intinfo = 0;
	regs->entry_intinfo = 0;
	cpu->result = 0;
	cpu->values = 0;
	return vmm_set_regs(cpu->fd, VMM_REGS_GPR | VMM_REGS_SEG | VMM_REGS_CR | VMM_REGS_EVENT,
			    regs);
}

static uint64_t stack_of(const struct guest_cpu *cpu)
{
	return GUEST_STACKS + GUEST_STACK * (cpu->id + 1);
}

int guest_start64(struct guest_cpu *cpu, void *entry, uint64_t arg)
{
	struct vmm_regs regs;
	int error = vmm_get_regs(cpu->fd, VMM_REGS_ALL, &regs);

	if (error)
		return error;
	set_segments(&regs, GUEST_CS64, 0xa09b, GUEST_DS, 0xc093, 0xffffffff);
	regs.cr0 = CR0_LONG;
	regs.cr3 = GUEST_PML4;
	regs.cr4 = CR4_PAE;
	regs.efer = EFER_LONG;
	/* As after a CALL: the word at RSP is the return address. */
	return start(cpu, &regs, (uintptr_t)entry, stack_of(cpu) - 8, arg);
}

int guest_start32(struct guest_cpu *cpu, uint32_t eip, uint32_t arg)
{
	struct vmm_regs regs;
	int error = vmm_get_regs(cpu->fd, VMM_REGS_ALL, &regs);

	if (error)
		return error;
	set_segments(&regs, GUEST_CS32, 0xc09b, GUEST_DS, 0xc093, 0xffffffff);
	regs.cr0 = CR0_FLAT;
	regs.cr3 = 0;
	regs.cr4 = 0;
	regs.efer = 0;
	return start(cpu, &regs, eip, stack_of(cpu) - 8, arg);
}

int guest_start16(struct guest_cpu *cpu, uint16_t ip, uint16_t arg)
{
	struct vmm_regs regs;
	int error = vmm_get_regs(cpu->fd, VMM_REGS_ALL, &regs);

	if (error)
		return error;
	set_segments(&regs, 0, 0x9b, 0, 0x93, 0xffff);
	regs.idtr_base = 0;
	regs.idtr_limit = 0x3ff;
	regs.cr0 = 0x30;
	regs.cr3 = 0;
	regs.cr4 = 0;
	regs.efer = 0;
	return start(cpu, &regs, ip, 0xfff0, arg);
}

void guest_load(struct guest *guest, const void *begin, const void *end)
{
	memcpy(guest->mem + GUEST_CODE, begin, (const char *)end - (const char *)begin);
}

void guest_ap_entry(struct guest *guest, void (*entry)(uint64_t apic_id))
{
	put64(guest, GUEST_AP_ENTRY, (uintptr_t)entry);
}
