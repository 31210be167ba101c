// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ACPI tables, read back as a guest reads them, and by iasl, which is no
 * friend of ours.
 */
#include "boot/acpi.h"
#include "kselftest_harness.h"

#define ROM_GPA		0xe0000
#define ROM_LEN		0x20000

static uint8_t rom[ROM_LEN] __attribute__((aligned(16)));

static size_t build(unsigned int cpus)
{
	struct acpi_board board = { cpus, 1ULL << 30, 0 };

	return acpi_build(rom, ROM_GPA, ROM_LEN, &board, NULL);
}

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t total = 0;

	while (len--)
		total += *bytes++;
	return total;
}

static uint64_t get(const uint8_t *at, unsigned int len)
{
	uint64_t value = 0;

	memcpy(&value, at, len);
	return value;
}

/* The table at @gpa if it lies in the ROM and its checksum is right. */
static const uint8_t *table(uint64_t gpa, const char *signature)
{
	const uint8_t *at;
	uint64_t len;

	if (gpa < ROM_GPA || gpa > ROM_GPA + ROM_LEN - 36)
		return NULL;
	at = rom + (gpa - ROM_GPA);
	len = get(at + 4, 4);
	if (memcmp(at, signature, 4) || len > ROM_GPA + ROM_LEN - gpa)
		return NULL;
	if (memcmp(signature, "FACS", 4) && sum(at, len))
		return NULL;
	return at;
}

/* The n-th table of the XSDT. */
static const uint8_t *xsdt_entry(unsigned int n, const char *signature)
{
	const uint8_t *xsdt = table(get(rom + 24, 8), "XSDT");

	if (!xsdt || get(xsdt + 4, 4) < 36 + 8 * (n + 1))
		return NULL;
	return table(get(xsdt + 36 + 8 * n, 8), signature);
}

TEST(rsdp)
{
	ASSERT_LT(0, build(1));
	EXPECT_EQ(0, memcmp(rom, "RSD PTR ", 8));
	EXPECT_EQ(0, sum(rom, 20));
	EXPECT_EQ(0, sum(rom, 36));
	EXPECT_EQ(2, rom[15]);
	EXPECT_EQ(36, get(rom + 20, 4));
}

TEST(fadt)
{
	const uint8_t *fadt;

	ASSERT_LT(0, build(1));
	fadt = xsdt_entry(0, "FACP");
	ASSERT_NE(NULL, fadt);
	EXPECT_NE(NULL, table(get(fadt + 36, 4), "FACS"));
	EXPECT_EQ(0, get(fadt + 36, 4) % 64);
	EXPECT_NE(NULL, table(get(fadt + 40, 4), "DSDT"));
	EXPECT_EQ(get(fadt + 40, 4), get(fadt + 140, 8));
	EXPECT_EQ(9, get(fadt + 46, 2));
	EXPECT_EQ(0, get(fadt + 48, 4));	/* no SMI command */
	EXPECT_EQ(0x600, get(fadt + 56, 4));
	EXPECT_EQ(0x604, get(fadt + 64, 4));
	EXPECT_EQ(0x608, get(fadt + 76, 4));
	EXPECT_EQ(0x60c, get(fadt + 80, 4));
	EXPECT_EQ(4, fadt[92]);
	EXPECT_EQ(1 << 10, get(fadt + 112, 4) & 1 << 10);
	EXPECT_EQ(0, get(fadt + 112, 4) & 1 << 4);	/* a fixed power button */
	EXPECT_EQ(1, fadt[116]);			/* reset: I/O space */
	EXPECT_EQ(0xcf9, get(fadt + 120, 8));
	EXPECT_EQ(6, fadt[128]);
	EXPECT_EQ(276, get(fadt + 4, 4));
}

TEST(madt_lists_every_cpu_and_the_overrides)
{
	for (unsigned int cpus = 1; cpus <= 64; cpus += 9) {
		unsigned int lapics = 0, ioapics = 0, overrides = 0, nmis = 0;
		const uint8_t *madt, *at, *end;

		ASSERT_LT(0, build(cpus));
		madt = xsdt_entry(1, "APIC");
		ASSERT_NE(NULL, madt);
		EXPECT_EQ(0xfee00000, get(madt + 36, 4));
		end = madt + get(madt + 4, 4);
		for (at = madt + 44; at < end; at += at[1]) {
			ASSERT_LE(2, at[1]);
			if (at[0] == 0) {
				EXPECT_EQ(lapics, at[3]);
				EXPECT_EQ(1, get(at + 4, 4));
				lapics++;
			} else if (at[0] == 1) {
				EXPECT_EQ(0xfec00000, get(at + 4, 4));
				EXPECT_EQ(0, get(at + 8, 4));
				ioapics++;
			} else if (at[0] == 2) {
				EXPECT_EQ(at[3] == 0 ? 2 : 9, get(at + 4, 4));
				/* The SCI is level-triggered, the timer an edge. */
				EXPECT_EQ(at[3] == 0 ? 1 : 3, get(at + 8, 2) >> 2 & 3);
				overrides++;
			} else if (at[0] == 4) {
				EXPECT_EQ(0xff, at[2]);
				EXPECT_EQ(1, at[5]);
				nmis++;
			}
		}
		EXPECT_EQ(end, at);
		EXPECT_EQ(cpus, lapics);
		EXPECT_EQ(1, ioapics);
		EXPECT_EQ(2, overrides);
		EXPECT_EQ(1, nmis);
	}
}

TEST(nothing_is_written_beyond_the_room)
{
	struct acpi_board board = { 64, 1ULL << 30, 0 };
	struct acpi_fixups fixups;
	size_t need = build(64);

	for (size_t room = 0; room < need; room += 7) {
		uint8_t *tight = malloc(room + 1);

		EXPECT_EQ(0, acpi_build(tight, ROM_GPA, room, &board, &fixups));
		free(tight);
	}
}

/* A loader that moves the tables: the same result as building them there. */
TEST(fixups_move_the_tables)
{
	static uint8_t moved[ROM_LEN];
	struct acpi_board board = { 3, 3ULL << 30, 5ULL << 30 };
	struct acpi_fixups fixups;
	size_t len = acpi_build(moved, 0, ROM_LEN, &board, &fixups);

	ASSERT_LT(0, len);
	ASSERT_EQ(len, acpi_build(rom, ROM_GPA, ROM_LEN, &board, NULL));
	for (unsigned int i = 0; i < fixups.count; i++) {
		const struct acpi_fixup *fixup = &fixups.fixup[i];
		uint64_t value = get(moved + fixup->at, fixup->size);

		ASSERT_LE(fixup->at + fixup->size, len);
		ASSERT_LE(fixup->start + fixup->len, len);
		if (fixup->len) {
			moved[fixup->at] = 0;
			moved[fixup->at] = -sum(moved + fixup->start, fixup->len);
		} else {
			ASSERT_NE(0, value);
			value += ROM_GPA;
			memcpy(moved + fixup->at, &value, fixup->size);
		}
	}
	EXPECT_EQ(0, memcmp(moved, rom, len));
}

static uint64_t dsdt_value(const uint8_t *dsdt, const char *name, unsigned int len)
{
	for (size_t i = 36; i + 16 < get(dsdt + 4, 4); i++)
		if (dsdt[i] == 8 && !memcmp(dsdt + i + 1, name, 4))
			return get(dsdt + i + 6, len);
	return 0;
}

TEST(windows_lie_behind_ram)
{
	static const struct {
		uint64_t low, high, plow, phig;
	} rows[] = {
		{ 1ULL << 30, 0, 0x80000000, 0x800000000 },
		{ 0x80000000, 0, 0x80000000, 0x800000000 },
		{ 0xc0000000, 1ULL << 30, 0xc0000000, 0x800000000 },
		{ 0xc0000000, 28ULL << 30, 0xc0000000, 0x800000000 },
		{ 0xc0000000, 29ULL << 30, 0xc0000000, 0x1000000000 },
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct acpi_board board = { 1, rows[i].low, rows[i].high };
		const uint8_t *dsdt;

		ASSERT_LT(0, acpi_build(rom, ROM_GPA, ROM_LEN, &board, NULL));
		dsdt = table(get(xsdt_entry(0, "FACP") + 40, 4), "DSDT");
		ASSERT_NE(NULL, dsdt);
		EXPECT_EQ(rows[i].plow, dsdt_value(dsdt, "PLOW", 4));
		EXPECT_EQ(rows[i].phig, dsdt_value(dsdt, "PHIG", 8));
		EXPECT_EQ(rows[i].plow, acpi_pci_start(rows[i].low));
	}
}

/* Write the table to a file and let iasl take it apart. */
static int disassemble(const uint8_t *at, const char *name)
{
	const char *iasl = getenv("IASL") ? getenv("IASL") : "iasl";
	char dir[] = "/tmp/acpi_test.XXXXXX", command[256];
	FILE *file;
	int status;

	if (!mkdtemp(dir))
		return -1;
	snprintf(command, sizeof(command), "%s/%s", dir, name);
	file = fopen(command, "w");
	if (!file)
		return -1;
	fwrite(at, 1, get(at + 4, 4), file);
	fclose(file);
	snprintf(command, sizeof(command),
		 "cd %s && %s -d %s >out 2>&1 && ! grep -iE 'error|invalid|warning|incorrect' out",
		 dir, iasl, name);
	status = system(command);
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) ? -1 : status;
}

TEST(iasl_reads_all_tables)
{
	const uint8_t *fadt;

	ASSERT_LT(0, build(3));
	fadt = xsdt_entry(0, "FACP");
	ASSERT_NE(NULL, fadt);
	EXPECT_EQ(0, disassemble(fadt, "facp.aml"));
	EXPECT_EQ(0, disassemble(xsdt_entry(1, "APIC"), "apic.aml"));
	EXPECT_EQ(0, disassemble(xsdt_entry(2, "HPET"), "hpet.aml"));
	EXPECT_EQ(0, disassemble(table(get(rom + 16, 4), "RSDT"), "rsdt.aml"));
	EXPECT_EQ(0, disassemble(table(get(rom + 24, 8), "XSDT"), "xsdt.aml"));
	EXPECT_EQ(0, disassemble(table(get(fadt + 40, 4), "DSDT"), "dsdt.aml"));
	EXPECT_EQ(0, disassemble(table(get(fadt + 36, 4), "FACS"), "facs.aml"));
}

TEST_HARNESS_MAIN
