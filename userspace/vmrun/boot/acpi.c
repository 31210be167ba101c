// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ACPI tables: RSDP, RSDT, XSDT, FADT, FACS, MADT, HPET, and the compiled
 * DSDT. Written once before the start, into memory the guest sees as reserved
 * or into a file that firmware reads.
 *
 * SMI_CMD is zero: the machine is always in ACPI mode, and the PM1 control
 * register says so (SCI_EN).
 *
 * The DSDT has two numbers that depend on the guest's memory; they are patched
 * in place, found by their names.
 *
 * ACPI Specification 6.4, "ACPI Software Programming Model".
 */
#include "boot/acpi.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define OEM_ID		"VMM   "
#define OEM_TABLE	"VMMBOARD"
#define CREATOR		"VMM "

#define SPACE_IO	1
#define ACCESS_BYTE	1
#define ACCESS_WORD	2
#define ACCESS_DWORD	3

#define FADT_WBINVD		(1u << 0)
#define FADT_PROC_C1		(1u << 2)
#define FADT_NO_SLEEP_BUTTON	(1u << 5)
#define FADT_FIX_RTC		(1u << 6)	/* RTC alarm is no fixed wake event */
#define FADT_TIMER_32BIT	(1u << 8)
#define FADT_RESET_REGISTER	(1u << 10)

#define ARCH_LEGACY_DEVICES	(1u << 0)
#define ARCH_NO_VGA		(1u << 2)

#define MADT_PCAT_COMPAT	(1u << 0)
#define MADT_LAPIC		0
#define MADT_IOAPIC		1
#define MADT_OVERRIDE		2
#define MADT_LAPIC_NMI		4
#define MPS_EDGE_HIGH		0x5
#define MPS_LEVEL_HIGH		0xd

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t checksum_all;
	uint8_t reserved[3];
} __attribute__((packed));

/* Generic Address Structure. */
struct gas {
	uint8_t space;
	uint8_t bits;
	uint8_t offset;
	uint8_t access;
	uint64_t port;
} __attribute__((packed));

struct fadt {
	struct header header;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t model;
	uint8_t profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t acpi_enable, acpi_disable, s4bios_req, pstate_cnt;
	uint32_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm2_cnt, pm_tmr, gpe0, gpe1;
	uint8_t pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len;
	uint8_t gpe0_len, gpe1_len, gpe1_base, cst_cnt;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_arch;
	uint8_t reserved;
	uint32_t flags;
	struct gas reset_reg;
	uint8_t reset_value;
	uint16_t arm_boot_arch;
	uint8_t minor;
	uint64_t x_facs, x_dsdt;
	struct gas x_pm1a_evt, x_pm1b_evt, x_pm1a_cnt, x_pm1b_cnt, x_pm2_cnt, x_pm_tmr;
	struct gas x_gpe0, x_gpe1, sleep_control, sleep_status;
	uint64_t hypervisor;
} __attribute__((packed));

struct facs {
	char signature[4];
	uint32_t length;
	uint32_t hardware_signature;
	uint32_t waking_vector;
	uint32_t global_lock;
	uint32_t flags;
	uint64_t x_waking_vector;
	uint8_t version;
	uint8_t reserved[31];
} __attribute__((packed));

struct madt {
	struct header header;
	uint32_t lapic_gpa;
	uint32_t flags;
} __attribute__((packed));

struct madt_lapic {
	uint8_t type, length, uid, apic_id;
	uint32_t flags;
} __attribute__((packed));

struct madt_ioapic {
	uint8_t type, length, id, reserved;
	uint32_t gpa;
	uint32_t gsi_base;
} __attribute__((packed));

struct madt_override {
	uint8_t type, length, bus, irq;
	uint32_t gsi;
	uint16_t flags;
} __attribute__((packed));

struct hpet {
	struct header header;
	uint32_t block_id;
	struct gas base;
	uint8_t number;
	uint16_t minimum_tick;
	uint8_t protection;
} __attribute__((packed));

struct madt_lapic_nmi {
	uint8_t type, length, uid;
	uint16_t flags;
	uint8_t lint;
} __attribute__((packed));

/* Where the next table goes. Checksums are noted last: see acpi_build(). */
struct writer {
	uint8_t *out;
	uint64_t gpa;
	size_t room;
	size_t used;
	bool overflow;
	struct acpi_fixups *fixups;
};

static uint8_t checksum(const void *data, size_t len)
{
	const uint8_t *bytes = data;
	uint8_t sum = 0;

	while (len--)
		sum += *bytes++;
	return -sum;
}

/* Append @len bytes on an @align boundary; their guest address. */
static uint64_t put(struct writer *writer, const void *data, size_t len, size_t align)
{
	size_t at = (writer->used + align - 1) & ~(align - 1);

	if (writer->overflow || at > writer->room || len > writer->room - at) {
		writer->overflow = true;
		return 0;
	}
	memcpy(writer->out + at, data, len);
	writer->used = at + len;
	return writer->gpa + at;
}

static void note(struct writer *writer, struct acpi_fixup fixup)
{
	struct acpi_fixups *fixups = writer->fixups;

	if (!fixups || writer->overflow)
		return;
	if (fixups->count == ACPI_FIXUPS_MAX)
		writer->overflow = true;
	else
		fixups->fixup[fixups->count++] = fixup;
}

/* The pointer of @size bytes at @offset of the table at @table_gpa. */
static void note_pointer(struct writer *writer, uint64_t table_gpa, size_t offset, uint8_t size)
{
	uint32_t at = table_gpa - writer->gpa + offset;

	note(writer, (struct acpi_fixup){ .at = at, .size = size });
}

/* The checksum at @offset over @len bytes of the table at @table_gpa. */
static void note_checksum(struct writer *writer, uint64_t table_gpa, size_t offset, uint32_t len)
{
	uint32_t start = table_gpa - writer->gpa;

	note(writer, (struct acpi_fixup){ start + offset, start, len, 1 });
}

static void fill_header(struct header *header, const char *signature, uint8_t revision,
			uint32_t length)
{
	memcpy(header->signature, signature, 4);
	header->length = length;
	header->revision = revision;
	memcpy(header->oem_id, OEM_ID, 6);
	memcpy(header->oem_table, OEM_TABLE, 8);
	header->oem_revision = 1;
	memcpy(header->creator, CREATOR, 4);
	header->creator_revision = 1;
}

static struct gas io_register(uint16_t port, unsigned int bytes)
{
	return (struct gas){
		.space = SPACE_IO,
		.bits = bytes * 8,
		.access = bytes == 4 ? ACCESS_DWORD : bytes == 2 ? ACCESS_WORD : ACCESS_BYTE,
		.port = port,
	};
}

static uint64_t put_fadt(struct writer *writer, uint64_t facs_gpa, uint64_t dsdt_gpa)
{
	struct fadt fadt = {
		.facs = facs_gpa,
		.dsdt = dsdt_gpa,
		.sci_int = BOARD_SCI_IRQ,
		.pm1a_evt = BOARD_PM1_EVENT_PORT,
		.pm1a_cnt = BOARD_PM1_CONTROL_PORT,
		.pm_tmr = BOARD_PM_TIMER_PORT,
		.gpe0 = BOARD_GPE_PORT,
		.pm1_evt_len = 4,
		.pm1_cnt_len = 2,
		.pm_tmr_len = 4,
		.gpe0_len = 4,
		.c2_latency = 0xffff,	/* no C2, no C3 */
		.c3_latency = 0xffff,
		.century = 0x32,
		.boot_arch = ARCH_LEGACY_DEVICES | ARCH_NO_VGA,
		.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_NO_SLEEP_BUTTON | FADT_FIX_RTC |
			 FADT_TIMER_32BIT | FADT_RESET_REGISTER,
		.reset_reg = io_register(BOARD_RESET_PORT, 1),
		.reset_value = BOARD_RESET_VALUE,
		.minor = 4,
		.x_dsdt = dsdt_gpa,
		.x_pm1a_evt = io_register(BOARD_PM1_EVENT_PORT, 4),
		.x_pm1a_cnt = io_register(BOARD_PM1_CONTROL_PORT, 2),
		.x_pm_tmr = io_register(BOARD_PM_TIMER_PORT, 4),
		.x_gpe0 = io_register(BOARD_GPE_PORT, 4),
	};
	uint64_t gpa;

	/* The event block's halves are accessed one by one. */
	fadt.x_pm1a_evt.access = ACCESS_WORD;
	fill_header(&fadt.header, "FACP", 6, sizeof(fadt));
	fadt.header.checksum = checksum(&fadt, sizeof(fadt));
	gpa = put(writer, &fadt, sizeof(fadt), 16);
	note_pointer(writer, gpa, offsetof(struct fadt, facs), 4);
	note_pointer(writer, gpa, offsetof(struct fadt, dsdt), 4);
	note_pointer(writer, gpa, offsetof(struct fadt, x_dsdt), 8);
	return gpa;
}

static uint64_t put_hpet(struct writer *writer)
{
	struct hpet hpet = {
		/* As its capability register: eight timers of 32 bits, legacy replacement. */
		.block_id = 0x80868701,
		.base = { .bits = 64, .port = BOARD_HPET_GPA },
		.minimum_tick = 128,
	};

	fill_header(&hpet.header, "HPET", 1, sizeof(hpet));
	hpet.header.checksum = checksum(&hpet, sizeof(hpet));
	return put(writer, &hpet, sizeof(hpet), 16);
}

uint32_t acpi_pci_start(uint64_t low)
{
	return low <= 0x80000000 ? 0x80000000 : 0xc0000000;
}

/* Set "Name (@name, <integer of @size bytes>)" in AML; iasl kept its width. */
static bool patch_name(uint8_t *aml, size_t len, const char *name, uint64_t value,
		       unsigned int size)
{
	uint8_t pattern[6] = { 0x08, name[0], name[1], name[2], name[3], size == 8 ? 0x0e : 0x0c };

	for (size_t i = 0; i + sizeof(pattern) + size <= len; i++) {
		if (memcmp(aml + i, pattern, sizeof(pattern)))
			continue;
		memcpy(aml + i + sizeof(pattern), &value, size);
		return true;
	}
	return false;
}

static uint64_t put_dsdt(struct writer *writer, const struct acpi_board *board)
{
	uint64_t gpa = put(writer, acpi_dsdt, acpi_dsdt_len, 16);
	uint64_t high_end = 0x100000000ULL + board->high;
	uint64_t high_start = (high_end + BOARD_PCI_HIGH_LEN - 1) & ~(BOARD_PCI_HIGH_LEN - 1);
	struct header *dsdt = (struct header *)(writer->out + (gpa - writer->gpa));

	if (writer->overflow)
		return 0;
	if (!patch_name((uint8_t *)dsdt, acpi_dsdt_len, "PLOW", acpi_pci_start(board->low), 4) ||
	    !patch_name((uint8_t *)dsdt, acpi_dsdt_len, "PHIG", high_start, 8)) {
		writer->overflow = true;
		return 0;
	}
	dsdt->checksum = 0;
	dsdt->checksum = checksum(dsdt, acpi_dsdt_len);
	return gpa;
}

static uint64_t put_madt(struct writer *writer, unsigned int cpus)
{
	struct madt madt = { .lapic_gpa = BOARD_LAPIC_GPA, .flags = MADT_PCAT_COMPAT };
	struct madt_ioapic ioapic = { MADT_IOAPIC, sizeof(ioapic), 0, 0, BOARD_IOAPIC_GPA, 0 };
	struct madt_override timer = { MADT_OVERRIDE, sizeof(timer), 0, 0, 2, MPS_EDGE_HIGH };
	struct madt_override sci = { MADT_OVERRIDE, sizeof(sci), 0, BOARD_SCI_IRQ, BOARD_SCI_IRQ,
				     MPS_LEVEL_HIGH };
	struct madt_lapic_nmi nmi = { MADT_LAPIC_NMI, sizeof(nmi), 0xff, 0, 1 };
	size_t start;
	uint64_t gpa;
	struct madt *header;

	gpa = put(writer, &madt, sizeof(madt), 16);
	start = writer->used - sizeof(madt);
	for (unsigned int i = 0; i < cpus; i++) {
		struct madt_lapic lapic = { MADT_LAPIC, sizeof(lapic), i, i, 1 };

		put(writer, &lapic, sizeof(lapic), 1);
	}
	put(writer, &ioapic, sizeof(ioapic), 1);
	put(writer, &timer, sizeof(timer), 1);
	put(writer, &sci, sizeof(sci), 1);
	put(writer, &nmi, sizeof(nmi), 1);
	if (writer->overflow)
		return 0;

	header = (struct madt *)(writer->out + start);
	fill_header(&header->header, "APIC", 5, writer->used - start);
	header->header.checksum = checksum(header, writer->used - start);
	return gpa;
}

struct tables {
	uint64_t rsdt, xsdt, fadt, madt, hpet;
};

static void put_indexes(struct writer *writer, struct tables *tables)
{
	struct {
		struct header header;
		uint64_t table[3];
	} __attribute__((packed)) xsdt = { .table = { tables->fadt, tables->madt, tables->hpet } };
	struct {
		struct header header;
		uint32_t table[3];
	} __attribute__((packed)) rsdt = { .table = { tables->fadt, tables->madt, tables->hpet } };

	fill_header(&rsdt.header, "RSDT", 1, sizeof(rsdt));
	rsdt.header.checksum = checksum(&rsdt, sizeof(rsdt));
	tables->rsdt = put(writer, &rsdt, sizeof(rsdt), 16);
	fill_header(&xsdt.header, "XSDT", 1, sizeof(xsdt));
	xsdt.header.checksum = checksum(&xsdt, sizeof(xsdt));
	tables->xsdt = put(writer, &xsdt, sizeof(xsdt), 16);
	for (unsigned int i = 0; i < 3; i++) {
		note_pointer(writer, tables->rsdt, sizeof(struct header) + 4 * i, 4);
		note_pointer(writer, tables->xsdt, sizeof(struct header) + 8 * i, 8);
	}
	note_pointer(writer, writer->gpa, offsetof(struct rsdp, rsdt), 4);
	note_pointer(writer, writer->gpa, offsetof(struct rsdp, xsdt), 8);

	note_checksum(writer, tables->rsdt, offsetof(struct header, checksum), sizeof(rsdt));
	note_checksum(writer, tables->xsdt, offsetof(struct header, checksum), sizeof(xsdt));
	note_checksum(writer, tables->fadt, offsetof(struct header, checksum),
		      sizeof(struct fadt));
	note_checksum(writer, writer->gpa, offsetof(struct rsdp, checksum), 20);
	note_checksum(writer, writer->gpa, offsetof(struct rsdp, checksum_all),
		      sizeof(struct rsdp));
}

size_t acpi_build(uint8_t *out, uint64_t gpa, size_t room, const struct acpi_board *board,
		  struct acpi_fixups *fixups)
{
	struct writer writer = { .out = out, .gpa = gpa, .room = room, .fixups = fixups };
	struct rsdp rsdp = { .revision = 2, .length = sizeof(rsdp) };
	struct facs facs = { .length = sizeof(facs), .version = 2 };
	struct tables tables;
	uint64_t facs_gpa, dsdt_gpa;

	if (fixups)
		fixups->count = 0;
	put(&writer, &rsdp, sizeof(rsdp), 16);
	memcpy(facs.signature, "FACS", 4);
	facs_gpa = put(&writer, &facs, sizeof(facs), 64);
	dsdt_gpa = put_dsdt(&writer, board);
	tables.fadt = put_fadt(&writer, facs_gpa, dsdt_gpa);
	tables.madt = put_madt(&writer, board->cpus);
	tables.hpet = put_hpet(&writer);
	put_indexes(&writer, &tables);
	if (writer.overflow)
		return 0;

	memcpy(rsdp.signature, "RSD PTR ", 8);
	memcpy(rsdp.oem_id, OEM_ID, 6);
	rsdp.rsdt = tables.rsdt;
	rsdp.xsdt = tables.xsdt;
	rsdp.checksum = checksum(&rsdp, 20);
	rsdp.checksum_all = checksum(&rsdp, sizeof(rsdp));
	memcpy(out, &rsdp, sizeof(rsdp));
	return writer.used;
}

_Static_assert(sizeof(struct header) == 36, "ACPI table header");
_Static_assert(sizeof(struct rsdp) == ACPI_RSDP_LEN, "RSDP");
_Static_assert(sizeof(struct fadt) == 276, "FADT revision 6");
_Static_assert(sizeof(struct facs) == 64, "FACS");
_Static_assert(sizeof(struct hpet) == 56, "HPET");
