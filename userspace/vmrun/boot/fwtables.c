// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Tables for firmware. The ACPI tables are built as if they lay at address 0,
 * so that each pointer is an offset into the file; firmware adds where it put
 * the file. The RSDP travels in a file of its own, because SeaBIOS must put it
 * below 1 MiB.
 */
#include "boot/fwtables.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot/e820.h"
#include "boot/smbios.h"

#define FILE_RSDP	"etc/acpi/rsdp"
#define FILE_TABLES	"etc/acpi/tables"
#define VIRTIO_DISK	0x1042	/* PCI device id */
#define TABLES_ROOM	0x20000
#define SMBIOS_ROOM	0x1000

enum { ALLOCATE = 1, ADD_POINTER, ADD_CHECKSUM };
enum { ZONE_HIGH = 1, ZONE_BELOW_1M };

struct command {
	uint32_t kind;
	union {
		struct {
			char file[56];
			uint32_t align;
			uint8_t zone;
		} __attribute__((packed)) allocate;
		struct {
			char file[56], target[56];
			uint32_t at;
			uint8_t size;
		} __attribute__((packed)) pointer;
		struct {
			char file[56];
			uint32_t at, start, len;
		} __attribute__((packed)) checksum;
		uint8_t bytes[FWTABLES_COMMAND_LEN - 4];
	};
} __attribute__((packed));

struct e820_entry {
	uint64_t gpa, len;
	uint32_t type;
} __attribute__((packed));

static struct command allocate(const char *file, uint32_t align, uint8_t zone)
{
	struct command command = { .kind = htole32(ALLOCATE) };

	strcpy(command.allocate.file, file);
	command.allocate.align = htole32(align);
	command.allocate.zone = zone;
	return command;
}

/* The RSDP is the start of the tables; as a file it has the same offsets. */
static struct command fix(const struct acpi_fixup *fixup)
{
	const char *file = fixup->at < ACPI_RSDP_LEN ? FILE_RSDP : FILE_TABLES;
	struct command command = { 0 };

	if (fixup->len) {
		command.kind = htole32(ADD_CHECKSUM);
		strcpy(command.checksum.file, file);
		command.checksum.at = htole32(fixup->at);
		command.checksum.start = htole32(fixup->start);
		command.checksum.len = htole32(fixup->len);
	} else {
		command.kind = htole32(ADD_POINTER);
		strcpy(command.pointer.file, file);
		strcpy(command.pointer.target, FILE_TABLES);
		command.pointer.at = htole32(fixup->at);
		command.pointer.size = fixup->size;
	}
	return command;
}

size_t fwtables_script(const struct acpi_fixups *fixups, uint8_t *rsdp, uint8_t *tables,
		       uint8_t *out, size_t room)
{
	size_t len = (2 + fixups->count) * sizeof(struct command);
	struct command command;

	if (len > room)
		return 0;
	command = allocate(FILE_RSDP, 16, ZONE_BELOW_1M);
	memcpy(out, &command, sizeof(command));
	command = allocate(FILE_TABLES, 64, ZONE_HIGH);
	memcpy(out + sizeof(command), &command, sizeof(command));
	for (unsigned int i = 0; i < fixups->count; i++) {
		const struct acpi_fixup *fixup = &fixups->fixup[i];

		command = fix(fixup);
		memcpy(out + (2 + i) * sizeof(command), &command, sizeof(command));
		if (fixup->len)
			(fixup->at < ACPI_RSDP_LEN ? rsdp : tables)[fixup->at] = 0;
	}
	return len;
}

static bool add_acpi(struct fwcfg *fwcfg, const struct fwtables_board *board)
{
	struct acpi_board acpi = { board->cpus, board->ram->low, board->ram->high };
	uint8_t script[(2 + ACPI_FIXUPS_MAX) * FWTABLES_COMMAND_LEN];
	uint8_t *tables = calloc(1, TABLES_ROOM);
	uint8_t rsdp[ACPI_RSDP_LEN];
	struct acpi_fixups fixups;
	size_t len, script_len;
	bool added = false;

	if (!tables)
		return false;
	len = acpi_build(tables, 0, TABLES_ROOM, &acpi, &fixups);
	if (len) {
		memcpy(rsdp, tables, sizeof(rsdp));
		memset(tables, 0, sizeof(rsdp));
		script_len = fwtables_script(&fixups, rsdp, tables, script, sizeof(script));
		added = fwcfg_add_file(fwcfg, FILE_RSDP, rsdp, sizeof(rsdp)) &&
			fwcfg_add_file(fwcfg, FILE_TABLES, tables, len) &&
			fwcfg_add_file(fwcfg, "etc/table-loader", script, script_len);
	}
	free(tables);
	return added;
}

static bool add_smbios(struct fwcfg *fwcfg, const struct fwtables_board *board)
{
	struct smbios_board smbios = { board->cpus, board->ram->low + board->ram->high };
	uint8_t out[SMBIOS_ROOM];
	size_t len = smbios_build(out, 0, sizeof(out), &smbios);

	return len && fwcfg_add_file(fwcfg, "etc/smbios/smbios-anchor", out, 31) &&
	       fwcfg_add_file(fwcfg, "etc/smbios/smbios-tables", out + SMBIOS_ANCHOR_LEN,
			      len - SMBIOS_ANCHOR_LEN);
}

static bool add_memory(struct fwcfg *fwcfg, const struct vmm_ram *ram)
{
	struct e820_entry entry[2] = {
		{ 0, htole64(ram->low), htole32(E820_USABLE) },
		{ htole64(VMM_HIGH_GPA), htole64(ram->high), htole32(E820_USABLE) },
	};

	return fwcfg_add_file(fwcfg, "etc/e820", entry, sizeof(entry[0]) * (ram->high ? 2 : 1)) &&
	       fwcfg_add_number(fwcfg, FWCFG_RAM_SIZE, ram->low + ram->high, 8);
}

const char *fwtables_boot_order(const struct pci *pci, char order[FWTABLES_ORDER_MAX])
{
	for (unsigned int i = 0; i < pci->functions; i++) {
		const struct pci_function *function = pci->function[i];
		uint16_t device = function->initial[PCI_REG_VENDOR + 2] |
				  function->initial[PCI_REG_VENDOR + 3] << 8;

		if (device != VIRTIO_DISK)
			continue;
		snprintf(order, FWTABLES_ORDER_MAX, "/pci@i0cf8/scsi@%x/disk@0,0\n",
			 function->slot);
		return order;
	}
	return NULL;
}

bool fwtables_add(struct fwcfg *fwcfg, const struct fwtables_board *board)
{
	const char *order = board->boot_order;

	if (!add_memory(fwcfg, board->ram) || !add_acpi(fwcfg, board) ||
	    !add_smbios(fwcfg, board))
		return false;
	if (order && !fwcfg_add_file(fwcfg, "bootorder", order, strlen(order) + 1))
		return false;
	/* There is no screen: text goes to the serial port. */
	return fwcfg_add_number(fwcfg, FWCFG_NOGRAPHIC, 1, 2) &&
	       fwcfg_add_number(fwcfg, FWCFG_CPUS, board->cpus, 2) &&
	       fwcfg_add_number(fwcfg, FWCFG_CPUS_MAX, board->cpus, 2) &&
	       fwcfg_add_number(fwcfg, FWCFG_BOOT_MENU, 0, 2);
}

_Static_assert(sizeof(struct command) == FWTABLES_COMMAND_LEN, "table-loader command");
