/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fw_cfg: the port interface by which SeaBIOS and OVMF ask for numbers and
 * files: CPU count, memory map, tables, boot order. Everything is read-only.
 *
 * Items are added before the vCPUs run. Ports are served by vCPU threads; one
 * lock, a leaf, holds the selector and the read position.
 */
#ifndef VMRUN_DEV_FWCFG_H
#define VMRUN_DEV_FWCFG_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pio.h"

#define FWCFG_SELECTOR_PORT	0x510	/* 2 bytes; data at 0x511 */
#define FWCFG_DMA_PORT		0x514	/* 8 bytes, big-endian */

#define FWCFG_SIGNATURE		0x00
#define FWCFG_ID		0x01
#define FWCFG_UUID		0x02
#define FWCFG_RAM_SIZE		0x03
#define FWCFG_NOGRAPHIC		0x04
#define FWCFG_CPUS		0x05
#define FWCFG_BOOT_MENU		0x0e
#define FWCFG_CPUS_MAX		0x0f
#define FWCFG_DIRECTORY		0x19
#define FWCFG_FILE_FIRST	0x20
#define FWCFG_NAME_MAX		55
#define FWCFG_ITEMS_MAX		32

struct fwcfg_item {
	uint16_t key;
	char name[FWCFG_NAME_MAX + 1];	/* empty: no file */
	uint8_t *data;
	uint32_t len;
};

struct fwcfg {
	pthread_mutex_t lock;
	struct fwcfg_item item[FWCFG_ITEMS_MAX];
	unsigned int items, files;
	uint16_t selected;
	uint32_t position;
	uint64_t dma_gpa;
	/* Where guest RAM lies in this process; NULL if any of it is no RAM. */
	void *(*hva)(void *ctx, uint64_t gpa, uint64_t len);
	void *ctx;
};

void fwcfg_init(struct fwcfg *fwcfg, struct pio *pio,
		void *(*hva)(void *ctx, uint64_t gpa, uint64_t len), void *ctx);
void fwcfg_fini(struct fwcfg *fwcfg);

/* Forget the selector and an address half written: a reset. */
void fwcfg_reset(struct fwcfg *fwcfg);

/* Copies @data. False: no memory, no room, a name too long, or one taken. */
bool fwcfg_add(struct fwcfg *fwcfg, uint16_t key, const void *data, uint32_t len);
bool fwcfg_add_file(struct fwcfg *fwcfg, const char *name, const void *data, uint32_t len);

/* A number of @size bytes, little-endian. */
bool fwcfg_add_number(struct fwcfg *fwcfg, uint16_t key, uint64_t value, unsigned int size);

/* The file's bytes, or NULL. */
const struct fwcfg_item *fwcfg_find(const struct fwcfg *fwcfg, const char *name);

#endif /* VMRUN_DEV_FWCFG_H */
