// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interrupt lines and the devices that live in the kernel: calls on a VM
 * descriptor, from any thread, also while vCPUs run.
 *
 * A line counts its asserts, so each ASSERT needs its own DEASSERT: callers
 * pass on changes of their level, not the level itself.
 */
#include "ioctl.h"
#include "libvmm.h"

int vmm_isa_irq(int vm, unsigned int pin, unsigned int ioapic_pin, unsigned int op)
{
	struct vmm_irq irq = {
		.size = sizeof(irq),
		.pin = pin,
		.ioapic_pin = ioapic_pin,
		.op = op,
	};

	return ioctl_errno(vm, VMM_ISA_IRQ, &irq);
}

int vmm_ioapic_irq(int vm, unsigned int pin, unsigned int op)
{
	struct vmm_irq irq = { .size = sizeof(irq), .pin = pin, .op = op };

	return ioctl_errno(vm, VMM_IOAPIC_IRQ, &irq);
}

int vmm_isa_set_irq_trigger(int vm, unsigned int pin, unsigned int trigger)
{
	struct vmm_isa_trigger set = { .size = sizeof(set), .pin = pin, .trigger = trigger };

	return ioctl_errno(vm, VMM_ISA_SET_IRQ_TRIGGER, &set);
}

int vmm_lapic_msi(int vm, uint64_t msi_gpa, uint32_t data)
{
	struct vmm_msi msi = { .size = sizeof(msi), .msi_gpa = msi_gpa, .data = data };

	return ioctl_errno(vm, VMM_LAPIC_MSI, &msi);
}

int vmm_lapic_local_irq(int vm, unsigned int vcpu, unsigned int lvt)
{
	struct vmm_local_irq irq = { .size = sizeof(irq), .vcpu = vcpu, .lvt = lvt };

	return ioctl_errno(vm, VMM_LAPIC_LOCAL_IRQ, &irq);
}

int vmm_rtc_set_time(int vm, int64_t seconds)
{
	struct vmm_rtc_time rtc = { .size = sizeof(rtc), .seconds = seconds };

	return ioctl_errno(vm, VMM_RTC_SET_TIME, &rtc);
}

int vmm_rtc_get_time(int vm, int64_t *seconds)
{
	struct vmm_rtc_time rtc = { .size = sizeof(rtc) };
	int error = ioctl_errno(vm, VMM_RTC_GET_TIME, &rtc);

	if (!error)
		*seconds = rtc.seconds;
	return error;
}

int vmm_rtc_nvram_write(int vm, unsigned int offset, uint8_t value)
{
	struct vmm_rtc_nvram nvram = { .size = sizeof(nvram), .offset = offset, .value = value };

	return ioctl_errno(vm, VMM_RTC_NVRAM_WRITE, &nvram);
}

int vmm_rtc_nvram_read(int vm, unsigned int offset, uint8_t *value)
{
	struct vmm_rtc_nvram nvram = { .size = sizeof(nvram), .offset = offset };
	int error = ioctl_errno(vm, VMM_RTC_NVRAM_READ, &nvram);

	if (!error)
		*value = nvram.value;
	return error;
}

int vmm_pmtmr_locate(int vm, unsigned int port)
{
	struct vmm_pmtmr pmtmr = { .size = sizeof(pmtmr), .port = port };

	return ioctl_errno(vm, VMM_PMTMR_LOCATE, &pmtmr);
}

int vmm_irqfd(int vm, const struct vmm_irqfd *irqfd)
{
	struct vmm_irqfd sized = *irqfd;

	sized.size = sizeof(sized);
	return ioctl_errno(vm, VMM_IRQFD, &sized);
}

int vmm_ioeventfd(int vm, int fd, uint64_t gpa, uint32_t len, uint32_t flags, uint64_t data)
{
	struct vmm_ioeventfd ioeventfd = {
		.size = sizeof(ioeventfd),
		.flags = flags,
		.fd = fd,
		.len = len,
		.gpa = gpa,
		.data = data,
	};

	return ioctl_errno(vm, VMM_IOEVENTFD, &ioeventfd);
}
