// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fw_cfg over ports and by DMA. The layout is QEMU's ("QEMU Firmware
 * Configuration (fw_cfg) Device"), which both firmware packages expect.
 *
 * An access past the end of an item reads as zeros, as does an item that does
 * not exist. A DMA transfer is done within the port write: when the guest looks
 * at the control word it is finished. Its structure and its buffer must lie in
 * RAM; otherwise the error bit is set if the structure can be reached at all.
 */
#include "dev/fwcfg.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define ID_PORTS	(1u << 0)
#define ID_DMA		(1u << 1)

#define DMA_ERROR	(1u << 0)
#define DMA_READ	(1u << 1)
#define DMA_SKIP	(1u << 2)
#define DMA_SELECT	(1u << 3)
#define DMA_WRITE	(1u << 4)

/* In guest memory, big-endian. */
struct dma {
	uint32_t control;
	uint32_t len;
	uint64_t gpa;
};

struct directory_entry {
	uint32_t len;
	uint16_t key;
	uint16_t reserved;
	char name[FWCFG_NAME_MAX + 1];
};

static const struct fwcfg_item *selected(const struct fwcfg *fwcfg)
{
	for (unsigned int i = 0; i < fwcfg->items; i++)
		if (fwcfg->item[i].key == fwcfg->selected)
			return &fwcfg->item[i];
	return NULL;
}

static void select_key(struct fwcfg *fwcfg, uint16_t key)
{
	fwcfg->selected = key;
	fwcfg->position = 0;
}

/* Take the next @len bytes; @out NULL to skip them. */
static void take(struct fwcfg *fwcfg, uint8_t *out, uint32_t len)
{
	const struct fwcfg_item *item = selected(fwcfg);
	uint32_t left = item ? item->len - fwcfg->position : 0;
	uint32_t part = len < left ? len : left;

	if (out && part)
		memcpy(out, item->data + fwcfg->position, part);
	if (out)
		memset(out + part, 0, len - part);
	fwcfg->position += part;
}

/* --- ports ------------------------------------------------------------------- */

static uint32_t read_port(void *ctx, unsigned int offset, unsigned int size)
{
	struct fwcfg *fwcfg = ctx;
	uint8_t byte = 0;

	if (offset != 1 || size != 1)
		return 0;
	pthread_mutex_lock(&fwcfg->lock);
	take(fwcfg, &byte, 1);
	pthread_mutex_unlock(&fwcfg->lock);
	return byte;
}

static void write_port(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct fwcfg *fwcfg = ctx;

	if (offset || size != 2)
		return;
	pthread_mutex_lock(&fwcfg->lock);
	select_key(fwcfg, value);
	pthread_mutex_unlock(&fwcfg->lock);
}

/* Returns the control word that the guest finds afterwards. */
static uint32_t transfer(struct fwcfg *fwcfg, uint32_t control, uint32_t len, uint64_t gpa)
{
	void *buffer;

	if (control & DMA_SELECT)
		select_key(fwcfg, control >> 16);
	if (control & DMA_READ) {
		if (!len)
			return 0;
		buffer = fwcfg->hva(fwcfg->ctx, gpa, len);
		if (!buffer)
			return DMA_ERROR;
		take(fwcfg, buffer, len);
	} else if (control & DMA_WRITE) {
		return DMA_ERROR;
	} else if (control & DMA_SKIP) {
		take(fwcfg, NULL, len);
	}
	return 0;
}

static void run_dma(struct fwcfg *fwcfg, uint64_t gpa)
{
	void *place = fwcfg->hva(fwcfg->ctx, gpa, sizeof(struct dma));
	struct dma dma;

	if (!place)
		return;
	/* Once: another vCPU may change it meanwhile. */
	memcpy(&dma, place, sizeof(dma));
	dma.control = htobe32(transfer(fwcfg, be32toh(dma.control), be32toh(dma.len),
				       be64toh(dma.gpa)));
	memcpy(place, &dma.control, sizeof(dma.control));
}

static uint32_t read_dma(void *ctx, unsigned int offset, unsigned int size)
{
	static const char signature[] = "QEMU CFG";
	uint32_t value;

	(void)ctx;
	(void)size;
	memcpy(&value, signature + (offset & 4), sizeof(value));
	return value;
}

static void write_dma(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct fwcfg *fwcfg = ctx;

	(void)size;
	pthread_mutex_lock(&fwcfg->lock);
	if (offset == 0) {
		fwcfg->dma_gpa = (uint64_t)be32toh(value) << 32;
	} else if (offset == 4) {
		uint64_t gpa = fwcfg->dma_gpa | be32toh(value);

		fwcfg->dma_gpa = 0;
		run_dma(fwcfg, gpa);
	}
	pthread_mutex_unlock(&fwcfg->lock);
}

/* --- items ------------------------------------------------------------------- */

static struct fwcfg_item *by_key(struct fwcfg *fwcfg, uint16_t key)
{
	for (unsigned int i = 0; i < fwcfg->items; i++)
		if (fwcfg->item[i].key == key)
			return &fwcfg->item[i];
	return NULL;
}

bool fwcfg_add(struct fwcfg *fwcfg, uint16_t key, const void *data, uint32_t len)
{
	struct fwcfg_item *item = &fwcfg->item[fwcfg->items];

	if (fwcfg->items == FWCFG_ITEMS_MAX || by_key(fwcfg, key))
		return false;
	*item = (struct fwcfg_item){ .key = key, .data = malloc(len ? len : 1), .len = len };
	if (!item->data)
		return false;
	memcpy(item->data, data, len);
	fwcfg->items++;
	return true;
}

bool fwcfg_add_number(struct fwcfg *fwcfg, uint16_t key, uint64_t value, unsigned int size)
{
	uint64_t bytes = htole64(value);

	return fwcfg_add(fwcfg, key, &bytes, size);
}

const struct fwcfg_item *fwcfg_find(const struct fwcfg *fwcfg, const char *name)
{
	for (unsigned int i = 0; i < fwcfg->items; i++)
		if (!strcmp(fwcfg->item[i].name, name))
			return &fwcfg->item[i];
	return NULL;
}

/* The directory grows with every file, so that it is always right. */
static bool update_directory(struct fwcfg *fwcfg)
{
	struct fwcfg_item *item = by_key(fwcfg, FWCFG_DIRECTORY);
	size_t len = 4 + (fwcfg->files + 1) * sizeof(struct directory_entry);
	const struct fwcfg_item *file = &fwcfg->item[fwcfg->items - 1];
	struct directory_entry entry = {
		.len = htobe32(file->len),
		.key = htobe16(file->key),
	};
	uint32_t count = htobe32(fwcfg->files + 1);
	uint8_t *grown = realloc(item->data, len);

	if (!grown)
		return false;
	item->data = grown;
	item->len = len;
	memcpy(entry.name, file->name, sizeof(entry.name));
	memcpy(grown, &count, 4);
	memcpy(grown + len - sizeof(entry), &entry, sizeof(entry));
	fwcfg->files++;
	return true;
}

bool fwcfg_add_file(struct fwcfg *fwcfg, const char *name, const void *data, uint32_t len)
{
	struct fwcfg_item *item;

	if (!*name || strlen(name) > FWCFG_NAME_MAX || fwcfg_find(fwcfg, name) ||
	    !fwcfg_add(fwcfg, FWCFG_FILE_FIRST + fwcfg->files, data, len))
		return false;
	item = &fwcfg->item[fwcfg->items - 1];
	strcpy(item->name, name);
	if (update_directory(fwcfg))
		return true;
	free(item->data);
	fwcfg->items--;
	return false;
}

void fwcfg_reset(struct fwcfg *fwcfg)
{
	pthread_mutex_lock(&fwcfg->lock);
	select_key(fwcfg, 0);
	fwcfg->dma_gpa = 0;
	pthread_mutex_unlock(&fwcfg->lock);
}

void fwcfg_init(struct fwcfg *fwcfg, struct pio *pio,
		void *(*hva)(void *ctx, uint64_t gpa, uint64_t len), void *ctx)
{
	struct pio_region ports = { "fw_cfg", FWCFG_SELECTOR_PORT, 2, 1 | 2, false, read_port,
				    write_port, fwcfg };
	struct pio_region dma = { "fw_cfg dma", FWCFG_DMA_PORT, 8, 4, false, read_dma,
				  write_dma, fwcfg };

	*fwcfg = (struct fwcfg){ .hva = hva, .ctx = ctx };
	pthread_mutex_init(&fwcfg->lock, NULL);
	fwcfg_add(fwcfg, FWCFG_SIGNATURE, "QEMU", 4);
	fwcfg_add_number(fwcfg, FWCFG_ID, ID_PORTS | ID_DMA, 4);
	fwcfg_add_number(fwcfg, FWCFG_DIRECTORY, 0, 4);
	pio_add(pio, &ports);
	pio_add(pio, &dma);
}

void fwcfg_fini(struct fwcfg *fwcfg)
{
	for (unsigned int i = 0; i < fwcfg->items; i++)
		free(fwcfg->item[i].data);
	pthread_mutex_destroy(&fwcfg->lock);
}
