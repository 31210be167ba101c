// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A machine under vmm.ko, through libvmm.
 */
#include <errno.h>
#include <libvmm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "machine.h"

static int ctl = -1;

static struct vmm_vcpu vcpu_of(const struct cpu *cpu)
{
	return (struct vmm_vcpu) {
		.fd = cpu->fd, .id = cpu - cpu->machine->cpu, .run = cpu->run,
	};
}

static int open_ctl(void)
{
	ctl = vmm_open(NULL, NULL);
	return ctl < 0 ? ctl : 0;
}

static int create_vm(struct machine *m)
{
	m->vm = vmm_vm_create(ctl, NULL);
	return m->vm < 0 ? m->vm : vmm_pmtmr_locate(m->vm, PERF_PORT_PMTMR);
}

static int add_memory(struct machine *m, unsigned int slot, uint64_t gpa, void *hva,
		      uint64_t len, bool log_dirty)
{
	if (log_dirty)
		return -ENOSYS;
	return vmm_memseg_add(m->vm, gpa, len, hva,
			      VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC);
}

static int remove_memory(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len)
{
	return vmm_memseg_remove(m->vm, gpa, len);
}

static int add_cpu(struct machine *m)
{
	struct cpu *cpu = &m->cpu[m->cpus];
	struct vmm_vcpu vcpu;
	int error = vmm_vcpu_create(m->vm, m->cpus, &vcpu);

	if (error)
		return error;
	cpu->fd = vcpu.fd;
	cpu->run = vcpu.run;
	return vmm_vcpu_activate(&vcpu);
}

static void destroy(struct machine *m)
{
	unsigned int i;

	for (i = 0; i < m->cpus; i++) {
		struct vmm_vcpu vcpu = vcpu_of(&m->cpu[i]);

		vmm_vcpu_close(&vcpu);
	}
	close(m->vm);
}

static struct vmm_seg flat(uint16_t selector, uint32_t access)
{
	return (struct vmm_seg) { .selector = selector, .access = access, .limit = 0xffffffff };
}

static int start(struct cpu *cpu, uint64_t rip, uint64_t rsp, uint64_t arg)
{
	struct vmm_vcpu vcpu = vcpu_of(cpu);
	struct vmm_regs regs;
	unsigned int i;
	int error = vmm_get_regs(&vcpu, VMM_REGS_ALL, &regs);

	if (error)
		return error;
	memset(regs.gpr, 0, sizeof(regs.gpr));
	regs.gpr[VMM_REG_RSP] = rsp;
	regs.gpr[VMM_REG_RSI + 1] = arg;	/* RDI */
	regs.rip = rip;
	regs.rflags = 2;
	for (i = VMM_SEG_ES; i <= VMM_SEG_GS; i++)
		regs.seg[i] = flat(GUEST_DS, 0xc093);
	regs.seg[VMM_SEG_CS] = flat(GUEST_CS64, 0xa09b);
	regs.seg[VMM_SEG_LDTR] = (struct vmm_seg) { .access = VMM_SEG_ACC_UNUSABLE };
	regs.seg[VMM_SEG_TR] = (struct vmm_seg) {
		.base = GUEST_TSS, .limit = 0x67, .access = 0x8b, .selector = GUEST_TR,
	};
	regs.gdtr_base = GUEST_GDT;
	regs.gdtr_limit = 0x3f;
	regs.idtr_base = GUEST_IDT;
	regs.idtr_limit = 0xfff;
	regs.cr0 = 0x80000031;
	regs.cr3 = GUEST_PML4;
	regs.cr4 = 0x20;
	regs.efer = 0x500;
	regs.activity = VMM_ACTIVITY_RUNNING;
	regs.interruptibility = 0;
	return vmm_set_regs(&vcpu, VMM_REGS_GPR | VMM_REGS_SEG | VMM_REGS_CR | VMM_REGS_EVENT,
			    &regs);
}

static int run(struct cpu *cpu)
{
	const struct vmm_vcpu vcpu = vcpu_of(cpu);
	struct vmm_run *run = cpu->run;
	int error;

	for (;;) {
		error = vmm_run(&vcpu);
		if (error) {
			if (error == -EINTR)
				continue;
			return error;
		}
		switch (run->exit) {
		case VMM_EXIT_NONE:
			break;
		case VMM_EXIT_IO:
			if (run->io.port == PERF_PORT_USER) {
				if (run->io.in)
					*(uint32_t *)run->data = 1;
				break;
			}
			if (run->io.port == GUEST_PORT_DONE)
				return 0;
			return run->io.port == GUEST_PORT_DIED ? -EFAULT : -ENXIO;
		case VMM_EXIT_MMIO:
			if (run->mmio.gpa != PERF_MMIO_USER)
				return -ENXIO;
			if (!run->mmio.write)
				*(uint32_t *)run->data = 1;
			break;
		default:
			return -EIO;
		}
	}
}

static int msi(struct machine *m, uint64_t msi_gpa, uint32_t data)
{
	return vmm_lapic_msi(m->vm, msi_gpa, data);
}

/* libvmm leaves eventfds to runners that have them. */
static int bind_ioeventfd(struct machine *m, bool mmio, uint64_t place, int eventfd)
{
	struct vmm_ioeventfd args = {
		.size = sizeof(args), .flags = mmio ? 0 : VMM_IOEVENTFD_PORT,
		.fd = eventfd, .gpa = place, .len = 4,
	};

	return ioctl(m->vm, VMM_IOEVENTFD, &args) ? -errno : 0;
}

static int bind_irqfd(struct machine *m, uint32_t gsi, int eventfd)
{
	struct vmm_irqfd args = {
		.size = sizeof(args), .fd = eventfd, .kind = VMM_IRQFD_MSI,
		.msi_gpa = 0xfee00000, .msi_data = 0x40,
	};

	return ioctl(m->vm, VMM_IRQFD, &args) ? -errno : 0;
}

static int no_dirty_log(struct machine *m, unsigned int slot, uint64_t gpa, uint64_t len,
			void *bitmap)
{
	return -ENOSYS;
}

const struct machine_ops machine_vmm = {
	.name = "vmm",
	.open = open_ctl,
	.create = create_vm,
	.add_memory = add_memory,
	.remove_memory = remove_memory,
	.add_cpu = add_cpu,
	.destroy = destroy,
	.start = start,
	.run = run,
	.msi = msi,
	.ioeventfd = bind_ioeventfd,
	.irqfd = bind_irqfd,
	.dirty_log = no_dirty_log,
};
