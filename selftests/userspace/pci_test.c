// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The PCI bus: configuration by the port pair, BARs, INTx and when it is
 * masked, MSI and MSI-X with masks and pending messages.
 */
#include "dev/pci.h"
#include "kselftest_harness.h"
#include "pio.h"

#define BDF(slot, number)	((slot) << 3 | (number))
#define MESSAGES_MAX		8

FIXTURE(bus) {
	struct pci pci;
	struct pio pio;
	struct pci_function disk, net;
	bool line[PCI_LINES];
	struct pci_message message[MESSAGES_MAX];
	unsigned int messages, changes, resets, line_calls;
	uint64_t bar_offset, bar_value;
	unsigned int bar_size, bar_reads, bar_writes;
	bool answer_config;
	unsigned int config_offset;
	uint32_t config_value;
};

typedef FIXTURE_DATA(bus) bus_data;

static void on_line(void *ctx, unsigned int line, bool level)
{
	bus_data *bus = ctx;

	if (bus->line[line] == level)
		abort();
	bus->line[line] = level;
	bus->line_calls++;
}

static void on_message(void *ctx, const struct pci_message *message)
{
	bus_data *bus = ctx;

	if (bus->messages < MESSAGES_MAX)
		bus->message[bus->messages] = *message;
	bus->messages++;
}

static uint64_t bar_read(void *ctx, uint64_t offset, unsigned int size)
{
	bus_data *bus = ctx;

	bus->bar_offset = offset;
	bus->bar_size = size;
	bus->bar_reads++;
	return 0x1122334455667788ULL;
}

static void bar_write(void *ctx, uint64_t offset, unsigned int size, uint64_t value)
{
	bus_data *bus = ctx;

	bus->bar_offset = offset;
	bus->bar_size = size;
	bus->bar_value = value;
	bus->bar_writes++;
}

static bool config_read(void *ctx, unsigned int offset, unsigned int size, uint32_t *value)
{
	bus_data *bus = ctx;

	(void)size;
	if (!bus->answer_config || offset != 0xf0)
		return false;
	*value = 0xabcd;
	return true;
}

static void config_write(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	bus_data *bus = ctx;

	(void)size;
	bus->config_offset = offset;
	bus->config_value = value;
}

static void changed(void *ctx)
{
	((bus_data *)ctx)->changes++;
}

static void reset(void *ctx)
{
	((bus_data *)ctx)->resets++;
}

static const struct pci_ops ops = { config_read, config_write, changed, reset };

FIXTURE_SETUP(bus)
{
	struct pci_sink sink = { on_line, on_message, self };
	struct pci_ident disk = { 0x1af4, 0x1042, 0x1af4, 0x1100, 0x018000, 1 };
	struct pci_ident net = { 0x1af4, 0x1041, 0x1af4, 0x1100, 0x020000, 1 };
	struct pci_bar mem64 = { PCI_BAR_MEM64, 0x4000, bar_read, bar_write };
	struct pci_bar mem32 = { PCI_BAR_MEM32, 0x1000, bar_read, bar_write };
	struct pci_bar io = { PCI_BAR_IO, 0x20, bar_read, bar_write };

	memset(self, 0, sizeof(*self));
	pci_init(&self->pci, &sink);
	pci_ports_init(&self->pci, &self->pio);
	ASSERT_TRUE(pci_add(&self->pci, &self->disk, 3, 0, &disk, &ops, self));
	pci_add_bar(&self->disk, 0, &io);
	pci_add_bar(&self->disk, 1, &mem32);
	pci_add_bar(&self->disk, 4, &mem64);
	pci_add_intx(&self->disk);
	ASSERT_TRUE(pci_add_msix(&self->disk, 3, 1, 0x800, 0xc00));
	ASSERT_TRUE(pci_add_msi(&self->disk, 4));
	ASSERT_TRUE(pci_add(&self->pci, &self->net, 3, 1, &net, &ops, self));
	pci_add_intx(&self->net);
	pci_reset(&self->pci);
}

FIXTURE_TEARDOWN(bus)
{
	pci_fini(&self->pci);
}

static uint32_t get(bus_data *bus, unsigned int offset, unsigned int size)
{
	return pci_config_read(&bus->pci, BDF(3, 0), offset, size);
}

static void set(bus_data *bus, unsigned int offset, unsigned int size, uint32_t value)
{
	pci_config_write(&bus->pci, BDF(3, 0), offset, size, value);
}

static unsigned int find_cap(bus_data *bus, uint8_t id)
{
	unsigned int offset = get(bus, 0x34, 1);

	while (offset && get(bus, offset, 1) != id)
		offset = get(bus, offset + 1, 1);
	return offset;
}

TEST_F(bus, header)
{
	EXPECT_EQ(0x10421af4, get(self, 0, 4));
	EXPECT_EQ(0x01800001, get(self, 8, 4));
	EXPECT_EQ(0x11001af4, get(self, 0x2c, 4));
	EXPECT_EQ(0x80, get(self, 0x0e, 1));		/* slot 3 has two functions */
	EXPECT_EQ(0x10, get(self, 6, 1));
	EXPECT_EQ(1, get(self, 0x3d, 1));
	EXPECT_EQ(2, pci_config_read(&self->pci, BDF(3, 1), 0x3d, 1));
	EXPECT_EQ(2, self->resets);
}

TEST_F(bus, what_cannot_be_written_stays)
{
	set(self, 0, 4, 0);
	set(self, 8, 4, 0);
	set(self, 0x34, 1, 0);
	set(self, 6, 2, 0xffff);
	EXPECT_EQ(0x10421af4, get(self, 0, 4));
	EXPECT_EQ(0x01800001, get(self, 8, 4));
	EXPECT_EQ(0x40, get(self, 0x34, 1));
	EXPECT_EQ(0x10, get(self, 6, 2));
	set(self, 4, 2, 0xffff);
	EXPECT_EQ(0x0547, get(self, 4, 2));
}

TEST_F(bus, empty_places_read_as_ones)
{
	EXPECT_EQ(0xffffffff, pci_config_read(&self->pci, BDF(4, 0), 0, 4));
	EXPECT_EQ(0xffffffff, pci_config_read(&self->pci, BDF(3, 2), 0, 4));
	EXPECT_EQ(0xffffffff, pci_config_read(&self->pci, 0x100 | BDF(3, 0), 0, 4));
	EXPECT_EQ(0xffffffff, get(self, 1, 4));
	EXPECT_EQ(0xffffffff, get(self, 0x100, 4));
	EXPECT_EQ(0xffffffff, get(self, 0, 3));
}

TEST_F(bus, places_taken)
{
	struct pci_function more[2] = { 0 };
	struct pci_ident ident = { 0 };

	EXPECT_FALSE(pci_add(&self->pci, &more[0], 3, 1, &ident, NULL, NULL));
	EXPECT_FALSE(pci_add(&self->pci, &more[0], 32, 0, &ident, NULL, NULL));
	EXPECT_TRUE(pci_add(&self->pci, &more[0], PCI_SLOT_ANY, 0, &ident, NULL, NULL));
	EXPECT_EQ(0, more[0].slot);
	EXPECT_TRUE(pci_add(&self->pci, &more[1], PCI_SLOT_ANY, 0, &ident, NULL, NULL));
	EXPECT_EQ(1, more[1].slot);
}

TEST_F(bus, ports)
{
	uint32_t value;

	EXPECT_TRUE(pio_write(&self->pio, 0xcf8, 4, 0x80001800));
	EXPECT_TRUE(pio_read(&self->pio, 0xcf8, 4, &value));
	EXPECT_EQ(0x80001800, value);
	EXPECT_TRUE(pio_read(&self->pio, 0xcfc, 4, &value));
	EXPECT_EQ(0x10421af4, value);
	EXPECT_TRUE(pio_read(&self->pio, 0xcfe, 2, &value));
	EXPECT_EQ(0x1042, value);
	EXPECT_TRUE(pio_write(&self->pio, 0xcf8, 4, 0x80001804));
	EXPECT_TRUE(pio_write(&self->pio, 0xcfc, 2, 7));
	EXPECT_TRUE(pci_is_master(&self->disk));
	/* Not enabled: an empty bus. */
	EXPECT_TRUE(pio_write(&self->pio, 0xcf8, 4, 0x00001800));
	EXPECT_TRUE(pio_read(&self->pio, 0xcfc, 4, &value));
	EXPECT_EQ(0xffffffff, value);
	/* A byte at 0xcf9 is another device's. */
	EXPECT_FALSE(pio_write(&self->pio, 0xcf9, 1, 6));
}

TEST_F(bus, bar_sizes)
{
	set(self, 0x10, 4, 0xffffffff);
	set(self, 0x14, 4, 0xffffffff);
	set(self, 0x18, 4, 0xffffffff);
	set(self, 0x20, 4, 0xffffffff);
	set(self, 0x24, 4, 0xffffffff);
	EXPECT_EQ(0xffffffe1, get(self, 0x10, 4));
	EXPECT_EQ(0xfffff000, get(self, 0x14, 4));
	EXPECT_EQ(0, get(self, 0x18, 4));
	EXPECT_EQ(0xffffc00c, get(self, 0x20, 4));
	EXPECT_EQ(0xffffffff, get(self, 0x24, 4));
}

TEST_F(bus, bar_decoding)
{
	uint8_t data[32] = { 0 };
	uint64_t base;
	uint32_t value;

	set(self, 0x14, 4, 0xe0000000);
	EXPECT_FALSE(pci_mmio_read(&self->pci, 0xe0000010, data, 4));
	EXPECT_EQ(0xff, data[3]);
	set(self, 4, 2, 2);
	EXPECT_TRUE(pci_bar_base(&self->disk, 1, &base));
	EXPECT_EQ(0xe0000000, base);
	EXPECT_TRUE(pci_mmio_read(&self->pci, 0xe0000010, data, 4));
	EXPECT_EQ(0x10, self->bar_offset);
	EXPECT_EQ(0x55667788, *(uint32_t *)data);
	/* In aligned pieces of up to eight bytes. */
	self->bar_writes = 0;
	EXPECT_TRUE(pci_mmio_write(&self->pci, 0xe0000006, data, 12));
	EXPECT_EQ(3, self->bar_writes);
	EXPECT_EQ(0x10, self->bar_offset);
	EXPECT_EQ(2, self->bar_size);
	/* Over the end: what no BAR claims reads as ones. */
	EXPECT_FALSE(pci_mmio_read(&self->pci, 0xe0000ffc, data, 8));
	EXPECT_EQ(0x88, data[0]);
	EXPECT_EQ(0xff, data[4]);
	EXPECT_FALSE(pci_mmio_read(&self->pci, 0xdffffffc, data, 4));

	set(self, 0x24, 4, 0x12);
	set(self, 0x20, 4, 0x34568000);
	EXPECT_TRUE(pci_mmio_write(&self->pci, 0x1234568000ULL + 0x3ff8, data, 8));
	EXPECT_EQ(0x3ff8, self->bar_offset);

	set(self, 0x10, 4, 0xc000);
	EXPECT_FALSE(pci_io_read(&self->pci, 0xc004, 2, &value));
	set(self, 4, 2, 3);
	EXPECT_TRUE(pci_io_read(&self->pci, 0xc004, 2, &value));
	EXPECT_EQ(0x7788, value);
	EXPECT_TRUE(pci_io_write(&self->pci, 0xc01f, 1, 0x5a));
	EXPECT_EQ(0x1f, self->bar_offset);
	EXPECT_EQ(0x5a, self->bar_value);
	EXPECT_FALSE(pci_io_write(&self->pci, 0xc01e, 4, 0));
}

TEST_F(bus, bar_at_the_top_does_not_wrap)
{
	uint8_t data[8];

	set(self, 4, 2, 2);
	set(self, 0x20, 4, 0xffffc000);
	set(self, 0x24, 4, 0xffffffff);
	EXPECT_TRUE(pci_mmio_read(&self->pci, 0xfffffffffffffff8ULL, data, 8));
	EXPECT_FALSE(pci_mmio_read(&self->pci, 0, data, 8));
}

TEST_F(bus, intx_spreads_over_pins)
{
	pci_intx_set(&self->disk, true);
	pci_intx_set(&self->net, true);
	EXPECT_TRUE(self->line[pci_line(3, 0)]);
	EXPECT_TRUE(self->line[pci_line(3, 1)]);
	EXPECT_EQ(2, self->line_calls);
	EXPECT_EQ(0x18, get(self, 6, 1));	/* interrupt status */
	pci_intx_set(&self->disk, false);
	EXPECT_FALSE(self->line[pci_line(3, 0)]);
	EXPECT_EQ(0x10, get(self, 6, 1));
}

TEST_F(bus, intx_lines_are_shared)
{
	struct pci_function other = { 0 };
	struct pci_ident ident = { 0 };

	/* Eight slots on: the same line. */
	ASSERT_TRUE(pci_add(&self->pci, &other, 11, 0, &ident, NULL, NULL));
	pci_add_intx(&other);
	pci_intx_set(&self->disk, true);
	pci_intx_set(&other, true);
	EXPECT_EQ(1, self->line_calls);
	pci_intx_set(&self->disk, false);
	EXPECT_TRUE(self->line[pci_line(3, 0)]);
	pci_intx_set(&other, false);
	EXPECT_FALSE(self->line[pci_line(3, 0)]);
}

TEST_F(bus, intx_is_masked_and_comes_back)
{
	unsigned int msi = find_cap(self, 5), msix = find_cap(self, 0x11);
	bool *line = &self->line[pci_line(3, 0)];

	ASSERT_NE(0, msi);
	ASSERT_NE(0, msix);
	pci_intx_set(&self->disk, true);
	EXPECT_TRUE(*line);
	set(self, 4, 2, 0x400);
	EXPECT_FALSE(*line);
	EXPECT_EQ(0x18, get(self, 6, 1));	/* the status tells all the same */
	set(self, 4, 2, 0);
	EXPECT_TRUE(*line);
	set(self, msi + 2, 2, 1);
	EXPECT_FALSE(*line);
	set(self, msix + 2, 2, 0x8000);
	set(self, msi + 2, 2, 0);
	EXPECT_FALSE(*line);
	set(self, msix + 3, 1, 0);
	EXPECT_TRUE(*line);
	set(self, msix + 2, 2, 0x8000);
	EXPECT_FALSE(*line);
	pci_intx_set(&self->disk, false);
	set(self, msix + 2, 2, 0);
	EXPECT_FALSE(*line);
}

TEST_F(bus, reset_takes_lines_down)
{
	pci_intx_set(&self->disk, true);
	set(self, 4, 2, 7);
	pci_reset(&self->pci);
	EXPECT_FALSE(self->line[pci_line(3, 0)]);
	EXPECT_EQ(0, get(self, 4, 2));
	EXPECT_EQ(0x10421af4, get(self, 0, 4));
}

TEST_F(bus, msi)
{
	unsigned int msi = find_cap(self, 5);
	struct pci_message message;

	EXPECT_FALSE(pci_msi_send(&self->disk, 0));
	EXPECT_EQ(0x0184, get(self, msi + 2, 2));
	set(self, 4, 2, 4);
	set(self, msi + 4, 4, 0xfee01003);
	set(self, msi + 12, 2, 0x4047);
	set(self, msi + 2, 2, 1 | 1 << 4);	/* two of four vectors */
	EXPECT_EQ(PCI_IRQ_MSI, pci_irq_mode(&self->disk));
	EXPECT_TRUE(pci_msi_send(&self->disk, 3));
	ASSERT_EQ(1, self->messages);
	EXPECT_EQ(0xfee01000, self->message[0].gpa);
	EXPECT_EQ(0x4047, self->message[0].data);
	EXPECT_TRUE(pci_msi_send(&self->disk, 2));
	EXPECT_EQ(0x4046, self->message[1].data);

	set(self, msi + 16, 4, 1);
	EXPECT_FALSE(pci_msi_message(&self->disk, 0, &message));
	EXPECT_TRUE(pci_msi_message(&self->disk, 1, &message));
	EXPECT_TRUE(pci_msi_send(&self->disk, 0));
	EXPECT_EQ(2, self->messages);
	EXPECT_EQ(1, get(self, msi + 20, 4));
	set(self, msi + 16, 4, 0);
	EXPECT_EQ(3, self->messages);
	EXPECT_EQ(0x4046, self->message[2].data);
	EXPECT_EQ(0, get(self, msi + 20, 4));
	/* More vectors than offered. */
	set(self, msi + 2, 2, 1 | 7 << 4);
	EXPECT_TRUE(pci_msi_send(&self->disk, 31));
	EXPECT_EQ(0x4047, self->message[3].data);
	/* No bus master: no write on the bus. */
	set(self, 4, 2, 0);
	EXPECT_TRUE(pci_msi_send(&self->disk, 0));
	EXPECT_EQ(4, self->messages);
}

static void poke(bus_data *bus, uint64_t offset, uint32_t value)
{
	pci_mmio_write(&bus->pci, 0xe0000000 + offset, &value, 4);
}

static uint32_t peek(bus_data *bus, uint64_t offset)
{
	uint32_t value;

	pci_mmio_read(&bus->pci, 0xe0000000 + offset, &value, 4);
	return value;
}

TEST_F(bus, msix)
{
	unsigned int msix = find_cap(self, 0x11);
	uint64_t both;

	EXPECT_EQ(2, get(self, msix + 2, 2));
	EXPECT_EQ(0x801, get(self, msix + 4, 4));
	EXPECT_EQ(0xc01, get(self, msix + 8, 4));
	set(self, 0x14, 4, 0xe0000000);
	set(self, 4, 2, 6);
	EXPECT_EQ(1, peek(self, 0x80c));		/* masked at power-on */
	poke(self, 0x810, 0xfee02000);
	poke(self, 0x814, 0);
	poke(self, 0x818, 0x33);
	EXPECT_EQ(0xfee02000, peek(self, 0x810));
	EXPECT_TRUE(pci_mmio_read(&self->pci, 0xe0000818, &both, 8));
	EXPECT_EQ(0x100000033ULL, both);
	EXPECT_EQ(0, self->bar_writes + self->bar_reads);

	set(self, msix + 2, 2, 0x8000);
	EXPECT_TRUE(pci_msi_send(&self->disk, 1));
	EXPECT_EQ(0, self->messages);
	EXPECT_EQ(2, peek(self, 0xc00));
	poke(self, 0xc00, 0);				/* read-only */
	EXPECT_EQ(2, peek(self, 0xc00));
	set(self, msix + 2, 2, 0xc000);
	poke(self, 0x81c, 0);
	EXPECT_EQ(0, self->messages);			/* the whole function is masked */
	set(self, msix + 2, 2, 0x8000);
	ASSERT_EQ(1, self->messages);
	EXPECT_EQ(0xfee02000, self->message[0].gpa);
	EXPECT_EQ(0x33, self->message[0].data);
	EXPECT_EQ(0, peek(self, 0xc00));
	EXPECT_TRUE(pci_msi_send(&self->disk, 1));
	EXPECT_EQ(2, self->messages);
	EXPECT_FALSE(pci_msi_send(&self->disk, 3));	/* no such vector */
	EXPECT_EQ(2, self->messages);
	/* The registers around the table are the device's. */
	poke(self, 0x830, 1);
	poke(self, 0x7fc, 1);
	poke(self, 0xc08, 1);
	EXPECT_EQ(3, self->bar_writes);
}

TEST_F(bus, device_hears_of_changes)
{
	unsigned int before = self->changes;

	set(self, 0x3c, 1, 11);
	EXPECT_EQ(before, self->changes);
	set(self, 4, 2, 6);
	set(self, 0x14, 4, 0xe0000000);
	poke(self, 0x80c, 0);
	EXPECT_EQ(before + 3, self->changes);
	set(self, 0xf0, 4, 0x1234);
	EXPECT_EQ(0xf0, self->config_offset);
	EXPECT_EQ(0x1234, self->config_value);
	EXPECT_EQ(0, get(self, 0xf0, 4));
	self->answer_config = true;
	EXPECT_EQ(0xabcd, get(self, 0xf0, 4));
}

TEST_F(bus, addresses_without_firmware)
{
	uint8_t irq[PCI_LINES] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	uint64_t base[3];

	pci_assign(&self->pci, 0x80000000, 0xfec00000, 0xc000);
	ASSERT_TRUE(pci_bar_base(&self->disk, 0, &base[0]));
	ASSERT_TRUE(pci_bar_base(&self->disk, 1, &base[1]));
	ASSERT_TRUE(pci_bar_base(&self->disk, 4, &base[2]));
	EXPECT_EQ(0xc000, base[0]);
	EXPECT_EQ(0x80000000, base[1]);
	EXPECT_EQ(0x80004000, base[2]);
	EXPECT_EQ(3, get(self, 4, 2));
	EXPECT_EQ(0, pci_config_read(&self->pci, BDF(3, 1), 4, 2));
	pci_set_int_lines(&self->pci, irq);
	EXPECT_EQ(irq[pci_line(3, 0)], get(self, 0x3c, 1));
	/* No room: not decoded. */
	pci_reset(&self->pci);
	pci_assign(&self->pci, 0x80000000, 0x80000800, 0xfff0);
	EXPECT_EQ(0, get(self, 4, 2));
}

TEST_F(bus, capability_space_ends)
{
	struct pci_function other = { 0 };
	struct pci_ident ident = { 0 };
	uint8_t body[126] = { 0 };

	ASSERT_TRUE(pci_add(&self->pci, &other, 5, 0, &ident, NULL, NULL));
	EXPECT_EQ(0x40, pci_add_cap(&other, 9, body, NULL, 128));
	EXPECT_EQ(0, pci_add_cap(&other, 9, body, NULL, 128));
	EXPECT_EQ(0xc0, pci_add_cap(&other, 9, body, NULL, 64));
	EXPECT_EQ(0, pci_add_cap(&other, 9, body, NULL, 4));
	EXPECT_EQ(0xc0, pci_config_read(&self->pci, BDF(5, 0), 0x41, 1));
}

TEST_HARNESS_MAIN
