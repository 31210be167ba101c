// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A guest that writes at random to configuration space and BARs while the
 * device raises interrupts at random. What must hold: lines follow wishes and
 * registers, what is read-only stays, no access leaves a BAR.
 */
#include "dev/pci.h"

#include <stdlib.h>
#include <string.h>

#define BAR_LEN	0x1000

struct world {
	struct pci pci;
	struct pio pio;
	struct pci_function function[3];
	bool line[PCI_LINES];
};

static void on_line(void *ctx, unsigned int line, bool level)
{
	struct world *world = ctx;

	if (line >= PCI_LINES || world->line[line] == level)
		abort();
	world->line[line] = level;
}

static void on_message(void *ctx, const struct pci_message *message)
{
	(void)ctx;
	if (message->gpa & 3)
		abort();
}

static uint64_t bar_read(void *ctx, uint64_t offset, unsigned int size)
{
	(void)ctx;
	if (offset + size > BAR_LEN || (offset & (size - 1)))
		abort();
	return offset;
}

static void bar_write(void *ctx, uint64_t offset, unsigned int size, uint64_t value)
{
	(void)value;
	bar_read(ctx, offset, size);
}

static void check(struct world *world)
{
	bool want[PCI_LINES] = { false };

	for (unsigned int i = 0; i < 3; i++) {
		struct pci_function *function = &world->function[i];
		unsigned int pin = pci_get_config(function, PCI_REG_INT_PIN, 1);

		if (pci_get_config(function, 0, 4) != 0x10421af4)
			abort();
		if (pin != function->function % 4 + 1U)
			abort();
		if (function->wants_intx && pci_irq_mode(function) == PCI_IRQ_INTX &&
		    !(pci_get_config(function, PCI_REG_COMMAND, 2) & 0x400))
			want[pci_line(function->slot, pin - 1)] = true;
	}
	if (memcmp(want, world->line, sizeof(want)))
		abort();
}

static void build(struct world *world)
{
	struct pci_sink sink = { on_line, on_message, world };
	struct pci_ident ident = { 0x1af4, 0x1042, 0x1af4, 1, 0x018000, 1 };
	struct pci_bar mem32 = { PCI_BAR_MEM32, BAR_LEN, bar_read, bar_write };
	struct pci_bar mem64 = { PCI_BAR_MEM64, BAR_LEN, bar_read, bar_write };
	struct pci_bar io = { PCI_BAR_IO, 0x20, bar_read, bar_write };

	pci_init(&world->pci, &sink);
	pci_ports_init(&world->pci, &world->pio);
	for (unsigned int i = 0; i < 3; i++) {
		struct pci_function *function = &world->function[i];

		if (!pci_add(&world->pci, function, i == 2 ? 9 : 1, i % 2, &ident, NULL, world))
			abort();
		pci_add_bar(function, 0, &io);
		pci_add_bar(function, 1, &mem32);
		pci_add_bar(function, 2, &mem64);
		pci_add_intx(function);
		if (!pci_add_msix(function, 5 + i * 60, 1, 0, 0xfc0) ||
		    !pci_add_msi(function, 1U << i))
			abort();
	}
	pci_reset(&world->pci);
	pci_assign(&world->pci, 0xe0000000, 0xe0100000, 0xc000);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	static struct world world;

	memset(&world, 0, sizeof(world));
	build(&world);
	for (; len >= 10; input += 10, len -= 10) {
		struct pci_function *function = &world.function[input[1] % 3];
		unsigned int bdf = function->slot << 3 | function->function;
		unsigned int size = 1U << (input[2] & 3);
		uint64_t base = 0xe0000000 + (input[3] & 7) * BAR_LEN, data;
		uint32_t value, offset;

		memcpy(&value, input + 6, 4);
		offset = input[4] | input[5] << 8;
		data = value * 0x100000001ULL;
		switch (input[0] % 8) {
		case 0:
			pci_config_write(&world.pci, bdf, input[4], size, value);
			break;
		case 1:
			pci_config_read(&world.pci, offset, input[6], size);
			break;
		case 2:
			pci_mmio_write(&world.pci, base + offset % BAR_LEN, &data, size);
			break;
		case 3:
			pci_mmio_read(&world.pci, base + offset % BAR_LEN, &data, size);
			break;
		case 4:
			if (size <= 4)
				pci_io_write(&world.pci, offset, size, value);
			break;
		case 5:
			pci_intx_set(function, value & 1);
			break;
		case 6:
			pci_msi_send(function, input[4]);
			break;
		case 7:
			if (size <= 4)
				pio_write(&world.pio, 0xcf8 + (input[4] & 7), size, value);
			break;
		}
		check(&world);
	}
	pci_fini(&world.pci);
	return 0;
}
