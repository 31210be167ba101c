// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From options to virtio devices.
 *
 * One struct holds the whole row; counts say how far opening got, so that
 * devices_close() takes down exactly what is up.
 */
#include "devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dev/virtio_9p.h"
#include "dev/virtio_blk.h"
#include "dev/virtio_console.h"
#include "dev/virtio_net.h"
#include "dev/virtio_pci.h"
#include "dev/virtio_rng.h"
#include "log.h"

#define DEVICES_MAX	(OPTS_DISKS_MAX + OPTS_NETS_MAX + OPTS_SHARES_MAX + 2)

struct devices {
	const struct options *opts;
	struct loop *loop;
	struct chr_ops chr_ops;
	int vm;

	struct blk *blk[OPTS_DISKS_MAX];
	struct virtio_blk disk[OPTS_DISKS_MAX];
	unsigned int blks, disks;
	struct net *net[OPTS_NETS_MAX];
	struct virtio_net card[OPTS_NETS_MAX];
	unsigned int nets, cards;
	struct p9 *p9[OPTS_SHARES_MAX];
	struct virtio_9p share[OPTS_SHARES_MAX];
	unsigned int p9s, shares;
	struct chr chr[OPTS_CONSOLES_MAX];
	struct virtio_console console;
	unsigned int chrs;
	bool has_console;
	struct virtio_rng rng;
	bool has_rng;

	struct virtio *all[DEVICES_MAX];	/* in the order of the bus */
	struct virtio_pci transport[DEVICES_MAX];
	unsigned int count, attached;
};

static void add(struct devices *devices, struct virtio *dev)
{
	devices->all[devices->count++] = dev;
}

static int no_device(struct why *why, const char *what, int error)
{
	return why_set(why, "no %s device: %s", what, strerror(-error));
}

/* --- kinds ------------------------------------------------------------------------- */

static int open_disks(struct devices *devices, struct why *why)
{
	const struct options *opts = devices->opts;

	for (unsigned int i = 0; i < opts->disks; i++) {
		int error;

		devices->blk[i] = blk_open(&opts->disk[i], opts->ephemeral, why);
		if (!devices->blk[i])
			return -1;
		devices->blks++;
		error = virtio_blk_init(&devices->disk[i], devices->blk[i], opts->disk[i].serial);
		if (error)
			return no_device(why, "disk", error);
		devices->disks++;
		add(devices, &devices->disk[i].virtio);
	}
	return 0;
}

/*
 * An address of our own making: locally administered, the same for the same VM
 * name, so that a guest knows its interface again.
 */
static void make_mac(const struct options *opts, unsigned int index, uint8_t mac[6])
{
	uint32_t hash = 2166136261U;

	for (const char *c = opts->name ? opts->name : ""; *c; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619U;
	memcpy(mac, "\x52\x56\x4d", 3);
	mac[3] = hash >> 16;
	mac[4] = hash >> 8;
	mac[5] = hash + index;
}

static int open_nets(struct devices *devices, struct why *why)
{
	const struct options *opts = devices->opts;

	for (unsigned int i = 0; i < opts->nets; i++) {
		uint8_t mac[6];
		int error;

		make_mac(opts, i, mac);
		if (opts->net[i].has_mac)
			memcpy(mac, opts->net[i].mac, sizeof(mac));
		devices->net[i] = net_open(&opts->net[i], why);
		if (!devices->net[i])
			return -1;
		devices->nets++;
		error = virtio_net_init(&devices->card[i], devices->net[i], mac);
		if (error)
			return no_device(why, "network", error);
		devices->cards++;
		add(devices, &devices->card[i].virtio);
	}
	return 0;
}

static int open_shares(struct devices *devices, struct why *why)
{
	const struct options *opts = devices->opts;

	for (unsigned int i = 0; i < opts->shares; i++) {
		int error;

		devices->p9[i] = p9_open(&opts->share[i], why);
		if (!devices->p9[i])
			return -1;
		devices->p9s++;
		error = virtio_9p_init(&devices->share[i], devices->p9[i], opts->share[i].tag);
		if (error)
			return no_device(why, "share", error);
		devices->shares++;
		add(devices, &devices->share[i].virtio);
	}
	return 0;
}

/* A console's back end has input, or room for output again. */
static void on_console(void *ctx)
{
	struct devices *devices = ctx;

	virtio_kick(&devices->console.virtio);
}

static void on_console_key(void *ctx, char key)
{
	struct devices *devices = ctx;

	devices->chr_ops.key(devices->chr_ops.ctx, key);
}

static void on_console_broken(void *ctx, int error)
{
	struct devices *devices = ctx;

	devices->chr_ops.broken(devices->chr_ops.ctx, error);
}

static int open_consoles(struct devices *devices, struct why *why)
{
	const struct options *opts = devices->opts;
	struct chr_ops ops = { on_console, on_console_key, on_console_broken, on_console, devices };
	struct console_port port[OPTS_CONSOLES_MAX] = { 0 };
	int error;

	if (!opts->consoles)
		return 0;
	for (unsigned int i = 0; i < opts->consoles; i++) {
		port[i].chr = &devices->chr[i];
		port[i].name = opts->console[i].name;
		if (opts->console[i].kind == SERIAL_STDIO && opts->serial.kind == SERIAL_STDIO)
			return why_set(why,
				       "--console stdio: the serial port has standard input and output: give it another place, with --serial null");
	}
	error = virtio_console_init(&devices->console, port, opts->consoles);
	if (error)
		return no_device(why, "console", error);
	devices->has_console = true;
	for (unsigned int i = 0; i < opts->consoles; i++) {
		if (chr_open(&devices->chr[i], &opts->console[i], "--console", devices->loop, why))
			return -1;
		devices->chrs++;
		if (chr_listen(&devices->chr[i], &ops, why))
			return -1;
	}
	add(devices, &devices->console.virtio);
	return 0;
}

static int open_rng(struct devices *devices, struct why *why)
{
	int error;

	if (devices->opts->no_rng)
		return 0;
	error = virtio_rng_init(&devices->rng);
	if (error)
		return no_device(why, "random number", error);
	devices->has_rng = true;
	add(devices, &devices->rng.virtio);
	return 0;
}

/* --- all of them ---------------------------------------------------------------------- */

struct devices *devices_open(const struct options *opts, struct loop *loop,
			     const struct chr_ops *chr_ops, struct why *why)
{
	struct devices *devices = calloc(1, sizeof(*devices));

	if (!devices) {
		why_set(why, "no memory for devices");
		return NULL;
	}
	devices->opts = opts;
	devices->loop = loop;
	devices->chr_ops = *chr_ops;
	devices->vm = -1;
	if (open_disks(devices, why) || open_nets(devices, why) || open_consoles(devices, why) ||
	    open_rng(devices, why) || open_shares(devices, why)) {
		devices_close(devices);
		return NULL;
	}
	return devices;
}

int devices_start(struct devices *devices, struct why *why)
{
	for (unsigned int i = 0; i < devices->count; i++) {
		int error = virtio_start(devices->all[i]);

		if (error)
			return why_set(why, "no thread for %s: %s (see ulimit -u)",
				       devices->all[i]->class->name, strerror(-error));
	}
	return 0;
}

/*
 * Threads first, then devices, then what they work on. A console's own threads
 * kick its device, so they end before it does.
 */
void devices_close(struct devices *devices)
{
	if (!devices)
		return;
	devices_detach(devices);
	for (unsigned int i = 0; i < devices->count; i++)
		virtio_stop(devices->all[i]);
	for (unsigned int i = 0; i < devices->chrs; i++)
		chr_close(&devices->chr[i]);
	for (unsigned int i = 0; i < devices->disks; i++)
		virtio_blk_fini(&devices->disk[i]);
	for (unsigned int i = 0; i < devices->cards; i++)
		virtio_net_fini(&devices->card[i]);
	for (unsigned int i = 0; i < devices->shares; i++)
		virtio_9p_fini(&devices->share[i]);
	if (devices->has_console)
		virtio_console_fini(&devices->console);
	if (devices->has_rng)
		virtio_rng_fini(&devices->rng);
	for (unsigned int i = 0; i < devices->blks; i++)
		blk_close(devices->blk[i]);
	for (unsigned int i = 0; i < devices->nets; i++)
		net_close(devices->net[i]);
	for (unsigned int i = 0; i < devices->p9s; i++)
		p9_close(devices->p9[i]);
	free(devices);
}

static int on_ioeventfd(void *ctx, uint16_t port, int kick_fd, bool on)
{
	struct devices *devices = ctx;

	/* Of any size, with any value: the port alone says which queue it is. */
	return vmm_ioeventfd(devices->vm, kick_fd, port, 0,
			     VMM_IOEVENTFD_PORT | (on ? 0 : VMM_IOEVENTFD_REMOVE), 0);
}

int devices_attach(struct devices *devices, struct pci *pci, const struct vmm_ram *ram, int vm,
		   struct why *why)
{
	struct virtio_pci_host host = { on_ioeventfd, devices };

	devices->vm = vm;
	for (unsigned int i = 0; i < devices->count; i++) {
		if (!virtio_pci_attach(&devices->transport[i], devices->all[i], pci, ram, &host))
			return why_set(why, "more devices than the PCI bus has slots");
		devices->attached++;
	}
	return 0;
}

void devices_detach(struct devices *devices)
{
	for (; devices->attached; devices->attached--)
		virtio_pci_detach(&devices->transport[devices->attached - 1]);
	devices->vm = -1;
}

void devices_flush(struct devices *devices, unsigned int ms)
{
	for (unsigned int i = 0; i < devices->chrs; i++)
		chr_flush(&devices->chr[i], ms);
}
