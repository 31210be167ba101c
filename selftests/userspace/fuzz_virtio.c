// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A hostile driver: arbitrary descriptors, rings and registers against each
 * device class. Whatever the bytes: no access outside of guest memory, no loop
 * without end, and after a reset the device takes a well-behaved driver again.
 *
 * The first byte chooses the device; then come steps of an opcode and its
 * arguments. Guest memory is small and its start is taken from the end of the
 * input, so that descriptors often lie where the driver says they are.
 */
#include <fcntl.h>
#include <linux/virtio_config.h>
#include <linux/virtio_pci.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dev/virtio_9p.h"
#include "dev/virtio_blk.h"
#include "dev/virtio_console.h"
#include "dev/virtio_net.h"
#include "dev/virtio_pci.h"
#include "dev/virtio_rng.h"
#include "log.h"

#define RAM		0x20000U
#define DISK		(64 * BLK_SECTOR)
#define PORT		0xc000
#define MEM		0xe0000000ULL
#define STEPS_MAX	256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct virtio_blk disk;
static struct virtio_net card;
static struct virtio_rng rng;
static struct virtio_9p share;
static struct virtio_console console;
static struct virtio *const devices[] = {
	&disk.virtio, &card.virtio, &rng.virtio, &share.virtio, &console.virtio,
};

static struct p9 p9;
static struct chr chr[2];
static int net_peer;
static char image[64];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct console_port port[2] = { { .chr = &chr[0], .name = "" },
					{ .chr = &chr[1], .name = "stream" } };
	struct disk_options options = { .format = DISK_RAW };
	static const uint8_t mac[6] = { 0x52 };
	struct blk *blk;
	struct why why;
	int pair[2];

	(void)argc;
	(void)argv;
	log_init("fuzz", -1);
	strcpy(image, "/tmp/fuzz-virtio-XXXXXX");
	close(mkstemp(image));
	if (truncate(image, DISK))
		abort();
	strcpy(options.path, image);
	blk = blk_open(&options, false, &why);
	unlink(image);
	if (!blk || virtio_blk_init(&disk, blk, "fuzz") || virtio_rng_init(&rng))
		abort();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		abort();
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	net_peer = pair[1];
	if (virtio_net_init(&card, net_stream_open(pair[0]), mac))
		abort();
	/* No server: each call fails at once, which leaves the frame checks. */
	p9 = (struct p9){ .child = { -1, -1 }, .dir = "/dir", .dead = true };
	if (virtio_9p_init(&share, &p9, "tag"))
		abort();
	for (unsigned int i = 0; i < 2; i++) {
		chr[i].in_fd = -1;
		chr[i].out_fd = -1;
		if (chr_start(&chr[i]))
			abort();
	}
	return virtio_console_init(&console, port, 2);
}

struct input {
	const uint8_t *at, *end;
};

static uint64_t take(struct input *input, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < bytes && input->at < input->end; i++)
		value |= (uint64_t)*input->at++ << 8 * i;
	return value;
}

static void no_line(void *ctx, unsigned int line, bool level)
{
	(void)ctx;
	(void)line;
	(void)level;
}

static void no_message(void *ctx, const struct pci_message *message)
{
	(void)ctx;
	(void)message;
}

static void write_register(struct pci *pci, unsigned int offset, unsigned int size, uint64_t value)
{
	pci_mmio_write(pci, MEM + offset, &value, size);
}

/* What every driver does, so that hostile steps reach beyond it. */
static void set_up(struct pci *pci, struct virtio *dev, uint32_t features)
{
	write_register(pci, VIRTIO_PCI_COMMON_STATUS, 1, 3);
	write_register(pci, VIRTIO_PCI_COMMON_GFSELECT, 4, 0);
	write_register(pci, VIRTIO_PCI_COMMON_GF, 4, dev->features & features);
	write_register(pci, VIRTIO_PCI_COMMON_GFSELECT, 4, 1);
	write_register(pci, VIRTIO_PCI_COMMON_GF, 4, 1);
	write_register(pci, VIRTIO_PCI_COMMON_STATUS, 1, 11);
	for (unsigned int i = 0; i < dev->queues; i++) {
		write_register(pci, VIRTIO_PCI_COMMON_Q_SELECT, 2, i);
		write_register(pci, VIRTIO_PCI_COMMON_Q_SIZE, 2, 8);
		write_register(pci, VIRTIO_PCI_COMMON_Q_DESCLO, 8, i * 0x200);
		write_register(pci, VIRTIO_PCI_COMMON_Q_AVAILLO, 8, i * 0x200 + 0x80);
		write_register(pci, VIRTIO_PCI_COMMON_Q_USEDLO, 8, i * 0x200 + 0x100);
		write_register(pci, VIRTIO_PCI_COMMON_Q_ENABLE, 2, 1);
	}
	write_register(pci, VIRTIO_PCI_COMMON_STATUS, 1, 15);
}

static void step(struct pci *pci, struct virtio *dev, const struct vmm_ram *ram,
		 struct input *input)
{
	static const uint8_t sizes[] = { 1, 2, 4, 8 };
	unsigned int op = take(input, 1), offset;
	uint64_t value;
	uint8_t bytes[64];

	switch (op % 8) {
	case 0:
		offset = take(input, 2) % VIRTIO_BAR_LEN;
		write_register(pci, offset, sizes[op >> 3 & 3], take(input, 4));
		break;
	case 1:
		offset = take(input, 2) % VIRTIO_BAR_LEN;
		pci_mmio_read(pci, MEM + offset, &value, sizes[op >> 3 & 3]);
		break;
	case 2:
		pci_config_write(pci, 0, take(input, 1) & ~3, 4, take(input, 4));
		break;
	case 3:
		pci_config_read(pci, 0, take(input, 1) & ~3, 4);
		break;
	case 4: /* guest memory: rings first of all */
		offset = take(input, 2);
		ram->hva[offset % RAM] = take(input, 1);
		break;
	case 5: /* one more request in ring 0..3 */
		ram->hva[(op >> 3 & 3) * 0x200 + 0x82]++;
		virtio_run(dev);
		break;
	case 6:
		set_up(pci, dev, take(input, 4));
		break;
	case 7:
		if (dev == &card.virtio) {
			value = take(input, 8);
			if (write(net_peer, &value, 1 + op % 8) < 0)
				value = 0;
			while (read(net_peer, bytes, sizeof(bytes)) > 0)
				;
		}
		virtio_run(dev);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pci_sink sink = { no_line, no_message, NULL };
	struct input input = { data + 1, data + size };
	struct virtio_pci *transport;
	struct vmm_ram ram;
	struct virtio *dev;
	struct pci pci;
	size_t fill;

	if (size < 8 || vmm_ram_create(&ram, RAM))
		return 0;
	dev = devices[data[0] % (sizeof(devices) / sizeof(devices[0]))];
	/* An allocation of its own: ASAN watches its ends. */
	transport = malloc(sizeof(*transport));
	fill = size / 2 < RAM ? size / 2 : RAM;
	memcpy(ram.hva, data + size - fill, fill);

	pci_init(&pci, &sink);
	if (!virtio_pci_attach(transport, dev, &pci, &ram, NULL))
		abort();
	pci_reset(&pci);
	pci_config_write(&pci, 0, PCI_REG_BAR0, 4, PORT);
	pci_config_write(&pci, 0, PCI_REG_BAR0 + 4, 4, MEM);
	pci_config_write(&pci, 0, PCI_REG_COMMAND, 2, 7);
	set_up(&pci, dev, -1U);
	virtio_run(dev);
	for (unsigned int i = 0; i < STEPS_MAX && input.at < input.end; i++)
		step(&pci, dev, &ram, &input);

	/* A reset brings everything back. */
	pci_config_write(&pci, 0, PCI_REG_BAR0 + 4, 4, MEM);
	pci_config_write(&pci, 0, PCI_REG_COMMAND, 2, 7);
	write_register(&pci, VIRTIO_PCI_COMMON_STATUS, 1, 0);
	memset(ram.hva, 0, 0x2000);
	set_up(&pci, dev, -1U);
	if (virtio_get_status(dev) != 15)
		abort();
	virtio_pci_detach(transport);
	pci_fini(&pci);
	free(transport);
	vmm_ram_destroy(&ram);
	return 0;
}
