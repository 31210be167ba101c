// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * SMBIOS structures: BIOS, system, chassis, processor, memory, end.
 *
 * DMTF DSP0134, "SMBIOS Structure Definitions".
 */
#include "boot/smbios.h"

#include <stdbool.h>
#include <string.h>

#define HANDLE_CHASSIS		0x300
#define HANDLE_CPU		0x400
#define HANDLE_ARRAY		0x1000
#define HANDLE_MODULE		0x1100
#define UNKNOWN			2
#define NONE			0xffff

struct anchor {
	char signature[4];
	uint8_t checksum, length, major, minor;
	uint16_t longest;
	uint8_t revision, formatted[5];
	char dmi[5];
	uint8_t dmi_checksum;
	uint16_t table_length;
	uint32_t table_gpa;
	uint16_t count;
	uint8_t bcd;
} __attribute__((packed));

struct head {
	uint8_t type, length;
	uint16_t handle;
} __attribute__((packed));

struct bios {
	struct head head;
	uint8_t vendor, version;
	uint16_t segment;
	uint8_t date, rom_size;
	uint64_t characteristics;
	uint8_t extension[2], major, minor, ec_major, ec_minor;
} __attribute__((packed));

struct system {
	struct head head;
	uint8_t vendor, product, version, serial, uuid[16], wake_up, sku, family;
} __attribute__((packed));

struct chassis {
	struct head head;
	uint8_t vendor, type, version, serial, tag, boot, power, thermal, security;
	uint32_t oem;
	uint8_t height, cords, elements, element_length, sku;
} __attribute__((packed));

struct processor {
	struct head head;
	uint8_t socket, type, family, vendor;
	uint64_t id;
	uint8_t version, voltage;
	uint16_t clock, max_speed, speed;
	uint8_t status, upgrade;
	uint16_t l1, l2, l3;
	uint8_t serial, tag, part, cores, enabled, threads;
	uint16_t characteristics, family2;
} __attribute__((packed));

struct array {
	struct head head;
	uint8_t location, use, correction;
	uint32_t kib;
	uint16_t error, modules;
	uint64_t extended;
} __attribute__((packed));

struct module {
	struct head head;
	uint16_t array, error, width, data_width, mib;
	uint8_t form, set, locator, bank, type;
	uint16_t detail, speed;
	uint8_t vendor, serial, tag, part, attributes;
	uint32_t extended_mib;
	uint16_t configured;
} __attribute__((packed));

struct writer {
	uint8_t *out;
	size_t room, used;
	uint16_t count, longest;
	bool overflow;
};

static uint8_t checksum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	while (len--)
		sum += *bytes++;
	return -sum;
}

/* @strings: each ends in NUL, the last in two, as a literal with "\0" at its end has it. */
static void put(struct writer *writer, const void *body, const char *strings, size_t strings_len)
{
	const struct head *head = body;
	size_t len = head->length + strings_len;

	if (writer->overflow || len > writer->room - writer->used) {
		writer->overflow = true;
		return;
	}
	memcpy(writer->out + writer->used, body, head->length);
	memcpy(writer->out + writer->used + head->length, strings, strings_len);
	writer->used += len;
	writer->count++;
	if (len > writer->longest)
		writer->longest = len;
}

#define PUT(writer, body, strings)	put(writer, &(body), strings, sizeof(strings))

static void put_memory(struct writer *writer, uint64_t memory)
{
	struct array array = {
		.head = { 16, sizeof(array), HANDLE_ARRAY },
		.location = 1,
		.use = 3,
		.correction = 3,
		.kib = memory >> 10 < 0x80000000 ? memory >> 10 : 0x80000000,
		.error = 0xfffe,
		.modules = 1,
		.extended = memory >> 10 < 0x80000000 ? 0 : memory,
	};
	struct module module = {
		.head = { 17, sizeof(module), HANDLE_MODULE },
		.array = HANDLE_ARRAY,
		.error = 0xfffe,
		.width = NONE,
		.data_width = NONE,
		.mib = memory >> 20 < 0x7fff ? memory >> 20 : 0x7fff,
		.form = 9,
		.locator = 1,
		.type = 7,
		.detail = 2,
		.vendor = 2,
		.extended_mib = memory >> 20 < 0x7fff ? 0 : memory >> 20,
	};

	PUT(writer, array, "\0");
	PUT(writer, module, "DIMM 0\0vmm\0");
}

size_t smbios_build(uint8_t *out, uint64_t gpa, size_t room, const struct smbios_board *board)
{
	struct bios bios = {
		.head = { 0, sizeof(bios), 0 },
		.vendor = 1,
		.version = 2,
		.segment = 0xe800,
		.date = 3,
		.characteristics = 1 << 3,	/* no characteristics */
		.extension = { 0, 0x1c },	/* virtual machine, UEFI, targeted content */
		.ec_major = 0xff,
		.ec_minor = 0xff,
	};
	struct system system = {
		.head = { 1, sizeof(system), 0x100 },
		.vendor = 1,
		.product = 2,
		.version = 3,
		.wake_up = 6,
	};
	struct chassis chassis = {
		.head = { 3, sizeof(chassis), HANDLE_CHASSIS },
		.vendor = 1,
		.type = 1,
		.boot = 3,
		.power = 3,
		.thermal = 3,
		.security = UNKNOWN,
	};
	struct processor cpu = {
		.head = { 4, sizeof(cpu), HANDLE_CPU },
		.socket = 1,
		.type = 3,
		.family = 1,
		.vendor = 2,
		.status = 0x41,
		.upgrade = 1,
		.l1 = NONE,
		.l2 = NONE,
		.l3 = NONE,
		.cores = board->cpus,
		.enabled = board->cpus,
		.threads = board->cpus,
		.characteristics = 4,
		.family2 = 1,
	};
	struct head end = { 127, sizeof(end), 0x7f00 };
	struct anchor anchor = { .length = 31, .major = 2, .minor = 8, .bcd = 0x28 };
	struct writer writer = { .out = out, .room = room, .used = SMBIOS_ANCHOR_LEN };

	if (room < SMBIOS_ANCHOR_LEN)
		return 0;
	PUT(&writer, bios, "vmm\0" VMM_USER_VERSION "\00001/01/2026\0");
	PUT(&writer, system, "vmm\0Virtual Machine\0" VMM_USER_VERSION "\0");
	PUT(&writer, chassis, "vmm\0");
	PUT(&writer, cpu, "CPU 0\0vmm\0");
	put_memory(&writer, board->memory);
	PUT(&writer, end, "\0");
	if (writer.overflow)
		return 0;

	memcpy(anchor.signature, "_SM_", 4);
	memcpy(anchor.dmi, "_DMI_", 5);
	anchor.longest = writer.longest;
	anchor.table_length = writer.used - SMBIOS_ANCHOR_LEN;
	anchor.table_gpa = gpa + SMBIOS_ANCHOR_LEN;
	anchor.count = writer.count;
	anchor.dmi_checksum = checksum(anchor.dmi, 15);
	anchor.checksum = checksum(&anchor, sizeof(anchor));
	memset(out, 0, SMBIOS_ANCHOR_LEN);
	memcpy(out, &anchor, sizeof(anchor));
	return writer.used;
}

_Static_assert(sizeof(struct anchor) == 31, "SMBIOS anchor");
_Static_assert(sizeof(struct bios) == 24, "SMBIOS type 0");
_Static_assert(sizeof(struct system) == 27, "SMBIOS type 1");
_Static_assert(sizeof(struct chassis) == 22, "SMBIOS type 3");
_Static_assert(sizeof(struct processor) == 42, "SMBIOS type 4");
_Static_assert(sizeof(struct array) == 23, "SMBIOS type 16");
_Static_assert(sizeof(struct module) == 34, "SMBIOS type 17");
