/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the parts of the PCI bus (pci*.c) share. Functions named *_locked need
 * the bus lock.
 */
#ifndef VMRUN_DEV_PCI_PRIV_H
#define VMRUN_DEV_PCI_PRIV_H

#include "dev/pci.h"

#define COMMAND_IO		0x0001
#define COMMAND_MEMORY		0x0002
#define COMMAND_MASTER		0x0004
#define COMMAND_INTX_DISABLE	0x0400
#define STATUS_INTERRUPT	0x0008
#define STATUS_CAPS		0x0010

#define BAR_IO_FLAG		0x1
#define BAR_64_FLAGS		0xc	/* 64-bit, prefetchable */

static inline uint32_t pci_bytes_get(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * i;
	return value;
}

static inline void pci_bytes_put(uint8_t *bytes, unsigned int size, uint32_t value)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = value >> 8 * i;
}

static inline uint16_t pci_command_locked(const struct pci_function *function)
{
	return pci_bytes_get(function->config + PCI_REG_COMMAND, 2);
}

/* Let the line follow the device's wish and the registers. */
void pci_intx_update_locked(struct pci_function *function);

/* pci_bar.c */
bool pci_bar_base_locked(const struct pci_function *function, unsigned int index,
			 uint64_t *base);

/* pci_msi.c */
enum pci_irq_mode pci_irq_mode_locked(const struct pci_function *function);
/* Send what is pending and no longer masked. */
void pci_msi_flush_locked(struct pci_function *function);
void pci_msi_reset_locked(struct pci_function *function);
/*
 * An access to BAR @index at @offset if the table or the pending bits lie
 * there. False: it is the device's.
 */
bool pci_msix_read_locked(struct pci_function *function, unsigned int index, uint64_t offset,
			  unsigned int size, uint64_t *value);
bool pci_msix_write_locked(struct pci_function *function, unsigned int index, uint64_t offset,
			   unsigned int size, uint64_t value);

#endif /* VMRUN_DEV_PCI_PRIV_H */
