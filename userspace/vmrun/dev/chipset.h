/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The functions that make a PCI bus a PC's: host bridge (82441FX), ISA bridge
 * (82371SB, with eight PIRQ registers instead of four) and the power
 * management function (82371AB), whose registers the ACPI block of acpi_pm
 * answers.
 *
 * Intel 82441FX and 82371AB data sheets; ICH data sheets for PIRQE-PIRQH.
 */
#ifndef VMRUN_DEV_CHIPSET_H
#define VMRUN_DEV_CHIPSET_H

#include "dev/pci.h"
#include "dev/pirq.h"

#define CHIPSET_HOST_SLOT	0
#define CHIPSET_ISA_SLOT	1
#define CHIPSET_PAM		0x59	/* seven registers in the host bridge */

/* Called with the bus lock or the router's held: leaves. @irq: an 8259 pin; @line: a line of the PCI bus. */
struct chipset_sink {
	void (*irq)(void *ctx, unsigned int irq, bool level);
	void (*line)(void *ctx, unsigned int line, bool level);
	void (*message)(void *ctx, const struct pci_message *message);
	void *ctx;
};

struct chipset {
	struct pci pci;
	struct pirq pirq;
	struct pci_function host, isa, pm;
	struct chipset_sink sink;
};

/* The bus with its bridges; devices add themselves to chipset->pci. */
void chipset_init(struct chipset *chipset, struct pio *pio, const struct chipset_sink *sink);
void chipset_fini(struct chipset *chipset);

/*
 * Power-on, once all devices are added. With @assign also what firmware would
 * do: addresses in [@mem_start, I/O APIC) and interrupt lines.
 */
void chipset_reset(struct chipset *chipset, bool assign, uint32_t mem_start);

#endif /* VMRUN_DEV_CHIPSET_H */
