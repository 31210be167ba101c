// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Host bridge, ISA bridge, power management function.
 *
 * PAM registers are stored and have no effect: what lies from 768 KiB to
 * 1 MiB is always RAM that holds the firmware's copy, which is what every
 * firmware makes of it first thing.
 *
 * The ACPI block does not move, so its base register is read-only and says
 * that decoding is on. DEVACTB says that the APM port is set up already:
 * SeaBIOS would wait for an SMI otherwise, and there is none.
 */
#include "dev/chipset.h"

#include <string.h>

#include "boot/acpi.h"

#define ISA_PIRQ_LOW		0x60	/* PIRQA-D */
#define ISA_PIRQ_HIGH		0x68	/* PIRQE-H */
#define ISA_DEFERRED		0x82	/* passive release */
#define PM_BASE			0x40
#define PM_DEVACTB		0x58
#define PM_DEVACTB_APMC		(1u << 25)
#define PM_REGMISC		0x80
#define BAR_IS_IO		1

static void isa_config_write(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct chipset *chipset = ctx;

	for (unsigned int i = 0; i < size; i++) {
		unsigned int reg = offset + i;

		if (reg >= ISA_PIRQ_LOW && reg < ISA_PIRQ_LOW + 4)
			pirq_route(&chipset->pirq, reg - ISA_PIRQ_LOW, value >> 8 * i);
		else if (reg >= ISA_PIRQ_HIGH && reg < ISA_PIRQ_HIGH + 4)
			pirq_route(&chipset->pirq, reg - ISA_PIRQ_HIGH + 4, value >> 8 * i);
	}
}

static void isa_reset(void *ctx)
{
	struct chipset *chipset = ctx;

	pirq_reset(&chipset->pirq);
}

static const struct pci_ops isa_ops = { .config_write = isa_config_write, .reset = isa_reset };

static void on_line(void *ctx, unsigned int line, bool level)
{
	struct chipset *chipset = ctx;

	/* Both at once: which of the two is listened to is the guest's affair. */
	chipset->sink.line(chipset->sink.ctx, line, level);
	pirq_set_line(&chipset->pirq, line, level);
}

static void on_message(void *ctx, const struct pci_message *message)
{
	struct chipset *chipset = ctx;

	chipset->sink.message(chipset->sink.ctx, message);
}

static void add_functions(struct chipset *chipset)
{
	/* The subsystem is how SeaBIOS knows a virtual board. */
	struct pci_ident host = { 0x8086, 0x1237, 0x1af4, 0x1100, 0x060000, 2 };
	struct pci_ident isa = { 0x8086, 0x7000, 0x1af4, 0x1100, 0x060100, 0 };
	struct pci_ident pm = { 0x8086, 0x7113, 0x1af4, 0x1100, 0x068000, 3 };

	pci_add(&chipset->pci, &chipset->host, CHIPSET_HOST_SLOT, 0, &host, NULL, NULL);
	for (unsigned int i = 0; i < 7; i++)
		pci_set_config(&chipset->host, CHIPSET_PAM + i, 1, 0, i ? 0x77 : 0x70);

	pci_add(&chipset->pci, &chipset->isa, CHIPSET_ISA_SLOT, 0, &isa, &isa_ops, chipset);
	for (unsigned int i = 0; i < 4; i++) {
		pci_set_config(&chipset->isa, ISA_PIRQ_LOW + i, 1, pirq_initial(i), 0x8f);
		pci_set_config(&chipset->isa, ISA_PIRQ_HIGH + i, 1, pirq_initial(4 + i), 0x8f);
	}
	pci_set_config(&chipset->isa, ISA_DEFERRED, 1, 0, 0xff);

	pci_add(&chipset->pci, &chipset->pm, CHIPSET_ISA_SLOT, 3, &pm, NULL, NULL);
	pci_set_config(&chipset->pm, PM_BASE, 4, BOARD_PM_PORT | BAR_IS_IO, 0);
	pci_set_config(&chipset->pm, PM_DEVACTB, 4, PM_DEVACTB_APMC, 0);
	pci_set_config(&chipset->pm, PM_REGMISC, 1, 1, 0);
}

static bool rest_read(void *ctx, uint16_t port, unsigned int size, uint32_t *value)
{
	return pci_io_read(ctx, port, size, value);
}

static bool rest_write(void *ctx, uint16_t port, unsigned int size, uint32_t value)
{
	return pci_io_write(ctx, port, size, value);
}

void chipset_init(struct chipset *chipset, struct pio *pio, const struct chipset_sink *sink)
{
	struct pci_sink pci_sink = { on_line, on_message, chipset };

	memset(chipset, 0, sizeof(*chipset));
	chipset->sink = *sink;
	pirq_init(&chipset->pirq, sink->irq, sink->ctx);
	pci_init(&chipset->pci, &pci_sink);
	pci_ports_init(&chipset->pci, pio);
	pio->rest = (struct pio_rest){ rest_read, rest_write, &chipset->pci };
	add_functions(chipset);
}

void chipset_fini(struct chipset *chipset)
{
	pci_fini(&chipset->pci);
	pirq_fini(&chipset->pirq);
}

void chipset_reset(struct chipset *chipset, bool assign, uint32_t mem_start)
{
	uint8_t irq[PCI_LINES];

	pci_reset(&chipset->pci);
	if (!assign)
		return;
	for (unsigned int i = 0; i < PCI_LINES; i++)
		irq[i] = pirq_initial(i);
	pci_set_int_lines(&chipset->pci, irq);
	pci_assign(&chipset->pci, mem_start, BOARD_IOAPIC_GPA, BOARD_PCI_IO_START);
}
