// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Configuration accesses: from the port pair 0xcf8/0xcfc to the bytes of a
 * function, and what a write to them sets off.
 *
 * Every register is bytes with a mask of what may change; only the command
 * register, BARs and the two message capabilities have consequences, which are
 * re-evaluated after each write that touches them.
 *
 * PCI Local Bus Specification 3.0, "Configuration Mechanism #1".
 */
#include <string.h>

#include "dev/pci.h"
#include "dev/pci_priv.h"

#define ADDRESS_PORT	0xcf8
#define DATA_PORT	0xcfc
#define ADDRESS_ENABLE	0x80000000U
#define ADDRESS_KEPT	0x80fffffcU

static bool access_is_sound(unsigned int offset, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && !(offset & (size - 1)) &&
	       offset < PCI_CONFIG_LEN;
}

/* Functions are never removed: the list needs no lock once vCPUs run. */
static struct pci_function *find(struct pci *pci, unsigned int bdf)
{
	if (bdf >> 8)
		return NULL;
	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];

		if ((unsigned int)function->slot << 3 == (bdf & ~7U) &&
		    function->function == (bdf & 7))
			return function;
	}
	return NULL;
}

static uint32_t stored(struct pci_function *function, unsigned int offset, unsigned int size)
{
	uint32_t value;

	pthread_mutex_lock(&function->pci->lock);
	value = pci_bytes_get(function->config + offset, size);
	if (offset <= PCI_REG_STATUS && offset + size > PCI_REG_STATUS && function->wants_intx)
		value |= (uint32_t)STATUS_INTERRUPT << 8 * (PCI_REG_STATUS - offset);
	pthread_mutex_unlock(&function->pci->lock);
	return value;
}

uint32_t pci_config_read(struct pci *pci, unsigned int bdf, unsigned int offset,
			 unsigned int size)
{
	struct pci_function *function = find(pci, bdf);
	uint32_t value;

	if (!function || !access_is_sound(offset, size))
		return UINT32_MAX;
	if (function->ops && function->ops->config_read &&
	    function->ops->config_read(function->ctx, offset, size, &value))
		return value;
	return stored(function, offset, size);
}

static bool overlaps(unsigned int offset, unsigned int size, unsigned int start, unsigned int len)
{
	return offset < start + len && start < offset + size;
}

/* Does a write there change how the device is reached or interrupts? */
static bool matters(const struct pci_function *function, unsigned int offset, unsigned int size)
{
	return overlaps(offset, size, PCI_REG_COMMAND, 2) ||
	       overlaps(offset, size, PCI_REG_BAR0, 4 * PCI_BARS) ||
	       (function->msi && overlaps(offset, size, function->msi, 24)) ||
	       (function->msix && overlaps(offset, size, function->msix, 4));
}

void pci_config_write(struct pci *pci, unsigned int bdf, unsigned int offset, unsigned int size,
		      uint32_t value)
{
	struct pci_function *function = find(pci, bdf);
	bool changed;

	if (!function || !access_is_sound(offset, size))
		return;
	pthread_mutex_lock(&pci->lock);
	for (unsigned int i = 0; i < size; i++) {
		uint8_t *byte = &function->config[offset + i];
		uint8_t writable = function->writable[offset + i];
		uint8_t in = value >> 8 * i;

		*byte = (*byte & ~writable) | (in & writable);
		*byte &= ~(in & function->clearable[offset + i]);
	}
	changed = matters(function, offset, size);
	if (changed) {
		pci_intx_update_locked(function);
		pci_msi_flush_locked(function);
	}
	pthread_mutex_unlock(&pci->lock);

	if (!function->ops)
		return;
	if (function->ops->config_write)
		function->ops->config_write(function->ctx, offset, size, value);
	if (changed && function->ops->changed)
		function->ops->changed(function->ctx);
}

/* --- ports ------------------------------------------------------------------ */

static uint32_t read_address(void *ctx, unsigned int offset, unsigned int size)
{
	struct pci *pci = ctx;

	(void)offset;
	(void)size;
	return __atomic_load_n(&pci->address, __ATOMIC_RELAXED);
}

static void write_address(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct pci *pci = ctx;

	(void)offset;
	(void)size;
	__atomic_store_n(&pci->address, value & ADDRESS_KEPT, __ATOMIC_RELAXED);
}

static uint32_t read_data(void *ctx, unsigned int offset, unsigned int size)
{
	struct pci *pci = ctx;
	uint32_t address = read_address(pci, 0, 4);

	if (!(address & ADDRESS_ENABLE))
		return UINT32_MAX;
	return pci_config_read(pci, address >> 8 & 0xffff, (address & 0xfc) + offset, size);
}

static void write_data(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct pci *pci = ctx;
	uint32_t address = read_address(pci, 0, 4);

	if (address & ADDRESS_ENABLE)
		pci_config_write(pci, address >> 8 & 0xffff, (address & 0xfc) + offset, size,
				 value);
}

void pci_ports_init(struct pci *pci, struct pio *pio)
{
	/* Bytes and words there are not PCI's: 0xcf9 is the reset register. */
	struct pio_region address = { "pci address", ADDRESS_PORT, 4, 4, false, read_address,
				      write_address, pci };
	struct pio_region data = { "pci data", DATA_PORT, 4, 1 | 2 | 4, false, read_data,
				   write_data, pci };

	pio_add(pio, &address);
	pio_add(pio, &data);
}
