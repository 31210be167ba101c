// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers that drive interrupt lines and kernel devices. No lock but for
 * eventfds: each takes the device's own.
 */
#include "vmm.h"
#include "vmm_ioctl.h"

long ioctl_ioapic_irq(void *object, void *arg)
{
	const struct vmm_irq *args = arg;

	if (args->pad || args->reserved || args->ioapic_pin)
		return -EINVAL;
	return irqchip_ioapic_irq(object, args);
}

long ioctl_isa_irq(void *object, void *arg)
{
	const struct vmm_irq *args = arg;

	if (args->pad || args->reserved)
		return -EINVAL;
	return irqchip_isa_irq(object, args);
}

long ioctl_isa_trigger(void *object, void *arg)
{
	const struct vmm_isa_trigger *args = arg;

	if (args->reserved || args->trigger > VMM_TRIGGER_LEVEL)
		return -EINVAL;
	return irqchip_set_trigger(object, args->pin, args->trigger == VMM_TRIGGER_LEVEL);
}

long ioctl_lapic_msi(void *object, void *arg)
{
	const struct vmm_msi *args = arg;

	if (args->pad || args->reserved)
		return -EINVAL;
	return irqchip_msi(object, args->msi_gpa, args->data);
}

long ioctl_local_irq(void *object, void *arg)
{
	const struct vmm_local_irq *args = arg;

	if (args->reserved)
		return -EINVAL;
	return irqchip_local_irq(object, args);
}

long ioctl_irqfd(void *object, void *arg)
{
	const struct vmm_irqfd *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return irqfd_change(object, args);
}

long ioctl_ioeventfd(void *object, void *arg)
{
	const struct vmm_ioeventfd *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return ioeventfd_change(object, args);
}

long ioctl_rtc_set_time(void *object, void *arg)
{
	const struct vmm_rtc_time *args = arg;

	if (args->reserved)
		return -EINVAL;
	return irqchip_rtc_set_time(object, args->seconds);
}

long ioctl_rtc_get_time(void *object, void *arg)
{
	struct vmm_rtc_time *args = arg;

	if (args->reserved)
		return -EINVAL;
	args->seconds = irqchip_rtc_get_time(object);
	return 0;
}

long ioctl_nvram_write(void *object, void *arg)
{
	const struct vmm_rtc_nvram *args = arg;
	u8 byte = args->value;

	if (args->reserved || args->value > 0xff)
		return -EINVAL;
	return irqchip_nvram(object, args->offset, true, &byte);
}

long ioctl_nvram_read(void *object, void *arg)
{
	struct vmm_rtc_nvram *args = arg;
	u8 byte = 0;
	int error;

	if (args->reserved || args->value)
		return -EINVAL;
	error = irqchip_nvram(object, args->offset, false, &byte);
	args->value = byte;
	return error;
}

long ioctl_pmtmr_locate(void *object, void *arg)
{
	const struct vmm_pmtmr *args = arg;

	if (args->pad || args->reserved)
		return -EINVAL;
	return irqchip_pmtmr_locate(object, args->port);
}
