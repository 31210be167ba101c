// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * MP configuration table. It names a PCI pin for every slot, whether anything
 * sits in it or not: the wiring of the board does not depend on that.
 *
 * MultiProcessor Specification 1.4, chapter 4.
 */
#include "boot/mptable.h"

#include <stdbool.h>
#include <string.h>

#include "boot/acpi.h"
#include "dev/pci.h"

#define ENTRY_PROCESSOR		0
#define ENTRY_BUS		1
#define ENTRY_IOAPIC		2
#define ENTRY_IO_INT		3
#define ENTRY_LOCAL_INT		4
#define CPU_ENABLED		1
#define CPU_BOOT		2
#define INT_VECTORED		0
#define INT_NMI			1
#define INT_EXTINT		3
#define FLAGS_BUS		0x0
#define FLAGS_EDGE_HIGH		0x5
#define FLAGS_LEVEL_HIGH	0xd
#define FLAGS_LEVEL_LOW		0xf
#define BUS_PCI			0
#define BUS_ISA			1
#define ALL			0xff

struct floating {
	char signature[4];
	uint32_t table;
	uint8_t length, revision, checksum, features[5];
} __attribute__((packed));

struct table {
	char signature[4];
	uint16_t length;
	uint8_t revision, checksum;
	char oem[8], product[12];
	uint32_t oem_table;
	uint16_t oem_length, entries;
	uint32_t lapic;
	uint16_t extended_length;
	uint8_t extended_checksum, reserved;
} __attribute__((packed));

struct processor {
	uint8_t type, id, version, flags;
	uint32_t signature, features;
	uint32_t reserved[2];
} __attribute__((packed));

struct bus {
	uint8_t type, id;
	char name[6];
} __attribute__((packed));

struct ioapic {
	uint8_t type, id, version, flags;
	uint32_t gpa;
} __attribute__((packed));

struct interrupt {
	uint8_t type, kind;
	uint16_t flags;
	uint8_t bus, irq, target, pin;
} __attribute__((packed));

struct writer {
	uint8_t *out;
	size_t room, used;
	uint16_t entries;
	bool overflow;
};

static void put(struct writer *writer, const void *entry, size_t len)
{
	if (writer->overflow || len > writer->room - writer->used) {
		writer->overflow = true;
		return;
	}
	memcpy(writer->out + writer->used, entry, len);
	writer->used += len;
	writer->entries++;
}

static uint8_t checksum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	while (len--)
		sum += *bytes++;
	return -sum;
}

static void put_processors(struct writer *writer, unsigned int cpus)
{
	for (unsigned int i = 0; i < cpus; i++) {
		struct processor cpu = {
			.type = ENTRY_PROCESSOR,
			.id = i,
			.version = 0x14,
			.flags = CPU_ENABLED | (i ? 0 : CPU_BOOT),
			.signature = 0x600,
			.features = 0x201,	/* FPU, APIC */
		};

		put(writer, &cpu, sizeof(cpu));
	}
}

static void put_interrupts(struct writer *writer, uint8_t ioapic)
{
	struct interrupt line = { ENTRY_IO_INT, INT_VECTORED, FLAGS_BUS, BUS_ISA, 0, ioapic, 0 };

	for (unsigned int irq = 0; irq < 16; irq++) {
		if (irq == 2)
			continue;
		line.irq = irq;
		line.pin = irq ? irq : 2;	/* the 8254 is on pin 2 */
		line.flags = irq == BOARD_SCI_IRQ ? FLAGS_LEVEL_HIGH : FLAGS_EDGE_HIGH;
		put(writer, &line, sizeof(line));
	}
	line.bus = BUS_PCI;
	line.flags = FLAGS_LEVEL_LOW;
	for (unsigned int slot = 0; slot < PCI_SLOTS; slot++)
		for (unsigned int pin = 0; pin < 4; pin++) {
			line.irq = slot << 2 | pin;
			line.pin = BOARD_PCI_PIN + pci_line(slot, pin);
			put(writer, &line, sizeof(line));
		}
}

size_t mptable_build(uint8_t *out, uint64_t gpa, size_t room, unsigned int cpus)
{
	struct floating floating = { "_MP_", gpa + sizeof(floating), 1, 4, 0, { 0 } };
	struct table table = { .revision = 4, .lapic = BOARD_LAPIC_GPA };
	struct bus pci = { ENTRY_BUS, BUS_PCI, "PCI   " }, isa = { ENTRY_BUS, BUS_ISA, "ISA   " };
	struct ioapic ioapic = { ENTRY_IOAPIC, cpus, 0x11, 1, BOARD_IOAPIC_GPA };
	struct interrupt extint = { ENTRY_LOCAL_INT, INT_EXTINT, FLAGS_BUS, BUS_ISA, 0, ALL, 0 };
	struct interrupt nmi = { ENTRY_LOCAL_INT, INT_NMI, FLAGS_BUS, BUS_ISA, 0, ALL, 1 };
	struct writer writer = { out, room, sizeof(floating) + sizeof(table), 0, false };

	if (room < writer.used)
		return 0;
	put_processors(&writer, cpus);
	put(&writer, &pci, sizeof(pci));
	put(&writer, &isa, sizeof(isa));
	put(&writer, &ioapic, sizeof(ioapic));
	put_interrupts(&writer, ioapic.id);
	put(&writer, &extint, sizeof(extint));
	put(&writer, &nmi, sizeof(nmi));
	if (writer.overflow)
		return 0;

	floating.checksum = checksum(&floating, sizeof(floating));
	memcpy(out, &floating, sizeof(floating));
	memcpy(table.signature, "PCMP", 4);
	memcpy(table.oem, "VMM     ", 8);
	memcpy(table.product, "VMMBOARD    ", 12);
	table.length = writer.used - sizeof(floating);
	table.entries = writer.entries;
	memcpy(out + sizeof(floating), &table, sizeof(table));
	table.checksum = checksum(out + sizeof(floating), table.length);
	memcpy(out + sizeof(floating), &table, sizeof(table));
	return writer.used;
}

_Static_assert(sizeof(struct floating) == 16, "MP floating pointer");
_Static_assert(sizeof(struct table) == 44, "MP configuration table header");
_Static_assert(sizeof(struct processor) == 20, "MP processor entry");
_Static_assert(sizeof(struct interrupt) == 8, "MP interrupt entry");
