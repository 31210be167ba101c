// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The bridges: PIRQ routing, both ways of an INTx, PAM, and the registers that
 * firmware probes; then the tables that promise the same wiring.
 */
#include "boot/acpi.h"
#include "boot/mptable.h"
#include "boot/smbios.h"
#include "dev/chipset.h"
#include "kselftest_harness.h"

#define HOST	0
#define ISA	(1 << 3)
#define PM	(1 << 3 | 3)

FIXTURE(board) {
	struct chipset chipset;
	struct pio pio;
	struct pci_function device;
	bool irq[16], line[PCI_LINES];
	unsigned int irq_calls;
};

typedef FIXTURE_DATA(board) board_data;

static void on_irq(void *ctx, unsigned int irq, bool level)
{
	board_data *board = ctx;

	if (irq >= 16 || !(PIRQ_PERMITTED >> irq & 1) || board->irq[irq] == level)
		abort();
	board->irq[irq] = level;
	board->irq_calls++;
}

static void on_line(void *ctx, unsigned int line, bool level)
{
	((board_data *)ctx)->line[line] = level;
}

static void on_message(void *ctx, const struct pci_message *message)
{
	(void)ctx;
	(void)message;
}

FIXTURE_SETUP(board)
{
	struct chipset_sink sink = { on_irq, on_line, on_message, self };
	struct pci_ident ident = { 0x1af4, 0x1042, 0, 0, 0x018000, 1 };

	memset(self, 0, sizeof(*self));
	chipset_init(&self->chipset, &self->pio, &sink);
	ASSERT_TRUE(pci_add(&self->chipset.pci, &self->device, PCI_SLOT_ANY, 0, &ident, NULL,
			    NULL));
	pci_add_intx(&self->device);
	chipset_reset(&self->chipset, true, 0x80000000);
}

FIXTURE_TEARDOWN(board)
{
	chipset_fini(&self->chipset);
}

static uint32_t get(board_data *board, unsigned int bdf, unsigned int offset, unsigned int size)
{
	return pci_config_read(&board->chipset.pci, bdf, offset, size);
}

static void set(board_data *board, unsigned int bdf, unsigned int offset, unsigned int size,
		uint32_t value)
{
	pci_config_write(&board->chipset.pci, bdf, offset, size, value);
}

TEST_F(board, what_firmware_probes)
{
	EXPECT_EQ(0x12378086, get(self, HOST, 0, 4));
	EXPECT_EQ(0x70008086, get(self, ISA, 0, 4));
	EXPECT_EQ(0x80, get(self, ISA, 0x0e, 1));
	EXPECT_EQ(0x71138086, get(self, PM, 0, 4));
	EXPECT_EQ(0xffffffff, get(self, ISA + 1, 0, 4));
	EXPECT_EQ(2, self->device.slot);
	/* The PM block is where the tables say and stays there. */
	set(self, PM, 0x40, 4, 0xb001);
	EXPECT_EQ(BOARD_PM_PORT | 1, get(self, PM, 0x40, 4));
	EXPECT_EQ(1, get(self, PM, 0x80, 1));
	EXPECT_EQ(1 << 25, get(self, PM, 0x58, 4));
}

TEST_F(board, pam_is_stored)
{
	EXPECT_EQ(0, get(self, HOST, 0x59, 1));
	set(self, HOST, 0x58, 4, 0xffffffff);
	EXPECT_EQ(0x77777000, get(self, HOST, 0x58, 4));
	set(self, HOST, 0x5c, 4, 0x33333333);
	EXPECT_EQ(0x33333333, get(self, HOST, 0x5c, 4));
	chipset_reset(&self->chipset, true, 0x80000000);
	EXPECT_EQ(0, get(self, HOST, 0x5c, 4));
}

TEST_F(board, intx_goes_both_ways)
{
	unsigned int line = pci_line(2, 0);

	EXPECT_EQ(10, get(self, 2 << 3, 0x3c, 1));
	pci_intx_set(&self->device, true);
	EXPECT_TRUE(self->line[line]);
	EXPECT_TRUE(self->irq[10]);
	pci_intx_set(&self->device, false);
	EXPECT_FALSE(self->line[line]);
	EXPECT_FALSE(self->irq[10]);
}

TEST_F(board, eight_routing_registers)
{
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int reg = i < 4 ? 0x60 + i : 0x68 + i - 4;

		EXPECT_EQ(i % 4 < 2 ? 10 : 11, get(self, ISA, reg, 1));
		set(self, ISA, reg, 1, 0xff);
		EXPECT_EQ(0x8f, get(self, ISA, reg, 1));
	}
	EXPECT_EQ(0, get(self, ISA, 0x64, 4));
}

TEST_F(board, assertion_moves_with_the_routing)
{
	unsigned int reg = 0x60 + pci_line(2, 0);

	ASSERT_GT(4, pci_line(2, 0));
	pci_intx_set(&self->device, true);
	set(self, ISA, reg, 1, 5);
	EXPECT_FALSE(self->irq[10]);
	EXPECT_TRUE(self->irq[5]);
	set(self, ISA, reg, 1, 0x85);
	EXPECT_FALSE(self->irq[5]);
	set(self, ISA, reg, 1, 13);		/* not permitted: as if off */
	EXPECT_EQ(4, self->irq_calls);
	set(self, ISA, reg, 1, 9);
	EXPECT_TRUE(self->irq[9]);
	chipset_reset(&self->chipset, true, 0x80000000);
	EXPECT_FALSE(self->irq[9]);
	EXPECT_FALSE(self->irq[10]);
}

TEST_F(board, pirqs_share_an_irq)
{
	struct pirq *pirq = &self->chipset.pirq;

	pirq_set_line(pirq, 0, true);
	pirq_set_line(pirq, 5, true);
	EXPECT_EQ(1, self->irq_calls);
	pirq_set_line(pirq, 0, false);
	EXPECT_TRUE(self->irq[10]);
	pirq_route(pirq, 5, 11);
	EXPECT_FALSE(self->irq[10]);
	EXPECT_TRUE(self->irq[11]);
	pirq_set_line(pirq, 5, false);
	EXPECT_FALSE(self->irq[11]);
}

/* Every slot and pin: the PIRQ that SeaBIOS's own table takes has the same IRQ. */
TEST_F(board, initial_routing_agrees_with_seabios)
{
	static const uint8_t irqs[4] = { 10, 10, 11, 11 };

	for (unsigned int slot = 1; slot < 32; slot++)
		for (unsigned int pin = 0; pin < 4; pin++)
			EXPECT_EQ(irqs[(slot - 1 + pin) % 4],
				  pirq_irq(pirq_initial(pci_line(slot, pin))));
}

static uint8_t sum(const uint8_t *bytes, size_t len)
{
	uint8_t total = 0;

	while (len--)
		total += *bytes++;
	return total;
}

TEST(mp_table)
{
	static uint8_t out[0x2000];
	unsigned int pci = 0, isa = 0, local = 0, cpus = 0, entries = 0;
	uint16_t len, count;
	const uint8_t *at;

	ASSERT_LT(0, mptable_build(out, 0xf0000, sizeof(out), 3));
	EXPECT_EQ(0, memcmp(out, "_MP_", 4));
	EXPECT_EQ(0, sum(out, 16));
	EXPECT_EQ(0xf0010, out[4] | out[5] << 8 | out[6] << 16);
	EXPECT_EQ(0, memcmp(out + 16, "PCMP", 4));
	memcpy(&len, out + 20, 2);
	memcpy(&count, out + 16 + 34, 2);
	EXPECT_EQ(0, sum(out + 16, len));
	for (at = out + 16 + 44; at < out + 16 + len; at += at[0] ? 8 : 20, entries++) {
		if (at[0] == 0)
			EXPECT_EQ(cpus++, at[1]);
		if (at[0] == 4)
			EXPECT_EQ(local++, at[7]);
		if (at[0] == 3 && at[4] == 0) {
			EXPECT_EQ(16 + pci_line(at[5] >> 2, at[5] & 3), at[7]);
			EXPECT_EQ(0xf, at[2]);
			pci++;
		} else if (at[0] == 3) {
			EXPECT_EQ(at[5] ? at[5] : 2, at[7]);
			isa++;
		}
	}
	EXPECT_EQ(out + 16 + len, at);
	EXPECT_EQ(count, entries);
	EXPECT_EQ(3, cpus);
	EXPECT_EQ(128, pci);
	EXPECT_EQ(15, isa);
	EXPECT_EQ(2, local);
	for (size_t room = 0; room < len; room += 5) {
		uint8_t *tight = malloc(room + 1);

		EXPECT_EQ(0, mptable_build(tight, 0xf0000, room, 3));
		free(tight);
	}
}

TEST(smbios)
{
	static uint8_t out[0x1000];
	struct smbios_board board = { 2, 5ULL << 40 };
	size_t used = smbios_build(out, 0xf8000, sizeof(out), &board);
	uint16_t len, count, found = 0;
	const uint8_t *at;

	ASSERT_LT(0, used);
	EXPECT_EQ(0, memcmp(out, "_SM_", 4));
	EXPECT_EQ(0, sum(out, 31));
	EXPECT_EQ(0, memcmp(out + 16, "_DMI_", 5));
	EXPECT_EQ(0, sum(out + 16, 15));
	memcpy(&len, out + 22, 2);
	memcpy(&count, out + 28, 2);
	EXPECT_EQ(used, SMBIOS_ANCHOR_LEN + len);
	for (at = out + SMBIOS_ANCHOR_LEN; at < out + used; found++) {
		EXPECT_LE(4, at[1]);
		for (at += at[1]; at[0] || at[1]; at++)
			ASSERT_GT(out + used, at);
		at += 2;
	}
	EXPECT_EQ(out + used, at);
	EXPECT_EQ(count, found);
	for (size_t room = 0; room < used; room += 3) {
		uint8_t *tight = malloc(room + 1);

		EXPECT_EQ(0, smbios_build(tight, 0xf8000, room, &board));
		free(tight);
	}
}

TEST_HARNESS_MAIN
