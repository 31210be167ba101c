/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A flash part with the Intel command set (CFI 0001h): where UEFI firmware
 * keeps its variables. While it shows its array the guest reads memory and
 * nothing comes here; writes always come here.
 *
 * Intel StrataFlash data sheets, "Command Definitions"; JEDEC JESD68.
 */
#ifndef VMRUN_DEV_PFLASH_H
#define VMRUN_DEV_PFLASH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PFLASH_BLOCK	4096	/* what an erase command clears */
#define PFLASH_BUFFER	256	/* what a buffered write takes at once */

/*
 * @show	the part shows its array or stops to: map @data for reading at its
 *		place, or unmap it. Called with the lock held, changes only;
 *		returns 0 or a negative errno, and the part keeps its mode then.
 */
struct pflash {
	pthread_mutex_t lock;
	uint8_t *data;
	size_t len;
	uint64_t gpa;
	int (*show)(void *ctx, bool on);
	void *ctx;
	bool shown;

	uint8_t mode;		/* the command that reads are answered by */
	uint8_t pending;	/* a command that waits for more; 0: none */
	uint8_t status;
	unsigned int left;	/* bytes that a buffered write still takes */
	bool counted;		/* its count has come */
	size_t start, end;	/* where its bytes may go */
};

/* @data: @len bytes, a multiple of PFLASH_BLOCK; the caller's. */
void pflash_init(struct pflash *pflash, uint8_t *data, size_t len, uint64_t gpa,
		 int (*show)(void *ctx, bool on), void *ctx);
void pflash_fini(struct pflash *pflash);

/* Power-on: the array is shown. 0 or what @show returned. */
int pflash_reset(struct pflash *pflash);

/* False: the access does not lie in the part. */
bool pflash_read(struct pflash *pflash, uint64_t gpa, void *data, unsigned int size);
bool pflash_write(struct pflash *pflash, uint64_t gpa, const void *data, unsigned int size);

#endif /* VMRUN_DEV_PFLASH_H */
