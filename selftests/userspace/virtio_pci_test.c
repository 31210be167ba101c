// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio over PCI, driven through configuration space and BARs alone: finding
 * the capabilities, negotiation, queues, kicks, the three kinds of interrupt.
 */
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <unistd.h>

#include "dev/virtio_pci.h"
#include "dev/virtio_rng.h"
#include "kselftest_harness.h"
#include "virtio_driver.h"

#define BDF		(0 << 3)
#define MEM		0xe0000000ULL
#define PORT		0xc000
#define BIT_MSIX_ON	0x8000

FIXTURE(pci) {
	struct pci pci;
	struct virtio_pci transport;
	struct virtio_rng rng;
	struct driver driver;
	bool line;
	struct pci_message message;
	unsigned int messages;
	unsigned int armed, disarmed;
	uint16_t armed_port;
	unsigned int cap[16];		/* by type */
};

typedef FIXTURE_DATA(pci) pci_data;

static void on_line(void *ctx, unsigned int line, bool level)
{
	(void)line;
	((pci_data *)ctx)->line = level;
}

static void on_message(void *ctx, const struct pci_message *message)
{
	pci_data *self = ctx;

	self->message = *message;
	self->messages++;
}

static int on_ioeventfd(void *ctx, uint16_t port, int kick_fd, bool on)
{
	pci_data *self = ctx;

	if (kick_fd != self->rng.virtio.kick_fd)
		abort();
	self->armed_port = on ? port : 0;
	self->armed += on;
	self->disarmed += !on;
	return 0;
}

static uint32_t config(pci_data *self, unsigned int offset, unsigned int size)
{
	return pci_config_read(&self->pci, BDF, offset, size);
}

static void set_config(pci_data *self, unsigned int offset, unsigned int size, uint32_t value)
{
	pci_config_write(&self->pci, BDF, offset, size, value);
}

static uint64_t mem(pci_data *self, unsigned int offset, unsigned int size)
{
	uint64_t value = 0;

	if (!pci_mmio_read(&self->pci, MEM + offset, &value, size))
		abort();
	return value;
}

static void set_mem(pci_data *self, unsigned int offset, unsigned int size, uint64_t value)
{
	if (!pci_mmio_write(&self->pci, MEM + offset, &value, size))
		abort();
}

FIXTURE_SETUP(pci)
{
	struct pci_sink sink = { on_line, on_message, self };
	struct virtio_pci_host host = { on_ioeventfd, self };

	memset(self, 0, sizeof(*self));
	driver_init_ram(&self->driver);
	pci_init(&self->pci, &sink);
	ASSERT_EQ(0, virtio_rng_init(&self->rng));
	ASSERT_TRUE(virtio_pci_attach(&self->transport, &self->rng.virtio, &self->pci,
				      &self->driver.ram, &host));
	pci_reset(&self->pci);
	self->driver.dev = &self->rng.virtio;
	set_config(self, PCI_REG_BAR0, 4, PORT);
	set_config(self, PCI_REG_BAR0 + 4, 4, MEM);
	set_config(self, PCI_REG_COMMAND, 2, 7);
	for (unsigned int at = config(self, PCI_REG_CAP_POINTER, 1); at;
	     at = config(self, at + 1, 1)) {
		unsigned int id = config(self, at, 1);

		if (id == PCI_CAP_ID_VENDOR)
			self->cap[config(self, at + 3, 1) & 7] = at;
		else if (id == PCI_CAP_ID_MSIX)
			self->cap[8] = at;
		else if (id == PCI_CAP_ID_MSI)
			self->cap[9] = at;
	}
}

FIXTURE_TEARDOWN(pci)
{
	virtio_pci_detach(&self->transport);
	pci_fini(&self->pci);
	virtio_rng_fini(&self->rng);
	vmm_ram_destroy(&self->driver.ram);
}

/* To DRIVER_OK by registers, with queue 0 at the driver's rings. */
static void start(pci_data *self, uint16_t vector)
{
	struct driver_ring *ring = &self->driver.ring[0];

	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 3);
	set_mem(self, VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	set_mem(self, VIRTIO_PCI_COMMON_GF, 4, 1);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 11);
	set_mem(self, VIRTIO_PCI_COMMON_Q_SELECT, 2, 0);
	set_mem(self, VIRTIO_PCI_COMMON_Q_SIZE, 2, 4);
	set_mem(self, VIRTIO_PCI_COMMON_Q_DESCLO, 8, 0x10000);
	set_mem(self, VIRTIO_PCI_COMMON_Q_AVAILLO, 4, 0x12000);
	set_mem(self, VIRTIO_PCI_COMMON_Q_USEDLO, 4, 0x13000);
	set_mem(self, VIRTIO_PCI_COMMON_Q_MSIX, 2, vector);
	set_mem(self, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 15);
	*ring = (struct driver_ring){
		.desc = vmm_ram_hva(&self->driver.ram, 0x10000, 1),
		.avail = vmm_ram_hva(&self->driver.ram, 0x12000, 1),
		.used = vmm_ram_hva(&self->driver.ram, 0x13000, 1),
		.size = 4,
	};
	memset(ring->desc, 0, 0x4000);
}

static void ask_for_bytes(pci_data *self)
{
	uint8_t bytes[16];
	struct driver_buffer buffer = { .in = bytes, .len = sizeof(bytes) };

	driver_call(&self->driver, 0, &buffer, 1);
}

TEST_F(pci, identity_and_capabilities)
{
	EXPECT_EQ(0x10441af4, config(self, PCI_REG_VENDOR, 4));
	for (unsigned int type = VIRTIO_PCI_CAP_COMMON_CFG; type <= VIRTIO_PCI_CAP_PCI_CFG; type++)
		EXPECT_NE(0, self->cap[type]);
	EXPECT_NE(0, self->cap[8]);
	EXPECT_NE(0, self->cap[9]);
	EXPECT_EQ(1, config(self, self->cap[VIRTIO_PCI_CAP_COMMON_CFG] + 4, 1));
	EXPECT_EQ(VIRTIO_BAR_ISR, config(self, self->cap[VIRTIO_PCI_CAP_ISR_CFG] + 8, 4));
	EXPECT_EQ(0, config(self, self->cap[VIRTIO_PCI_CAP_NOTIFY_CFG] + 4, 1));
	EXPECT_EQ(VIRTIO_PCI_KICK_STEP, config(self, self->cap[VIRTIO_PCI_CAP_NOTIFY_CFG] + 16, 4));
}

TEST_F(pci, negotiation_by_registers)
{
	set_mem(self, VIRTIO_PCI_COMMON_DFSELECT, 4, 1);
	EXPECT_EQ(1, mem(self, VIRTIO_PCI_COMMON_DF, 4));
	set_mem(self, VIRTIO_PCI_COMMON_DFSELECT, 4, 2);
	EXPECT_EQ(0, mem(self, VIRTIO_PCI_COMMON_DF, 4));
	/* Without VERSION_1, or with what was not offered, it is refused. */
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 3);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 11);
	EXPECT_EQ(3, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
	set_mem(self, VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	set_mem(self, VIRTIO_PCI_COMMON_GF, 4, 3);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 11);
	EXPECT_EQ(3, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
	set_mem(self, VIRTIO_PCI_COMMON_GF, 4, 1);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 11);
	EXPECT_EQ(11, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
	EXPECT_EQ(1, mem(self, VIRTIO_PCI_COMMON_NUMQ, 2));
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	EXPECT_EQ(0, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
}

TEST_F(pci, queues_that_are_not_there)
{
	set_mem(self, VIRTIO_PCI_COMMON_Q_SELECT, 2, 1);
	EXPECT_EQ(0, mem(self, VIRTIO_PCI_COMMON_Q_SIZE, 2));
	set_mem(self, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	set_mem(self, VIRTIO_PCI_COMMON_Q_SELECT, 2, 0xffff);
	set_mem(self, VIRTIO_PCI_COMMON_Q_MSIX, 2, 0);
	EXPECT_EQ(0, mem(self, VIRTIO_PCI_COMMON_Q_ENABLE, 2));
	EXPECT_FALSE(self->rng.virtio.broken);
}

TEST_F(pci, intx_until_isr_is_read)
{
	start(self, VIRTIO_MSI_NO_VECTOR);
	ask_for_bytes(self);
	EXPECT_TRUE(self->line);
	EXPECT_EQ(0, self->messages);
	EXPECT_EQ(1, mem(self, VIRTIO_BAR_ISR, 1));
	EXPECT_FALSE(self->line);
	EXPECT_EQ(0, mem(self, VIRTIO_BAR_ISR, 1));
}

TEST_F(pci, msix_sends_the_queue_s_vector)
{
	set_config(self, self->cap[8] + 2, 2, BIT_MSIX_ON);
	for (unsigned int i = 0; i < 2; i++) {
		set_mem(self, VIRTIO_BAR_MSIX + 16 * i, 4, 0xfee00000);
		set_mem(self, VIRTIO_BAR_MSIX + 16 * i + 8, 4, 0x40 + i);
		set_mem(self, VIRTIO_BAR_MSIX + 16 * i + 12, 4, 0);
	}
	start(self, 1);
	EXPECT_EQ(1, mem(self, VIRTIO_PCI_COMMON_Q_MSIX, 2));
	ask_for_bytes(self);
	EXPECT_FALSE(self->line);
	EXPECT_EQ(1, self->messages);
	EXPECT_EQ(0x41, self->message.data);
	/* A vector beyond the table is refused by reading back as none. */
	set_mem(self, VIRTIO_PCI_COMMON_Q_MSIX, 2, 2);
	EXPECT_EQ(VIRTIO_MSI_NO_VECTOR, mem(self, VIRTIO_PCI_COMMON_Q_MSIX, 2));
	ask_for_bytes(self);
	EXPECT_EQ(1, self->messages);
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	EXPECT_EQ(VIRTIO_MSI_NO_VECTOR, mem(self, VIRTIO_PCI_COMMON_MSIX, 2));
}

TEST_F(pci, msi_sends_its_one_message)
{
	unsigned int msi = self->cap[9];

	set_config(self, msi + 4, 4, 0xfee00000);
	set_config(self, msi + 12, 2, 0x55);
	set_config(self, msi + 2, 2, 1);
	start(self, VIRTIO_MSI_NO_VECTOR);
	ask_for_bytes(self);
	EXPECT_FALSE(self->line);
	EXPECT_EQ(1, self->messages);
	EXPECT_EQ(0x55, self->message.data);
	EXPECT_EQ(1, mem(self, VIRTIO_BAR_ISR, 1));
}

TEST_F(pci, kick_wakes_the_device)
{
	uint64_t count = 0;

	start(self, VIRTIO_MSI_NO_VECTOR);
	ASSERT_EQ(8, read(self->rng.virtio.kick_fd, &count, 8));
	EXPECT_TRUE(pci_io_write(&self->pci, PORT, 2, 0));
	EXPECT_EQ(8, read(self->rng.virtio.kick_fd, &count, 8));
	EXPECT_EQ(1, count);
	/* There is no queue 5. */
	EXPECT_TRUE(pci_io_write(&self->pci, PORT + 20, 2, 5));
	EXPECT_EQ(-1, read(self->rng.virtio.kick_fd, &count, 8));
}

TEST_F(pci, kicks_follow_the_bar)
{
	EXPECT_EQ(PORT, self->armed_port);
	set_config(self, PCI_REG_BAR0, 4, 0xd000);
	EXPECT_EQ(0xd000, self->armed_port);
	set_config(self, PCI_REG_COMMAND, 2, 6);
	EXPECT_EQ(0, self->armed_port);
	EXPECT_EQ(self->armed, self->disarmed);
}

TEST_F(pci, window_reaches_the_registers)
{
	unsigned int at = self->cap[VIRTIO_PCI_CAP_PCI_CFG];

	set_config(self, at + 4, 1, 1);
	set_config(self, at + 8, 4, VIRTIO_PCI_COMMON_NUMQ);
	set_config(self, at + 12, 4, 2);
	EXPECT_EQ(1, config(self, at + 16, 4));
	set_config(self, at + 8, 4, VIRTIO_PCI_COMMON_STATUS);
	set_config(self, at + 12, 4, 1);
	set_config(self, at + 16, 4, 3);
	EXPECT_EQ(3, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
	/* Nonsense reads as what is stored, and writes nothing. */
	set_config(self, at + 8, 4, 0xfffffff0);
	set_config(self, at + 12, 4, 4);
	set_config(self, at + 16, 4, 0);
	set_config(self, at + 4, 1, 5);
	set_config(self, at + 16, 4, 0);
	EXPECT_EQ(3, mem(self, VIRTIO_PCI_COMMON_STATUS, 1));
}

TEST_F(pci, queue_outside_of_memory_breaks_it)
{
	set_mem(self, VIRTIO_PCI_COMMON_STATUS, 1, 3);
	set_mem(self, VIRTIO_PCI_COMMON_Q_DESCLO, 4, 0xfffff000);
	set_mem(self, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	EXPECT_TRUE(mem(self, VIRTIO_PCI_COMMON_STATUS, 1) & VIRTIO_CONFIG_S_NEEDS_RESET);
	EXPECT_EQ(0, mem(self, VIRTIO_PCI_COMMON_Q_ENABLE, 2));
}

TEST_HARNESS_MAIN
