// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Flash commands. Each is done at once, so the part is never busy: status says
 * ready after the first one.
 *
 * After a program or erase command the part answers reads with its status until
 * it is told to show its array again. As firmware sends a command per byte but
 * asks for the array once per block, the mapping changes seldom.
 *
 * Programming only clears bits, as flash does: an erase sets them.
 */
#include "dev/pflash.h"

#include <string.h>

#define CMD_PROGRAM_ALT		0x10
#define CMD_ERASE		0x20
#define CMD_PROGRAM		0x40
#define CMD_CLEAR_STATUS	0x50
#define CMD_LOCK		0x60
#define CMD_STATUS		0x70
#define CMD_ID			0x90
#define CMD_QUERY		0x98
#define CMD_CONFIRM		0xd0
#define CMD_BUFFER		0xe8
#define CMD_ARRAY		0xff

#define STATUS_READY		0x80
#define STATUS_ERASE_ERROR	0x20
#define STATUS_PROGRAM_ERROR	0x10

#define ID_MAKER		0x89
#define ID_DEVICE		0x18

static void set_mode(struct pflash *pflash, uint8_t mode)
{
	bool show = mode == CMD_ARRAY;

	if (show != pflash->shown) {
		if (pflash->show(pflash->ctx, show))
			return;
		pflash->shown = show;
	}
	pflash->mode = mode;
}

static uint8_t query(size_t len, uint64_t offset)
{
	/* Offsets 0x10 on: "QRY", command set, then timings and geometry. */
	static const uint8_t head[] = { 'Q', 'R', 'Y', 0x01, 0x00, 0x31, 0x00 };
	unsigned int blocks = len / PFLASH_BLOCK - 1;

	if (offset >= 0x10 && offset < 0x10 + sizeof(head))
		return head[offset - 0x10];
	switch (offset) {
	case 0x27:
		return 63 - __builtin_clzll(len);	/* size, rounded down to 2^n */
	case 0x2a:
		return __builtin_ctz(PFLASH_BUFFER);
	case 0x2c:
		return 1;			/* erase regions */
	case 0x2d:
		return blocks;
	case 0x2e:
		return blocks >> 8;
	case 0x2f:
		return PFLASH_BLOCK / 256 & 0xff;
	case 0x30:
		return PFLASH_BLOCK / 256 >> 8;
	default:
		return 0;
	}
}

static uint8_t read_byte(const struct pflash *pflash, uint64_t offset)
{
	switch (pflash->mode) {
	case CMD_ARRAY:
		return pflash->data[offset];
	case CMD_ID:
		return offset & 1 ? ID_DEVICE : ID_MAKER;
	case CMD_QUERY:
		return query(pflash->len, offset);
	default:
		return pflash->status;
	}
}

static void program(struct pflash *pflash, uint64_t offset, uint8_t value)
{
	pflash->data[offset] &= value;
	pflash->status |= STATUS_READY;
}

static void begin(struct pflash *pflash, uint8_t command)
{
	switch (command) {
	case CMD_PROGRAM:
	case CMD_PROGRAM_ALT:
	case CMD_ERASE:
	case CMD_LOCK:
	case CMD_BUFFER:
		pflash->pending = command;
		pflash->counted = false;
		pflash->status |= STATUS_READY;
		set_mode(pflash, CMD_STATUS);
		break;
	case CMD_CLEAR_STATUS:
		pflash->status = 0;
		set_mode(pflash, CMD_ARRAY);
		break;
	case CMD_STATUS:
	case CMD_ID:
	case CMD_QUERY:
		set_mode(pflash, command);
		break;
	default:
		set_mode(pflash, CMD_ARRAY);
	}
}

/* A buffered write: a count, that many bytes plus one, a confirmation. */
static void buffered(struct pflash *pflash, uint64_t offset, uint8_t value)
{
	if (!pflash->counted) {
		pflash->counted = true;
		pflash->left = value + 1u;
		pflash->start = offset & ~(uint64_t)(PFLASH_BLOCK - 1);
		pflash->end = pflash->start + PFLASH_BLOCK;
	} else if (pflash->left) {
		pflash->left--;
		if (offset >= pflash->start && offset < pflash->end)
			program(pflash, offset, value);
		else
			pflash->status |= STATUS_PROGRAM_ERROR;
	} else {
		if (value != CMD_CONFIRM)
			pflash->status |= STATUS_PROGRAM_ERROR;
		pflash->pending = 0;
	}
}

static void write_byte(struct pflash *pflash, uint64_t offset, uint8_t value)
{
	uint64_t block = offset & ~(uint64_t)(PFLASH_BLOCK - 1);

	switch (pflash->pending) {
	case CMD_PROGRAM:
	case CMD_PROGRAM_ALT:
		program(pflash, offset, value);
		pflash->pending = 0;
		break;
	case CMD_ERASE:
		if (value == CMD_CONFIRM)
			memset(pflash->data + block, 0xff, PFLASH_BLOCK);
		else
			pflash->status |= STATUS_ERASE_ERROR | STATUS_PROGRAM_ERROR;
		pflash->pending = 0;
		break;
	case CMD_LOCK:
		pflash->pending = 0;
		break;
	case CMD_BUFFER:
		buffered(pflash, offset, value);
		break;
	default:
		begin(pflash, value);
	}
}

static bool contains(const struct pflash *pflash, uint64_t gpa, unsigned int size)
{
	return gpa >= pflash->gpa && size <= pflash->len &&
	       gpa - pflash->gpa <= pflash->len - size;
}

bool pflash_read(struct pflash *pflash, uint64_t gpa, void *data, unsigned int size)
{
	uint8_t *bytes = data;

	if (!contains(pflash, gpa, size))
		return false;
	pthread_mutex_lock(&pflash->lock);
	for (unsigned int i = 0; i < size; i++)
		bytes[i] = read_byte(pflash, gpa - pflash->gpa + i);
	pthread_mutex_unlock(&pflash->lock);
	return true;
}

/*
 * A command stands in the lowest byte of an access of any width; data fill all
 * of it.
 */
bool pflash_write(struct pflash *pflash, uint64_t gpa, const void *data, unsigned int size)
{
	const uint8_t *bytes = data;
	bool takes_data;

	if (!contains(pflash, gpa, size))
		return false;
	pthread_mutex_lock(&pflash->lock);
	takes_data = pflash->pending == CMD_PROGRAM || pflash->pending == CMD_PROGRAM_ALT ||
		     (pflash->pending == CMD_BUFFER && pflash->counted && pflash->left);
	write_byte(pflash, gpa - pflash->gpa, bytes[0]);
	for (unsigned int i = 1; takes_data && i < size; i++)
		program(pflash, gpa - pflash->gpa + i, bytes[i]);
	pthread_mutex_unlock(&pflash->lock);
	return true;
}

void pflash_init(struct pflash *pflash, uint8_t *data, size_t len, uint64_t gpa,
		 int (*show)(void *ctx, bool on), void *ctx)
{
	*pflash = (struct pflash){
		.data = data,
		.len = len,
		.gpa = gpa,
		.show = show,
		.ctx = ctx,
		.mode = CMD_ARRAY,
	};
	pthread_mutex_init(&pflash->lock, NULL);
}

void pflash_fini(struct pflash *pflash)
{
	pthread_mutex_destroy(&pflash->lock);
}

int pflash_reset(struct pflash *pflash)
{
	int error = 0;

	pthread_mutex_lock(&pflash->lock);
	pflash->pending = 0;
	pflash->status = 0;
	pflash->mode = CMD_ARRAY;
	if (!pflash->shown)
		error = pflash->show(pflash->ctx, true);
	pflash->shown = !error;
	pthread_mutex_unlock(&pflash->lock);
	return error;
}
