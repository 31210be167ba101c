// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-blk requests: a header to read, data, and a status byte at the very
 * end of what is written. Data goes between guest memory and back end without
 * a copy; the header is copied before it is looked at.
 */
#include "dev/virtio_blk.h"

#include <errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <stddef.h>
#include <string.h>

#define QUEUE_SIZE		256
#define SEGMENTS_MAX		(QUEUE_SIZE - 2)	/* beside header and status */
#define RANGE_SECTORS_MAX	(1U << 21)		/* discard, write zeroes: 1 GiB */
#define RANGES_MAX		32

struct request {
	struct virtio_blk_outhdr header;
	struct iovec out[VIRTQ_SIZE_MAX], in[VIRTQ_SIZE_MAX];	/* data alone */
	unsigned int outs, ins;
	size_t out_len, in_len;
};

static struct virtio_blk *disk_of(struct virtio *dev)
{
	return (struct virtio_blk *)dev;
}

static uint8_t status_of(int error)
{
	if (!error)
		return VIRTIO_BLK_S_OK;
	return error == -EOPNOTSUPP ? VIRTIO_BLK_S_UNSUPP : VIRTIO_BLK_S_IOERR;
}

static bool is_in_range(const struct blk *blk, uint64_t sector, uint64_t bytes)
{
	uint64_t sectors = blk->size / BLK_SECTOR;

	return !(bytes % BLK_SECTOR) && sector <= sectors &&
	       bytes / BLK_SECTOR <= sectors - sector;
}

static int read_write(struct blk *blk, const struct request *request)
{
	uint64_t offset = request->header.sector * BLK_SECTOR;
	bool write = request->header.type == VIRTIO_BLK_T_OUT;
	size_t len = write ? request->out_len : request->in_len;

	if (!is_in_range(blk, request->header.sector, len))
		return -EINVAL;
	if (!write)
		return blk->ops->read(blk, request->in, request->ins, offset);
	if (blk->read_only)
		return -EROFS;
	return blk->ops->write(blk, request->out, request->outs, offset);
}

static int one_range(struct virtio_blk *disk, uint32_t type,
		     const struct virtio_blk_discard_write_zeroes *range)
{
	bool unmap = range->flags & VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP;
	uint64_t len = (uint64_t)range->num_sectors * BLK_SECTOR;
	uint64_t offset = range->sector * BLK_SECTOR;
	struct blk *blk = disk->blk;

	if (range->num_sectors > RANGE_SECTORS_MAX || !is_in_range(blk, range->sector, len))
		return -EINVAL;
	if (range->flags & ~VIRTIO_BLK_WRITE_ZEROES_FLAG_UNMAP)
		return -EOPNOTSUPP;
	if (!len)
		return 0;
	if (type == VIRTIO_BLK_T_WRITE_ZEROES)
		return blk->ops->zero(blk, offset, len, unmap);
	return unmap ? -EOPNOTSUPP : blk->ops->discard(blk, offset, len);
}

/* Discard or write zeroes: up to RANGES_MAX ranges, each checked before it is done. */
static int ranges(struct virtio_blk *disk, const struct request *request)
{
	struct virtio_blk_discard_write_zeroes range;
	uint32_t type = request->header.type;
	struct blk *blk = disk->blk;

	if (blk->read_only)
		return -EROFS;
	if (!(type == VIRTIO_BLK_T_DISCARD ? (void *)blk->ops->discard : (void *)blk->ops->zero))
		return -EOPNOTSUPP;
	if (!request->out_len || request->out_len % sizeof(range) ||
	    request->out_len / sizeof(range) > RANGES_MAX)
		return -EINVAL;
	for (size_t at = 0; at < request->out_len; at += sizeof(range)) {
		int error;

		iov_read(request->out, request->outs, at, &range, sizeof(range));
		error = one_range(disk, type, &range);
		if (error)
			return error;
	}
	return 0;
}

static int dispatch(struct virtio_blk *disk, const struct request *request)
{
	switch (request->header.type) {
	case VIRTIO_BLK_T_IN:
	case VIRTIO_BLK_T_OUT:
		return read_write(disk->blk, request);
	case VIRTIO_BLK_T_FLUSH:
		return disk->blk->ops->flush(disk->blk);
	case VIRTIO_BLK_T_GET_ID:
		iov_write(request->in, request->ins, 0, disk->serial, sizeof(disk->serial));
		return 0;
	case VIRTIO_BLK_T_DISCARD:
	case VIRTIO_BLK_T_WRITE_ZEROES:
		return ranges(disk, request);
	default:
		return -EOPNOTSUPP;
	}
}

static int64_t handle(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	const struct iovec *in = chain->iov + chain->out;
	struct request request;
	uint8_t status;
	int error;

	(void)queue;
	if (chain->out_len < sizeof(request.header) || !chain->in_len) {
		virtio_break(dev, "a request without header or status");
		return 0;
	}
	iov_read(chain->iov, chain->out, 0, &request.header, sizeof(request.header));
	request.out_len = chain->out_len - sizeof(request.header);
	request.outs = iov_slice(chain->iov, chain->out, sizeof(request.header),
				 request.out_len, request.out);
	request.in_len = chain->in_len - 1;
	request.ins = iov_slice(in, chain->in, 0, request.in_len, request.in);

	error = dispatch(disk_of(dev), &request);
	status = status_of(error);
	iov_write(in, chain->in, request.in_len, &status, 1);
	/* Only bytes from the start of the buffers count as written. */
	return error ? 1 : (int64_t)chain->in_len;
}

static void run(struct virtio *dev)
{
	virtio_serve(dev, 0, handle);
}

static const struct virtio_class blk_class = {
	.name = "virtio-blk",
	.id = VIRTIO_ID_BLOCK,
	.run = run,
};

int virtio_blk_init(struct virtio_blk *disk, struct blk *blk,
		    const char *serial)
{
	uint64_t features = 1ULL << VIRTIO_BLK_F_FLUSH | 1ULL << VIRTIO_BLK_F_SEG_MAX |
			    1ULL << VIRTIO_BLK_F_BLK_SIZE;
	struct virtio_blk_config config = {
		.capacity = blk->size / BLK_SECTOR,
		.seg_max = SEGMENTS_MAX,
		.blk_size = BLK_SECTOR,
		.max_discard_sectors = RANGE_SECTORS_MAX,
		.max_discard_seg = RANGES_MAX,
		.discard_sector_alignment = 1,
		.max_write_zeroes_sectors = RANGE_SECTORS_MAX,
		.max_write_zeroes_seg = RANGES_MAX,
		.write_zeroes_may_unmap = 1,
	};
	int error;

	if (blk->read_only)
		features |= 1ULL << VIRTIO_BLK_F_RO;
	if (blk->ops->discard && !blk->read_only)
		features |= 1ULL << VIRTIO_BLK_F_DISCARD;
	if (blk->ops->zero && !blk->read_only)
		features |= 1ULL << VIRTIO_BLK_F_WRITE_ZEROES;
	memset(disk, 0, sizeof(*disk));
	disk->blk = blk;
	memcpy(disk->serial, serial, strnlen(serial, sizeof(disk->serial)));
	error = virtio_init(&disk->virtio, &blk_class, 1, QUEUE_SIZE, features);
	if (error)
		return error;
	disk->virtio.config_len = offsetof(struct virtio_blk_config, max_secure_erase_sectors);
	memcpy(disk->virtio.config, &config, disk->virtio.config_len);
	return 0;
}

void virtio_blk_fini(struct virtio_blk *disk)
{
	virtio_fini(&disk->virtio);
}
