// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * BARs: their registers, who answers at an address, and the addresses given
 * out in place of firmware.
 *
 * A BAR at address 0 is not decoded, whatever the command register says. Where
 * two overlap, the function added first answers.
 *
 * PCI Local Bus Specification 3.0, "Base Addresses".
 */
#include <assert.h>
#include <string.h>

#include "dev/pci.h"
#include "dev/pci_priv.h"

#define BAR_IO_BITS	(~3U)
#define BAR_MEMORY_BITS	(~15U)

void pci_add_bar(struct pci_function *function, unsigned int index, const struct pci_bar *bar)
{
	unsigned int offset = PCI_REG_BAR0 + 4 * index;
	uint32_t mask = ~(uint32_t)(bar->len - 1);

	assert(index < PCI_BARS && bar->len && !(bar->len & (bar->len - 1)));
	function->bar[index] = *bar;
	switch (bar->kind) {
	case PCI_BAR_IO:
		/* All 32 bits: SeaBIOS takes a size from the upper half, too. */
		pci_set_config(function, offset, 4, BAR_IO_FLAG, mask & BAR_IO_BITS);
		break;
	case PCI_BAR_MEM32:
		pci_set_config(function, offset, 4, 0, mask & BAR_MEMORY_BITS);
		break;
	case PCI_BAR_MEM64:
		assert(index + 1 < PCI_BARS);
		pci_set_config(function, offset, 4, BAR_64_FLAGS,
			       bar->len >> 32 ? 0 : mask & BAR_MEMORY_BITS);
		pci_set_config(function, offset + 4, 4, 0, ~(bar->len - 1) >> 32);
		break;
	case PCI_BAR_NONE:
		break;
	}
}

bool pci_bar_base_locked(const struct pci_function *function, unsigned int index, uint64_t *base)
{
	const uint8_t *reg = function->config + PCI_REG_BAR0 + 4 * index;
	enum pci_bar_kind kind = function->bar[index].kind;
	uint16_t command = pci_command_locked(function);

	if (kind == PCI_BAR_NONE)
		return false;
	if (kind == PCI_BAR_IO) {
		*base = pci_bytes_get(reg, 4) & BAR_IO_BITS;
		return *base && (command & COMMAND_IO);
	}
	*base = pci_bytes_get(reg, 4) & BAR_MEMORY_BITS;
	if (kind == PCI_BAR_MEM64)
		*base |= (uint64_t)pci_bytes_get(reg + 4, 4) << 32;
	return *base && (command & COMMAND_MEMORY);
}

bool pci_bar_base(struct pci_function *function, unsigned int index, uint64_t *base)
{
	bool decoded;

	pthread_mutex_lock(&function->pci->lock);
	decoded = index < PCI_BARS && pci_bar_base_locked(function, index, base);
	pthread_mutex_unlock(&function->pci->lock);
	return decoded;
}

/* --- accesses ---------------------------------------------------------------- */

struct target {
	struct pci_function *function;
	unsigned int index;
	uint64_t offset;
};

static bool find_locked(struct pci *pci, bool io, uint64_t start, unsigned int size,
			struct target *target)
{
	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];

		for (unsigned int index = 0; index < PCI_BARS; index++) {
			const struct pci_bar *bar = &function->bar[index];
			uint64_t base;

			if ((bar->kind == PCI_BAR_IO) != io ||
			    !pci_bar_base_locked(function, index, &base))
				continue;
			if (start < base || start - base >= bar->len ||
			    size > bar->len - (start - base))
				continue;
			*target = (struct target){ function, index, start - base };
			return true;
		}
	}
	return false;
}

static bool read_one(struct pci *pci, bool io, uint64_t start, unsigned int size, uint64_t *value)
{
	struct target target;
	const struct pci_bar *bar;
	bool found, done = false;

	pthread_mutex_lock(&pci->lock);
	found = find_locked(pci, io, start, size, &target);
	if (found && !io)
		done = pci_msix_read_locked(target.function, target.index, target.offset, size,
					    value);
	pthread_mutex_unlock(&pci->lock);
	if (!found || done)
		return found;
	bar = &target.function->bar[target.index];
	*value = bar->read(target.function->ctx, target.offset, size);
	return true;
}

static bool write_one(struct pci *pci, bool io, uint64_t start, unsigned int size, uint64_t value)
{
	struct target target;
	const struct pci_ops *ops;
	bool found, done = false;

	pthread_mutex_lock(&pci->lock);
	found = find_locked(pci, io, start, size, &target);
	if (found && !io)
		done = pci_msix_write_locked(target.function, target.index, target.offset, size,
					     value);
	pthread_mutex_unlock(&pci->lock);
	if (!found)
		return false;
	ops = target.function->ops;
	if (!done)
		target.function->bar[target.index].write(target.function->ctx, target.offset,
							 size, value);
	else if (ops && ops->changed)
		ops->changed(target.function->ctx);
	return true;
}

/* The largest naturally aligned piece at the front of an access. */
static unsigned int piece(uint64_t start, unsigned int size)
{
	unsigned int len = 8;

	while (len > size || (start & (len - 1)))
		len /= 2;
	return len;
}

bool pci_mmio_read(struct pci *pci, uint64_t gpa, void *data, unsigned int size)
{
	uint8_t *bytes = data;
	bool claimed = true;

	memset(data, 0xff, size);
	while (size) {
		unsigned int len = piece(gpa, size);
		uint64_t value;

		if (read_one(pci, false, gpa, len, &value))
			memcpy(bytes, &value, len);
		else
			claimed = false;
		gpa += len;
		bytes += len;
		size -= len;
	}
	return claimed;
}

bool pci_mmio_write(struct pci *pci, uint64_t gpa, const void *data, unsigned int size)
{
	const uint8_t *bytes = data;
	bool claimed = true;

	while (size) {
		unsigned int len = piece(gpa, size);
		uint64_t value = 0;

		memcpy(&value, bytes, len);
		claimed &= write_one(pci, false, gpa, len, value);
		gpa += len;
		bytes += len;
		size -= len;
	}
	return claimed;
}

bool pci_io_read(struct pci *pci, uint16_t port, unsigned int size, uint32_t *value)
{
	bool claimed = true;

	*value = 0;
	for (unsigned int done = 0, len; done < size; done += len) {
		uint64_t part = UINT64_MAX;

		len = piece(port + done, size - done);
		claimed &= read_one(pci, true, port + done, len, &part);
		*value |= (uint32_t)((part & ((1ULL << 8 * len) - 1)) << 8 * done);
	}
	return claimed;
}

bool pci_io_write(struct pci *pci, uint16_t port, unsigned int size, uint32_t value)
{
	bool claimed = true;

	for (unsigned int done = 0, len; done < size; done += len) {
		uint64_t part = value >> 8 * done;

		len = piece(port + done, size - done);
		claimed &= write_one(pci, true, port + done, len, part & ((1ULL << 8 * len) - 1));
	}
	return claimed;
}

/* --- addresses in place of firmware ------------------------------------------ */

/* The next aligned @len bytes at *@next; 0 if they do not end below @end. */
static uint32_t take(uint64_t *next, uint64_t len, uint64_t end)
{
	uint64_t start = (*next + len - 1) & ~(len - 1);

	if (start + len > end || start + len < start)
		return 0;
	*next = start + len;
	return start;
}

void pci_assign(struct pci *pci, uint32_t mem_start, uint32_t mem_end, uint16_t io_start)
{
	uint64_t mem = mem_start, io = io_start;

	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];
		unsigned int bdf = function->slot << 3 | function->function;
		uint16_t command = 0;

		for (unsigned int index = 0; index < PCI_BARS; index++) {
			const struct pci_bar *bar = &function->bar[index];
			bool is_io = bar->kind == PCI_BAR_IO;
			uint32_t base;

			if (bar->kind == PCI_BAR_NONE)
				continue;
			base = is_io ? take(&io, bar->len, 0x10000) : take(&mem, bar->len, mem_end);
			pci_config_write(pci, bdf, PCI_REG_BAR0 + 4 * index, 4, base);
			if (base)
				command |= is_io ? COMMAND_IO : COMMAND_MEMORY;
		}
		if (command)
			pci_config_write(pci, bdf, PCI_REG_COMMAND, 2, command);
	}
}
