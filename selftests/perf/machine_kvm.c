// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A machine under KVM: plain ioctls on /dev/kvm, with its interrupt controllers
 * and PIT in the kernel. The CPUID table is what KVM supports, with x2APIC and
 * TSC deadline, as common runners set it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "machine.h"

#define CPUID_MAX	128
#define DATA_OFFSET(run)	((uint8_t *)(run) + (run)->io.data_offset)

static int node = -1;
static size_t run_size;
static struct kvm_cpuid2 *cpuid;

static int call(int fd, unsigned long request, void *arg)
{
	int result = ioctl(fd, request, arg);

	return result < 0 ? -errno : result;
}

static int kvm_open(void)
{
	uint32_t i;
	int size;

	node = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (node < 0)
		return -errno;
	size = call(node, KVM_GET_VCPU_MMAP_SIZE, NULL);
	if (size < 0)
		return size;
	run_size = size;
	cpuid = calloc(1, sizeof(*cpuid) + CPUID_MAX * sizeof(cpuid->entries[0]));
	if (!cpuid)
		return -ENOMEM;
	cpuid->nent = CPUID_MAX;
	size = call(node, KVM_GET_SUPPORTED_CPUID, cpuid);
	for (i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 1)
			cpuid->entries[i].ecx |= 1U << 21 | 1U << 24;
	return size;
}

static int kvm_create(struct machine *m)
{
	struct kvm_pit_config pit = {};
	int error;

	m->vm = call(node, KVM_CREATE_VM, NULL);
	if (m->vm < 0)
		return m->vm;
	error = call(m->vm, KVM_SET_TSS_ADDR, (void *)0xfffbd000UL);
	if (!error)
		error = call(m->vm, KVM_CREATE_IRQCHIP, NULL);
	if (!error)
		error = call(m->vm, KVM_CREATE_PIT2, &pit);
	return error;
}

static int kvm_add_memory(struct machine *m, unsigned int slot, uint64_t gpa, void *hva,
			  uint64_t len, bool log_dirty)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot, .guest_phys_addr = gpa, .memory_size = len,
		.userspace_addr = (uintptr_t)hva,
		.flags = log_dirty ? KVM_MEM_LOG_DIRTY_PAGES : 0,
	};

	return call(m->vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int kvm_remove_memory(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len)
{
	return kvm_add_memory(m, slot, gpa, NULL, 0, false);
}

static int kvm_add_cpu(struct machine *m)
{
	struct kvm_mp_state state = { .mp_state = KVM_MP_STATE_RUNNABLE };
	struct cpu *cpu = &m->cpu[m->cpus];
	int error;

	cpu->fd = call(m->vm, KVM_CREATE_VCPU, (void *)(uintptr_t)m->cpus);
	if (cpu->fd < 0)
		return cpu->fd;
	cpu->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);
	if (cpu->run == MAP_FAILED)
		return -errno;
	error = call(cpu->fd, KVM_SET_CPUID2, cpuid);
	return error ? error : call(cpu->fd, KVM_SET_MP_STATE, &state);
}

static void kvm_destroy(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cpus; i++) {
		munmap(m->cpu[i].run, run_size);
		close(m->cpu[i].fd);
	}
	close(m->vm);
}

static struct kvm_segment flat(uint16_t selector, uint8_t type, bool code)
{
	return (struct kvm_segment) {
		.limit = 0xffffffff, .selector = selector, .type = type, .present = 1,
		.s = 1, .g = 1, .l = code, .db = !code,
	};
}

static int kvm_start(struct cpu *cpu, uint64_t rip, uint64_t rsp, uint64_t arg)
{
	struct kvm_regs regs = { .rip = rip, .rsp = rsp, .rdi = arg, .rflags = 2 };
	struct kvm_sregs sregs;
	int error = call(cpu->fd, KVM_GET_SREGS, &sregs);

	if (error)
		return error;
	sregs.cs = flat(GUEST_CS64, 0xb, true);
	sregs.ds = flat(GUEST_DS, 0x3, false);
	sregs.es = sregs.ds;
	sregs.fs = sregs.ds;
	sregs.gs = sregs.ds;
	sregs.ss = sregs.ds;
	sregs.tr = (struct kvm_segment) {
		.base = GUEST_TSS, .limit = 0x67, .selector = GUEST_TR, .type = 0xb, .present = 1,
	};
	sregs.ldt = (struct kvm_segment) { .unusable = 1, .type = 2 };
	sregs.gdt = (struct kvm_dtable) { .base = GUEST_GDT, .limit = 0x3f };
	sregs.idt = (struct kvm_dtable) { .base = GUEST_IDT, .limit = 0xfff };
	sregs.cr0 = 0x80000031;
	sregs.cr3 = GUEST_PML4;
	sregs.cr4 = 0x20;
	sregs.efer = 0x500;
	error = call(cpu->fd, KVM_SET_SREGS, &sregs);
	return error ? error : call(cpu->fd, KVM_SET_REGS, &regs);
}

static int kvm_run_cpu(struct cpu *cpu)
{
	struct kvm_run *run = cpu->run;

	for (;;) {
		if (ioctl(cpu->fd, KVM_RUN, NULL) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		switch (run->exit_reason) {
		case KVM_EXIT_IO:
			/* KVM has no PM timer: its runners have. */
			if (run->io.port == PERF_PORT_USER || run->io.port == PERF_PORT_PMTMR) {
				if (run->io.direction == KVM_EXIT_IO_IN)
					*(uint32_t *)DATA_OFFSET(run) = 1;
				break;
			}
			if (run->io.port == GUEST_PORT_DONE)
				return 0;
			return run->io.port == GUEST_PORT_DIED ? -EFAULT : -ENXIO;
		case KVM_EXIT_MMIO:
			if (run->mmio.phys_addr != PERF_MMIO_USER)
				return -ENXIO;
			if (!run->mmio.is_write)
				*(uint32_t *)run->mmio.data = 1;
			break;
		default:
			return -EIO;
		}
	}
}

static int kvm_msi(struct machine *m, uint64_t msi_gpa, uint32_t data)
{
	struct kvm_msi msi = { .address_lo = msi_gpa, .data = data };
	int result = call(m->vm, KVM_SIGNAL_MSI, &msi);

	return result < 0 ? result : 0;
}

static int kvm_bind_ioeventfd(struct machine *m, bool mmio, uint64_t place, int eventfd)
{
	struct kvm_ioeventfd args = {
		.addr = place, .len = 4, .fd = eventfd,
		.flags = mmio ? 0 : KVM_IOEVENTFD_FLAG_PIO,
	};

	return call(m->vm, KVM_IOEVENTFD, &args);
}

/* The GSI is routed to an MSI, as a virtio device's would be. */
static int kvm_bind_irqfd(struct machine *m, uint32_t gsi, int eventfd)
{
	struct {
		struct kvm_irq_routing table;
		struct kvm_irq_routing_entry entry;
	} routing = {
		.table.nr = 1,
		.entry = {
			.gsi = gsi, .type = KVM_IRQ_ROUTING_MSI,
			.u.msi = { .address_lo = 0xfee00000, .data = 0x40 },
		},
	};
	struct kvm_irqfd args = { .fd = eventfd, .gsi = gsi };
	int error = call(m->vm, KVM_SET_GSI_ROUTING, &routing);

	return error ? error : call(m->vm, KVM_IRQFD, &args);
}

static int kvm_dirty_log(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len,
			 void *bitmap)
{
	struct kvm_dirty_log args = { .slot = slot, .dirty_bitmap = bitmap };

	return call(m->vm, KVM_GET_DIRTY_LOG, &args);
}

const struct machine_ops machine_kvm = {
	.name = "kvm",
	.open = kvm_open,
	.create = kvm_create,
	.add_memory = kvm_add_memory,
	.remove_memory = kvm_remove_memory,
	.add_cpu = kvm_add_cpu,
	.destroy = kvm_destroy,
	.start = kvm_start,
	.run = kvm_run_cpu,
	.msi = kvm_msi,
	.ioeventfd = kvm_bind_ioeventfd,
	.irqfd = kvm_bind_irqfd,
	.dirty_log = kvm_dirty_log,
};
