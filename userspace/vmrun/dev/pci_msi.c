// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * MSI and MSI-X: capabilities, the MSI-X table, masking and pending messages.
 *
 * A message that is masked waits as one pending bit and leaves when the mask
 * goes; switching the mode off drops nothing, as the specification leaves
 * pending bits to the device. A function that is no bus master sends nothing:
 * a message is a memory write.
 *
 * PCI Local Bus Specification 3.0, "MSI Capability Structure", "MSI-X
 * Capability and Table Structures".
 */
#include <string.h>

#include "dev/pci.h"
#include "dev/pci_priv.h"

/* Offsets in the MSI capability with 64-bit address and masks. */
#define MSI_CONTROL		2
#define MSI_GPA			4
#define MSI_DATA		12
#define MSI_MASK		16
#define MSI_PENDING		20
#define MSI_LEN			24
#define MSI_ENABLE		0x0001
#define MSI_CAPABLE(c)		((c) >> 1 & 7)
#define MSI_ENABLED(c)		((c) >> 4 & 7)
#define MSI_64BIT		0x0080
#define MSI_MASKS		0x0100

#define MSIX_CONTROL		2
#define MSIX_LEN		12
#define MSIX_FUNCTION_MASK	0x4000
#define MSIX_ENABLE		0x8000
#define MSIX_ENTRY_LEN		16

bool pci_add_msi(struct pci_function *function, unsigned int vectors)
{
	unsigned int log2 = __builtin_ctz(vectors);
	uint32_t vector_bits = vectors == 32 ? UINT32_MAX : (1U << vectors) - 1;
	uint8_t body[MSI_LEN - 2] = { 0 }, writable[MSI_LEN - 2] = { 0 };

	pci_bytes_put(body, 2, MSI_64BIT | MSI_MASKS | log2 << 1);
	pci_bytes_put(writable, 2, MSI_ENABLE | 7 << 4);
	pci_bytes_put(writable + MSI_GPA - 2, 4, ~3U);
	pci_bytes_put(writable + MSI_GPA + 4 - 2, 4, UINT32_MAX);
	pci_bytes_put(writable + MSI_DATA - 2, 2, 0xffff);
	pci_bytes_put(writable + MSI_MASK - 2, 4, vector_bits);
	function->msi = pci_add_cap(function, PCI_CAP_ID_MSI, body, writable, MSI_LEN);
	return function->msi;
}

bool pci_add_msix(struct pci_function *function, unsigned int vectors, unsigned int bar,
		  uint32_t table, uint32_t pba)
{
	uint8_t body[MSIX_LEN - 2] = { 0 }, writable[MSIX_LEN - 2] = { 0 };

	if (!vectors || vectors > PCI_MSIX_VECTORS_MAX)
		return false;
	pci_bytes_put(body, 2, vectors - 1);
	pci_bytes_put(writable, 2, MSIX_FUNCTION_MASK | MSIX_ENABLE);
	pci_bytes_put(body + 2, 4, table | bar);
	pci_bytes_put(body + 6, 4, pba | bar);
	function->msix = pci_add_cap(function, PCI_CAP_ID_MSIX, body, writable, MSIX_LEN);
	if (!function->msix)
		return false;
	function->msix_vectors = vectors;
	function->msix_bar = bar;
	function->msix_table = table;
	function->msix_pba = pba;
	pci_msi_reset_locked(function);
	return true;
}

void pci_msi_reset_locked(struct pci_function *function)
{
	function->msi_pending = 0;
	for (unsigned int i = 0; i < function->msix_vectors; i++)
		function->msix_entry[i] = (struct pci_msix_entry){ .masked = true };
}

/* --- sending ----------------------------------------------------------------- */

static uint16_t msi_control(const struct pci_function *function)
{
	return pci_bytes_get(function->config + function->msi + MSI_CONTROL, 2);
}

static uint16_t msix_control(const struct pci_function *function)
{
	return pci_bytes_get(function->config + function->msix + MSIX_CONTROL, 2);
}

enum pci_irq_mode pci_irq_mode_locked(const struct pci_function *function)
{
	if (function->msix && (msix_control(function) & MSIX_ENABLE))
		return PCI_IRQ_MSIX;
	if (function->msi && (msi_control(function) & MSI_ENABLE))
		return PCI_IRQ_MSI;
	return PCI_IRQ_INTX;
}

enum pci_irq_mode pci_irq_mode(struct pci_function *function)
{
	enum pci_irq_mode mode;

	pthread_mutex_lock(&function->pci->lock);
	mode = pci_irq_mode_locked(function);
	pthread_mutex_unlock(&function->pci->lock);
	return mode;
}

/* The vectors of MSI that the guest enabled, at most those offered. */
static unsigned int msi_vectors(const struct pci_function *function)
{
	uint16_t control = msi_control(function);
	unsigned int log2 = MSI_ENABLED(control);

	if (log2 > MSI_CAPABLE(control))
		log2 = MSI_CAPABLE(control);
	return 1U << log2;
}

/* @vector is in range for the mode. False: masked. */
static bool message_locked(const struct pci_function *function, enum pci_irq_mode mode,
			   unsigned int vector, struct pci_message *message)
{
	const uint8_t *cap = function->config + function->msi;

	if (mode == PCI_IRQ_MSIX) {
		*message = function->msix_entry[vector].message;
		return !function->msix_entry[vector].masked &&
		       !(msix_control(function) & MSIX_FUNCTION_MASK);
	}
	message->gpa = pci_bytes_get(cap + MSI_GPA, 4) |
		       (uint64_t)pci_bytes_get(cap + MSI_GPA + 4, 4) << 32;
	message->data = (pci_bytes_get(cap + MSI_DATA, 2) & ~(msi_vectors(function) - 1)) | vector;
	return !(pci_bytes_get(cap + MSI_MASK, 4) >> vector & 1);
}

static void send_locked(struct pci_function *function, const struct pci_message *message)
{
	struct pci *pci = function->pci;

	if (pci_command_locked(function) & COMMAND_MASTER)
		pci->sink.message(pci->sink.ctx, message);
}

/* Fold or refuse a device's vector. */
static bool vector_locked(const struct pci_function *function, enum pci_irq_mode mode,
			  unsigned int *vector)
{
	if (mode == PCI_IRQ_MSIX)
		return *vector < function->msix_vectors;
	*vector &= msi_vectors(function) - 1;
	return mode == PCI_IRQ_MSI;
}

static void set_pending_locked(struct pci_function *function, enum pci_irq_mode mode,
			       unsigned int vector)
{
	if (mode == PCI_IRQ_MSIX) {
		function->msix_entry[vector].pending = true;
		return;
	}
	function->msi_pending |= 1U << vector;
	pci_bytes_put(function->config + function->msi + MSI_PENDING, 4, function->msi_pending);
}

bool pci_msi_send(struct pci_function *function, unsigned int vector)
{
	struct pci *pci = function->pci;
	struct pci_message message;
	enum pci_irq_mode mode;
	bool on;

	pthread_mutex_lock(&pci->lock);
	mode = pci_irq_mode_locked(function);
	on = vector_locked(function, mode, &vector);
	if (on && message_locked(function, mode, vector, &message))
		send_locked(function, &message);
	else if (on)
		set_pending_locked(function, mode, vector);
	pthread_mutex_unlock(&pci->lock);
	return on;
}

bool pci_msi_message(struct pci_function *function, unsigned int vector,
		     struct pci_message *message)
{
	struct pci *pci = function->pci;
	enum pci_irq_mode mode;
	bool open;

	pthread_mutex_lock(&pci->lock);
	mode = pci_irq_mode_locked(function);
	open = vector_locked(function, mode, &vector) &&
	       (pci_command_locked(function) & COMMAND_MASTER) &&
	       message_locked(function, mode, vector, message);
	pthread_mutex_unlock(&pci->lock);
	return open;
}

void pci_msi_flush_locked(struct pci_function *function)
{
	enum pci_irq_mode mode = pci_irq_mode_locked(function);
	struct pci_message message;

	if (mode == PCI_IRQ_MSIX) {
		for (unsigned int i = 0; i < function->msix_vectors; i++) {
			if (!function->msix_entry[i].pending ||
			    !message_locked(function, mode, i, &message))
				continue;
			function->msix_entry[i].pending = false;
			send_locked(function, &message);
		}
	} else if (mode == PCI_IRQ_MSI) {
		for (unsigned int i = 0; i < msi_vectors(function); i++) {
			if (!(function->msi_pending >> i & 1) ||
			    !message_locked(function, mode, i, &message))
				continue;
			function->msi_pending &= ~(1U << i);
			send_locked(function, &message);
		}
		pci_bytes_put(function->config + function->msi + MSI_PENDING, 4,
			      function->msi_pending);
	}
}

/* --- the MSI-X table ----------------------------------------------------------- */

static bool in_table(const struct pci_function *function, unsigned int index, uint64_t offset)
{
	return function->msix && index == function->msix_bar && offset >= function->msix_table &&
	       offset < function->msix_table + function->msix_vectors * MSIX_ENTRY_LEN;
}

static uint32_t table_dword(const struct pci_msix_entry *entry, unsigned int n)
{
	switch (n) {
	case 0:
		return entry->message.gpa;
	case 1:
		return entry->message.gpa >> 32;
	case 2:
		return entry->message.data;
	default:
		return entry->masked;
	}
}

static void set_table_dword(struct pci_msix_entry *entry, unsigned int n, uint32_t value)
{
	switch (n) {
	case 0:
		entry->message.gpa = (entry->message.gpa & ~0xffffffffULL) | (value & ~3U);
		break;
	case 1:
		entry->message.gpa = (uint32_t)entry->message.gpa | (uint64_t)value << 32;
		break;
	case 2:
		entry->message.data = value;
		break;
	default:
		entry->masked = value & 1;
	}
}

static uint64_t pending_bits(const struct pci_function *function, unsigned int first)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < 64 && first + i < function->msix_vectors; i++)
		bits |= (uint64_t)function->msix_entry[first + i].pending << i;
	return bits;
}

bool pci_msix_read_locked(struct pci_function *function, unsigned int index, uint64_t offset,
			  unsigned int size, uint64_t *value)
{
	uint64_t at;

	if (in_table(function, index, offset)) {
		const struct pci_msix_entry *entry;

		at = offset - function->msix_table;
		entry = &function->msix_entry[at / MSIX_ENTRY_LEN];
		*value = table_dword(entry, at / 4 % 4) >> 8 * (at % 4);
		if (size == 8)
			*value |= (uint64_t)table_dword(entry, at / 4 % 4 + 1) << 32;
		return true;
	}
	if (!function->msix || index != function->msix_bar || offset < function->msix_pba ||
	    offset >= function->msix_pba + (function->msix_vectors + 63) / 64 * 8)
		return false;
	at = offset - function->msix_pba;
	*value = pending_bits(function, at / 8 * 64) >> 8 * (at % 8);
	return true;
}

bool pci_msix_write_locked(struct pci_function *function, unsigned int index, uint64_t offset,
			   unsigned int size, uint64_t value)
{
	struct pci_msix_entry *entry;
	uint64_t at;

	if (!in_table(function, index, offset))
		return pci_msix_read_locked(function, index, offset, size, &value);
	/* The specification knows whole doublewords only; others are dropped. */
	if (size < 4)
		return true;
	at = offset - function->msix_table;
	entry = &function->msix_entry[at / MSIX_ENTRY_LEN];
	set_table_dword(entry, at / 4 % 4, value);
	if (size == 8)
		set_table_dword(entry, at / 4 % 4 + 1, value >> 32);
	pci_msi_flush_locked(function);
	return true;
}
