// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What firmware sees: fw_cfg by port and by DMA with its bounds, the files in
 * it, the tables as a firmware places them, flash commands.
 */
#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "boot/firmware.h"
#include "boot/fwtables.h"
#include "dev/fwcfg.h"
#include "dev/pflash.h"
#include "kselftest_harness.h"

#define RAM_LEN		0x10000
#define RAM_GPA		0x100000	/* what lies below is no RAM here */

FIXTURE(fw) {
	struct fwcfg fwcfg;
	struct pio pio;
	uint8_t *ram;
};

typedef FIXTURE_DATA(fw) fw_data;

static void *hva(void *ctx, uint64_t gpa, uint64_t len)
{
	fw_data *fw = ctx;

	if (gpa < RAM_GPA || len > RAM_LEN || gpa - RAM_GPA > RAM_LEN - len)
		return NULL;
	return fw->ram + (gpa - RAM_GPA);
}

FIXTURE_SETUP(fw)
{
	memset(self, 0, sizeof(*self));
	self->ram = malloc(RAM_LEN);
	memset(self->ram, 0xaa, RAM_LEN);
	fwcfg_init(&self->fwcfg, &self->pio, hva, self);
	ASSERT_TRUE(fwcfg_add_number(&self->fwcfg, FWCFG_CPUS, 3, 2));
	ASSERT_TRUE(fwcfg_add_file(&self->fwcfg, "opt/one", "12345", 5));
	ASSERT_TRUE(fwcfg_add_file(&self->fwcfg, "opt/two", "678", 3));
}

FIXTURE_TEARDOWN(fw)
{
	fwcfg_fini(&self->fwcfg);
	free(self->ram);
}

static uint8_t next(fw_data *fw)
{
	uint32_t value;

	pio_read(&fw->pio, 0x511, 1, &value);
	return value;
}

static void by_port(fw_data *fw, uint16_t key, char *out, unsigned int len)
{
	pio_write(&fw->pio, 0x510, 2, key);
	while (len--)
		*out++ = next(fw);
}

/* The control word afterwards. */
static uint32_t by_dma(fw_data *fw, uint64_t at, uint32_t control, uint32_t len, uint64_t gpa)
{
	uint8_t *place = hva(fw, at, 16);
	uint32_t words[2] = { htobe32(control), htobe32(len) };
	uint64_t be_gpa = htobe64(gpa);

	if (place) {
		memcpy(place, words, 8);
		memcpy(place + 8, &be_gpa, 8);
	}
	pio_write(&fw->pio, 0x514, 4, htobe32(at >> 32));
	pio_write(&fw->pio, 0x518, 4, htobe32(at));
	if (!place)
		return 0;
	memcpy(words, place, 4);
	return be32toh(words[0]);
}

TEST_F(fw, ports)
{
	char data[8];

	by_port(self, FWCFG_SIGNATURE, data, 5);
	EXPECT_EQ(0, memcmp(data, "QEMU", 5));
	by_port(self, FWCFG_ID, data, 4);
	EXPECT_EQ(3, data[0]);
	by_port(self, FWCFG_CPUS, data, 3);
	EXPECT_EQ(0, memcmp(data, "\3\0", 3));
	by_port(self, 0x7777, data, 4);
	EXPECT_EQ(0, memcmp(data, "\0\0\0", 4));
	/* The first four bytes of the address register name the device. */
	pio_read(&self->pio, 0x514, 4, (uint32_t *)data);
	pio_read(&self->pio, 0x518, 4, (uint32_t *)(data + 4));
	EXPECT_EQ(0, memcmp(data, "QEMU CFG", 8));
}

TEST_F(fw, directory)
{
	uint8_t dir[4 + 2 * 64];

	by_port(self, FWCFG_DIRECTORY, (char *)dir, sizeof(dir));
	EXPECT_EQ(2, dir[3]);
	EXPECT_EQ(5, dir[7]);
	EXPECT_EQ(0x20, dir[9]);
	EXPECT_STREQ("opt/one", (char *)dir + 12);
	EXPECT_EQ(3, dir[4 + 64 + 3]);
	EXPECT_EQ(0x21, dir[4 + 64 + 5]);
	EXPECT_STREQ("opt/two", (char *)dir + 4 + 64 + 8);
}

TEST_F(fw, what_cannot_be_added)
{
	char name[60];

	memset(name, 'n', sizeof(name));
	name[56] = 0;
	EXPECT_FALSE(fwcfg_add_file(&self->fwcfg, name, "", 0));
	name[55] = 0;
	EXPECT_TRUE(fwcfg_add_file(&self->fwcfg, name, "", 0));
	EXPECT_FALSE(fwcfg_add_file(&self->fwcfg, "opt/one", "", 0));
	EXPECT_FALSE(fwcfg_add_file(&self->fwcfg, "", "", 0));
	EXPECT_FALSE(fwcfg_add_number(&self->fwcfg, FWCFG_CPUS, 1, 2));
	for (unsigned int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "file%u", i);
		if (!fwcfg_add_file(&self->fwcfg, name, name, 4))
			break;
		ASSERT_GT(FWCFG_ITEMS_MAX, i);
	}
}

TEST_F(fw, dma_reads)
{
	uint8_t *out = self->ram + 0x1000;

	EXPECT_EQ(0, by_dma(self, RAM_GPA, 0x20 << 16 | 8 | 2, 3, RAM_GPA + 0x1000));
	EXPECT_EQ(0, memcmp(out, "123\xaa", 4));
	/* Goes on where it stopped; zeros behind the end. */
	EXPECT_EQ(0, by_dma(self, RAM_GPA, 2, 4, RAM_GPA + 0x1000));
	EXPECT_EQ(0, memcmp(out, "45\0\0\xaa", 5));
	EXPECT_EQ(0, by_dma(self, RAM_GPA, 0x20 << 16 | 8 | 4, 2, 0));
	EXPECT_EQ('3', next(self));
	EXPECT_EQ(0, by_dma(self, RAM_GPA, 4, UINT32_MAX, 0));
	EXPECT_EQ(0, next(self));
	EXPECT_EQ(0, by_dma(self, RAM_GPA, 0x21 << 16 | 8, 0, 0));
	EXPECT_EQ('6', next(self));
	/* Select and read nothing, from nowhere. */
	EXPECT_EQ(0, by_dma(self, RAM_GPA, 0x20 << 16 | 8 | 2, 0, 0));
}

TEST_F(fw, dma_bounds)
{
	uint32_t read = 0x20 << 16 | 8 | 2;

	EXPECT_EQ(1, by_dma(self, RAM_GPA, read, 4, 0));
	EXPECT_EQ(1, by_dma(self, RAM_GPA, read, 4, RAM_GPA - 1));
	EXPECT_EQ(1, by_dma(self, RAM_GPA, read, 4, RAM_GPA + RAM_LEN - 3));
	EXPECT_EQ(1, by_dma(self, RAM_GPA, read, UINT32_MAX, RAM_GPA));
	EXPECT_EQ(1, by_dma(self, RAM_GPA, read, 16, UINT64_MAX - 7));
	EXPECT_EQ(0, by_dma(self, RAM_GPA, read, 4, RAM_GPA + RAM_LEN - 4));
	/* Nobody may write. */
	EXPECT_EQ(1, by_dma(self, RAM_GPA, 0x20 << 16 | 8 | 16, 4, RAM_GPA + 0x1000));
	/* A structure that is not in RAM changes nothing. */
	by_dma(self, RAM_GPA + RAM_LEN - 8, read, 4, RAM_GPA);
	by_dma(self, UINT64_MAX - 3, read, 4, RAM_GPA);
	/* At the very end, and over itself. */
	EXPECT_EQ(0, by_dma(self, RAM_GPA + RAM_LEN - 16, read, 4, RAM_GPA));
	by_dma(self, RAM_GPA, read, 16, RAM_GPA);
	EXPECT_EQ(0, by_dma(self, RAM_GPA, read, RAM_LEN, RAM_GPA));
}

TEST_F(fw, reset_forgets)
{
	char byte;

	by_port(self, 0x20, &byte, 1);
	fwcfg_reset(&self->fwcfg);
	EXPECT_EQ('Q', next(self));
}

/* --- tables ---------------------------------------------------------------- */

#define ZONE_GPA	0x40000000ULL

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

/* As SeaBIOS does it: a script over two files, one of them in the low zone. */
TEST(script_places_the_tables)
{
	struct vmm_ram ram = { NULL, 1ULL << 30, 0 };
	struct fwtables_board board = { 2, &ram, "/pci@i0cf8/scsi@2/disk@0,0\n" };
	const struct fwcfg_item *script, *files[2];
	struct fwcfg fwcfg;
	struct pio pio = { 0 };
	unsigned int pointers = 0, sums = 0;
	const uint8_t *rsdp, *tables, *xsdt;

	fwcfg_init(&fwcfg, &pio, NULL, NULL);
	ASSERT_TRUE(fwtables_add(&fwcfg, &board));
	script = fwcfg_find(&fwcfg, "etc/table-loader");
	files[0] = fwcfg_find(&fwcfg, "etc/acpi/rsdp");
	files[1] = fwcfg_find(&fwcfg, "etc/acpi/tables");
	ASSERT_NE(NULL, script);
	ASSERT_NE(NULL, files[0]);
	ASSERT_NE(NULL, files[1]);
	ASSERT_EQ(0, script->len % 128);
	for (const uint8_t *at = script->data; at < script->data + script->len; at += 128) {
		bool is_rsdp = !strcmp((const char *)at + 4, files[0]->name);
		const struct fwcfg_item *file = files[!is_rsdp];
		uint64_t value;

		ASSERT_STREQ(file->name, (const char *)at + 4);
		switch (at[0]) {
		case 1:
			EXPECT_EQ(is_rsdp ? 16 : 64, get(at + 60, 4));
			EXPECT_EQ(is_rsdp ? 2 : 1, at[64]);
			break;
		case 2:
			ASSERT_EQ(0, sums);
			ASSERT_STREQ(files[1]->name, (const char *)at + 60);
			ASSERT_LE(get(at + 116, 4) + at[120], file->len);
			value = get(file->data + get(at + 116, 4), at[120]);
			ASSERT_GT(files[1]->len, value);
			value += ZONE_GPA;
			memcpy(file->data + get(at + 116, 4), &value, at[120]);
			pointers++;
			break;
		case 3:
			ASSERT_LE(get(at + 64, 4) + get(at + 68, 4), file->len);
			file->data[get(at + 60, 4)] -=
				sum(file->data + get(at + 64, 4), get(at + 68, 4));
			sums++;
			break;
		default:
			ASSERT_EQ(0, at[0]);
		}
	}
	EXPECT_LT(0, pointers);
	EXPECT_EQ(5, sums);

	rsdp = files[0]->data;
	tables = files[1]->data;
	EXPECT_EQ(0, memcmp(rsdp, "RSD PTR ", 8));
	EXPECT_EQ(0, sum(rsdp, 20));
	EXPECT_EQ(0, sum(rsdp, 36));
	xsdt = tables + get(rsdp + 24, 8) - ZONE_GPA;
	EXPECT_EQ(0, memcmp(xsdt, "XSDT", 4));
	for (unsigned int i = 0; i < 3; i++) {
		const uint8_t *table = tables + get(xsdt + 36 + 8 * i, 8) - ZONE_GPA;

		EXPECT_EQ(0, sum(table, get(table + 4, 4)));
	}
	EXPECT_EQ(20, fwcfg_find(&fwcfg, "etc/e820")->len);
	EXPECT_EQ(28, fwcfg_find(&fwcfg, "bootorder")->len);
	EXPECT_NE(NULL, fwcfg_find(&fwcfg, "etc/smbios/smbios-anchor"));
	fwcfg_fini(&fwcfg);
}

TEST(boot_order_names_the_first_disk)
{
	struct pci_sink sink = { 0 };
	struct pci_ident net = { 0x1af4, 0x1041, 0, 0, 0x020000, 1 };
	struct pci_ident disk = { 0x1af4, 0x1042, 0, 0, 0x010000, 1 };
	static struct pci_function function[3];
	char order[FWTABLES_ORDER_MAX];
	struct pci pci;

	pci_init(&pci, &sink);
	ASSERT_TRUE(pci_add(&pci, &function[0], 5, 0, &net, NULL, NULL));
	EXPECT_EQ(NULL, fwtables_boot_order(&pci, order));
	ASSERT_TRUE(pci_add(&pci, &function[1], 0x1a, 0, &disk, NULL, NULL));
	ASSERT_TRUE(pci_add(&pci, &function[2], 6, 0, &disk, NULL, NULL));
	EXPECT_STREQ("/pci@i0cf8/scsi@1a/disk@0,0\n", fwtables_boot_order(&pci, order));
	pci_fini(&pci);
}

TEST(script_needs_room)
{
	struct acpi_fixups fixups = { .count = 3 };
	uint8_t out[5 * 128], file[64] = { 0 };

	EXPECT_EQ(0, fwtables_script(&fixups, file, file, out, sizeof(out) - 1));
	EXPECT_EQ(sizeof(out), fwtables_script(&fixups, file, file, out, sizeof(out)));
}

/* --- flash ------------------------------------------------------------------- */

#define FLASH_GPA	0xffc00000ULL
#define FLASH_LEN	0x3000

FIXTURE(flash) {
	struct pflash pflash;
	uint8_t *data;
	unsigned int calls;
	bool shown, refuse;
};

typedef FIXTURE_DATA(flash) flash_data;

static int show(void *ctx, bool on)
{
	flash_data *flash = ctx;

	if (flash->refuse)
		return -12;
	if (flash->shown == on)
		abort();
	flash->shown = on;
	flash->calls++;
	return 0;
}

FIXTURE_SETUP(flash)
{
	memset(self, 0, sizeof(*self));
	self->data = malloc(FLASH_LEN);
	memset(self->data, 0xff, FLASH_LEN);
	pflash_init(&self->pflash, self->data, FLASH_LEN, FLASH_GPA, show, self);
	ASSERT_EQ(0, pflash_reset(&self->pflash));
	ASSERT_TRUE(self->shown);
}

FIXTURE_TEARDOWN(flash)
{
	pflash_fini(&self->pflash);
	free(self->data);
}

static void put(flash_data *flash, uint64_t offset, uint8_t value)
{
	pflash_write(&flash->pflash, FLASH_GPA + offset, &value, 1);
}

static uint8_t peek(flash_data *flash, uint64_t offset)
{
	uint8_t value = 0;

	pflash_read(&flash->pflash, FLASH_GPA + offset, &value, 1);
	return value;
}

TEST_F(flash, detection_as_firmware_does_it)
{
	/* A byte that is no command, then: is it RAM, ROM or flash? */
	put(self, 0, 0x50);
	EXPECT_EQ(0xff, peek(self, 0));
	put(self, 0, 0x70);
	EXPECT_EQ(0x00, peek(self, 0));
	EXPECT_FALSE(self->shown);
	put(self, 0, 0xff);
	EXPECT_EQ(0xff, peek(self, 0));
	EXPECT_TRUE(self->shown);
}

TEST_F(flash, programs_and_erases)
{
	unsigned int before;

	for (unsigned int i = 0; i < 16; i++) {
		put(self, 0x1000 + i, 0x10);
		put(self, 0x1000 + i, i);
	}
	EXPECT_EQ(2, self->calls);		/* shown once, hidden once */
	EXPECT_EQ(0x80, peek(self, 0x1000));
	put(self, 0x100f, 0xff);
	EXPECT_TRUE(self->shown);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(i, peek(self, 0x1000 + i));
	/* Bits are only cleared. */
	put(self, 0x1003, 0x40);
	put(self, 0x1003, 0x01);
	EXPECT_EQ(0x01, self->data[0x1003]);
	put(self, 0x1003, 0x40);
	put(self, 0x1003, 0xff);
	EXPECT_EQ(0x01, self->data[0x1003]);
	before = self->data[0x0fff] + self->data[0x2000];
	put(self, 0x1234, 0x20);
	put(self, 0x1234, 0xd0);
	EXPECT_EQ(0xff, self->data[0x1003]);
	EXPECT_EQ(before, self->data[0x0fff] + self->data[0x2000]);
	EXPECT_EQ(0x80, peek(self, 0));
	put(self, 0x1234, 0x20);
	put(self, 0x1234, 0x11);		/* not confirmed */
	EXPECT_EQ(0xb0, peek(self, 0));
	put(self, 0, 0x50);
	put(self, 0, 0x70);
	EXPECT_EQ(0, peek(self, 0));
}

TEST_F(flash, buffered_write)
{
	put(self, 0x1000, 0xe8);
	EXPECT_EQ(0x80, peek(self, 0x1000));
	put(self, 0x1000, 3);
	put(self, 0x1000, 0xd0);		/* data, not a confirmation */
	put(self, 0x1001, 0x02);
	put(self, 0x2000, 0x03);		/* another block */
	put(self, 0x1003, 0x04);
	put(self, 0x1000, 0xd0);
	EXPECT_EQ(0x90, peek(self, 0));
	EXPECT_EQ(0xd0, self->data[0x1000]);
	EXPECT_EQ(0x02, self->data[0x1001]);
	EXPECT_EQ(0xff, self->data[0x2000]);
	EXPECT_EQ(0x04, self->data[0x1003]);
	put(self, 0, 0xff);
	EXPECT_EQ(0xff, peek(self, 0));
}

TEST_F(flash, identity)
{
	put(self, 0, 0x98);
	EXPECT_EQ('Q', peek(self, 0x10));
	EXPECT_EQ('Y', peek(self, 0x12));
	EXPECT_EQ(1, peek(self, 0x13));
	EXPECT_EQ(2, peek(self, 0x2d));		/* blocks less one */
	EXPECT_EQ(0x10, peek(self, 0x2f));
	put(self, 0, 0x90);
	EXPECT_EQ(0x89, peek(self, 0));
}

TEST_F(flash, bounds)
{
	uint8_t data[8] = { 0x10 };

	EXPECT_FALSE(pflash_read(&self->pflash, FLASH_GPA - 1, data, 2));
	EXPECT_FALSE(pflash_read(&self->pflash, FLASH_GPA + FLASH_LEN - 3, data, 4));
	EXPECT_FALSE(pflash_write(&self->pflash, FLASH_GPA + FLASH_LEN, data, 1));
	EXPECT_FALSE(pflash_read(&self->pflash, UINT64_MAX, data, 8));
	EXPECT_TRUE(pflash_write(&self->pflash, FLASH_GPA + FLASH_LEN - 8, data, 8));
	memset(data, 0x5a, 8);
	EXPECT_TRUE(pflash_write(&self->pflash, FLASH_GPA + FLASH_LEN - 8, data, 8));
	EXPECT_EQ(0x5a, self->data[FLASH_LEN - 1]);
}

TEST_F(flash, a_mapping_that_fails_leaves_the_mode)
{
	self->refuse = true;
	put(self, 0, 0x70);
	EXPECT_EQ(0xff, peek(self, 0));
	self->refuse = false;
	put(self, 0, 0x70);
	EXPECT_FALSE(self->shown);
	self->refuse = true;
	EXPECT_EQ(-12, pflash_reset(&self->pflash));
	self->refuse = false;
	EXPECT_EQ(0, pflash_reset(&self->pflash));
}

/* --- files ------------------------------------------------------------------- */

TEST(firmware_files)
{
	char dir[] = "/tmp/firmware_test.XXXXXX", path[64], empty[64], odd[64];
	uint8_t low[0x100000] = { 0 };
	struct vmm_ram ram = { low, sizeof(low), 0 };
	struct firmware firmware;
	uint8_t page[4096];
	struct why why;
	int fd;

	ASSERT_NE(NULL, mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/rom", dir);
	snprintf(empty, sizeof(empty), "%s/empty", dir);
	snprintf(odd, sizeof(odd), "%s/odd", dir);
	memset(page, 0x5a, sizeof(page));
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	EXPECT_EQ(4096, write(fd, page, 4096));
	close(fd);
	fd = open(odd, O_WRONLY | O_CREAT, 0600);
	EXPECT_EQ(4000, write(fd, page, 4000));
	close(fd);
	close(open(empty, O_WRONLY | O_CREAT, 0600));

	EXPECT_EQ(-1, firmware_open(&firmware, empty, NULL, &why));
	EXPECT_NE(NULL, strstr(why.text, "multiple of 4 KiB"));
	EXPECT_EQ(-1, firmware_open(&firmware, odd, NULL, &why));
	EXPECT_EQ(-1, firmware_open(&firmware, dir, NULL, &why));
	EXPECT_NE(NULL, strstr(why.text, "not a regular file"));
	EXPECT_EQ(-1, firmware_open(&firmware, "/nowhere/rom", NULL, &why));
	EXPECT_NE(NULL, strstr(why.text, "install the package"));
	EXPECT_EQ(-1, firmware_open(&firmware, "bios", path, &why));
	EXPECT_NE(NULL, strstr(why.text, "--firmware uefi"));

	ASSERT_EQ(0, firmware_open(&firmware, path, odd, &why) + 1);
	ASSERT_EQ(0, firmware_open(&firmware, path, path, &why));
	EXPECT_EQ(0xfffff000, firmware_code_gpa(&firmware));
	EXPECT_EQ(0xffffe000, firmware_vars_gpa(&firmware));
	/* The guest's changes reach the file of the variables, not of the code. */
	firmware.code[0] = 1;
	firmware.vars[1] = 2;
	firmware_copy_low(&firmware, &ram);
	EXPECT_EQ(0, low[0xfefff]);
	EXPECT_EQ(1, low[0xff000]);
	firmware_close(&firmware);
	fd = open(path, O_RDONLY);
	EXPECT_EQ(2, read(fd, page, 2));
	close(fd);
	EXPECT_EQ(0x5a, page[0]);
	EXPECT_EQ(2, page[1]);
	unlink(path);
	unlink(odd);
	unlink(empty);
	rmdir(dir);
}

TEST_HARNESS_MAIN
