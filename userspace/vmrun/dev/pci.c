// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PCI functions: how they are built, and INTx. Configuration accesses are in
 * pci_config.c, BARs in pci_bar.c, messages in pci_msi.c.
 *
 * A line is the wired OR of the pins on it, kept as a count, so that a
 * function whose registers mask its pin never takes away another's interrupt.
 */
#include "dev/pci.h"

#include <assert.h>
#include <string.h>

#include "dev/pci_priv.h"

#define HEADER_END		0x40
#define HEADER_SEVERAL		0x80
#define COMMAND_WRITABLE	0x0547
#define STATUS_CLEARABLE	0xf900

void pci_init(struct pci *pci, const struct pci_sink *sink)
{
	*pci = (struct pci){ .sink = *sink };
	pthread_mutex_init(&pci->lock, NULL);
}

void pci_fini(struct pci *pci)
{
	pthread_mutex_destroy(&pci->lock);
}

void pci_reset(struct pci *pci)
{
	pthread_mutex_lock(&pci->lock);
	pci->address = 0;
	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];

		memcpy(function->config, function->initial, sizeof(function->config));
		function->wants_intx = false;
		pci_intx_update_locked(function);
		pci_msi_reset_locked(function);
	}
	pthread_mutex_unlock(&pci->lock);

	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];

		if (function->ops && function->ops->reset)
			function->ops->reset(function->ctx);
	}
}

/* --- building -------------------------------------------------------------- */

static struct pci_function *at(struct pci *pci, unsigned int slot, unsigned int number)
{
	for (unsigned int i = 0; i < pci->functions; i++)
		if (pci->function[i]->slot == slot && pci->function[i]->function == number)
			return pci->function[i];
	return NULL;
}

static bool slot_is_free(struct pci *pci, unsigned int slot)
{
	for (unsigned int i = 0; i < pci->functions; i++)
		if (pci->function[i]->slot == slot)
			return false;
	return true;
}

void pci_set_config(struct pci_function *function, unsigned int offset, unsigned int size,
		    uint32_t value, uint32_t writable)
{
	assert(offset + size <= PCI_CONFIG_LEN);
	pci_bytes_put(function->initial + offset, size, value);
	pci_bytes_put(function->config + offset, size, value);
	pci_bytes_put(function->writable + offset, size, writable);
}

/* The bit stands in function 0 alone: guests ask no other. */
static void mark_several(struct pci *pci, unsigned int slot)
{
	struct pci_function *first = at(pci, slot, 0);

	for (unsigned int number = 1; number < PCI_SLOT_FUNCTIONS; number++)
		if (first && at(pci, slot, number))
			pci_set_config(first, PCI_REG_HEADER_TYPE, 1, HEADER_SEVERAL, 0);
}

bool pci_add(struct pci *pci, struct pci_function *function, unsigned int slot,
	     unsigned int number, const struct pci_ident *ident, const struct pci_ops *ops,
	     void *ctx)
{
	if (slot == PCI_SLOT_ANY)
		for (slot = 0; slot < PCI_SLOTS && !slot_is_free(pci, slot); slot++)
			;
	if (slot >= PCI_SLOTS || number >= PCI_SLOT_FUNCTIONS || at(pci, slot, number) ||
	    pci->functions == PCI_FUNCTIONS_MAX)
		return false;

	function->pci = pci;
	function->ops = ops;
	function->ctx = ctx;
	function->slot = slot;
	function->function = number;
	function->caps_end = HEADER_END;
	pci_set_config(function, PCI_REG_VENDOR, 4, ident->vendor | (uint32_t)ident->device << 16,
		       0);
	pci_set_config(function, PCI_REG_COMMAND, 2, 0, COMMAND_WRITABLE);
	pci_bytes_put(function->clearable + PCI_REG_STATUS, 2, STATUS_CLEARABLE);
	pci_set_config(function, PCI_REG_REVISION, 4, ident->revision | ident->class_code << 8, 0);
	pci_set_config(function, PCI_REG_SUBSYSTEM, 4,
		       ident->subsystem_vendor | (uint32_t)ident->subsystem << 16, 0);
	pci_set_config(function, PCI_REG_INT_LINE, 1, 0, 0xff);
	pci->function[pci->functions++] = function;
	mark_several(pci, slot);
	return true;
}

unsigned int pci_add_cap(struct pci_function *function, uint8_t id, const void *body,
			 const void *writable, unsigned int len)
{
	unsigned int offset = function->caps_end;

	if (len < 2 || len > PCI_CONFIG_LEN - offset)
		return 0;
	function->initial[offset] = id;
	memcpy(function->initial + offset + 2, body, len - 2);
	if (writable)
		memcpy(function->writable + offset + 2, writable, len - 2);
	function->initial[function->last_cap ? function->last_cap + 1U : PCI_REG_CAP_POINTER] =
		offset;
	function->initial[PCI_REG_STATUS] |= STATUS_CAPS;
	memcpy(function->config, function->initial, sizeof(function->config));
	function->last_cap = offset;
	function->caps_end = (offset + len + 3) & ~3U;
	return offset;
}

void pci_add_intx(struct pci_function *function)
{
	uint8_t *used = &function->pci->intx_used[function->slot];

	pci_set_config(function, PCI_REG_INT_PIN, 1, *used % 4 + 1, 0);
	++*used;
}

void pci_set_int_lines(struct pci *pci, const uint8_t irq[PCI_LINES])
{
	pthread_mutex_lock(&pci->lock);
	for (unsigned int i = 0; i < pci->functions; i++) {
		struct pci_function *function = pci->function[i];
		uint8_t pin = function->config[PCI_REG_INT_PIN];

		if (pin)
			function->config[PCI_REG_INT_LINE] =
				irq[pci_line(function->slot, pin - 1)];
	}
	pthread_mutex_unlock(&pci->lock);
}

/* --- INTx ------------------------------------------------------------------- */

void pci_intx_update_locked(struct pci_function *function)
{
	struct pci *pci = function->pci;
	uint8_t pin = function->config[PCI_REG_INT_PIN];
	bool level = function->wants_intx && pin &&
		     !(pci_command_locked(function) & COMMAND_INTX_DISABLE) &&
		     pci_irq_mode_locked(function) == PCI_IRQ_INTX;
	unsigned int line;

	if (level == function->intx)
		return;
	function->intx = level;
	line = pci_line(function->slot, pin - 1);
	pci->line[line] += level ? 1 : -1;
	if (pci->line[line] == level)
		pci->sink.line(pci->sink.ctx, line, level);
}

void pci_intx_set(struct pci_function *function, bool level)
{
	pthread_mutex_lock(&function->pci->lock);
	function->wants_intx = level;
	pci_intx_update_locked(function);
	pthread_mutex_unlock(&function->pci->lock);
}

/* --- questions -------------------------------------------------------------- */

bool pci_is_master(struct pci_function *function)
{
	bool master;

	pthread_mutex_lock(&function->pci->lock);
	master = pci_command_locked(function) & COMMAND_MASTER;
	pthread_mutex_unlock(&function->pci->lock);
	return master;
}

uint32_t pci_get_config(struct pci_function *function, unsigned int offset, unsigned int size)
{
	uint32_t value;

	assert(offset + size <= PCI_CONFIG_LEN);
	pthread_mutex_lock(&function->pci->lock);
	value = pci_bytes_get(function->config + offset, size);
	pthread_mutex_unlock(&function->pci->lock);
	return value;
}
