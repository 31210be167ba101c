// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Disks behind the NBD protocol, spoken by libnbd: nbd://HOST[:PORT][/EXPORT],
 * nbd+unix:///EXPORT?socket=PATH and their nbds forms; and image formats other
 * than raw, which a qemu-nbd of our own serves. That one inherits its socket
 * and ends when the connection does.
 */
#include <errno.h>
#include <libnbd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/blk.h"

#define REQUEST_MAX	(32U << 20)	/* what every server must take */

struct blk_nbd {
	struct blk blk;
	struct nbd_handle *nbd;
	bool can_flush;
};

static struct blk_nbd *nbd_of(struct blk *blk)
{
	return (struct blk_nbd *)blk;
}

static int nbd_error(void)
{
	int error = nbd_get_errno();

	return error ? -error : -EIO;
}

static int transfer(struct blk_nbd *nbd, const struct iovec *iov, unsigned int count,
		    uint64_t offset, bool write)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t *hva = iov[i].iov_base;
		size_t len = iov[i].iov_len;

		while (len) {
			size_t part = len < REQUEST_MAX ? len : REQUEST_MAX;
			int failed = write ? nbd_pwrite(nbd->nbd, hva, part, offset, 0) :
					     nbd_pread(nbd->nbd, hva, part, offset, 0);

			if (failed)
				return nbd_error();
			hva += part;
			len -= part;
			offset += part;
		}
	}
	return 0;
}

static int blk_nbd_read(struct blk *blk, const struct iovec *iov, unsigned int count,
			uint64_t offset)
{
	return transfer(nbd_of(blk), iov, count, offset, false);
}

static int blk_nbd_write(struct blk *blk, const struct iovec *iov, unsigned int count,
			 uint64_t offset)
{
	return transfer(nbd_of(blk), iov, count, offset, true);
}

static int blk_nbd_flush(struct blk *blk)
{
	struct blk_nbd *nbd = nbd_of(blk);

	return nbd->can_flush && nbd_flush(nbd->nbd, 0) ? nbd_error() : 0;
}

static int blk_nbd_discard(struct blk *blk, uint64_t offset, uint64_t len)
{
	struct blk_nbd *nbd = nbd_of(blk);

	for (; len; offset += REQUEST_MAX) {
		uint64_t part = len < REQUEST_MAX ? len : REQUEST_MAX;

		if (nbd_trim(nbd->nbd, part, offset, 0))
			return nbd_error();
		len -= part;
	}
	return 0;
}

static int blk_nbd_zero(struct blk *blk, uint64_t offset, uint64_t len, bool unmap)
{
	struct blk_nbd *nbd = nbd_of(blk);

	for (; len; offset += REQUEST_MAX) {
		uint64_t part = len < REQUEST_MAX ? len : REQUEST_MAX;

		if (nbd_zero(nbd->nbd, part, offset, unmap ? 0 : LIBNBD_CMD_FLAG_NO_HOLE))
			return nbd_error();
		len -= part;
	}
	return 0;
}

static void blk_nbd_close(struct blk *blk)
{
	struct blk_nbd *nbd = nbd_of(blk);

	nbd_shutdown(nbd->nbd, 0);
	nbd_close(nbd->nbd);
	free(nbd);
}

/* One table per set of abilities: a function that is there is one that works. */
static const struct blk_ops nbd_ops[2][2] = {
	{ { blk_nbd_read, blk_nbd_write, blk_nbd_flush, NULL, NULL, blk_nbd_close },
	  { blk_nbd_read, blk_nbd_write, blk_nbd_flush, NULL, blk_nbd_zero, blk_nbd_close } },
	{ { blk_nbd_read, blk_nbd_write, blk_nbd_flush, blk_nbd_discard, NULL, blk_nbd_close },
	  { blk_nbd_read, blk_nbd_write, blk_nbd_flush, blk_nbd_discard, blk_nbd_zero,
	    blk_nbd_close } },
};

/* --- opening --------------------------------------------------------------------- */

/*
 * libnbd takes the socket's name and directory away when it closes, which the
 * sandbox forbids by then. Nobody else is to connect: away with them now.
 */
static void remove_socket(struct blk_nbd *nbd)
{
	struct sockaddr_un peer = { .sun_family = AF_UNSPEC };
	socklen_t len = sizeof(peer) - 1;
	char *slash;

	if (getpeername(nbd_aio_get_fd(nbd->nbd), (struct sockaddr *)&peer, &len) ||
	    peer.sun_family != AF_UNIX || peer.sun_path[0] != '/')
		return;
	unlink(peer.sun_path);
	slash = strrchr(peer.sun_path, '/');
	*slash = '\0';
	rmdir(peer.sun_path);
}

static int connect_qemu(struct blk_nbd *nbd, const struct disk_options *disk, bool read_only,
			struct why *why)
{
	const char *const command[] = {
		"qemu-nbd", "--format", disk->qemu_format,
		read_only ? "--read-only" : "--discard=unmap", "--", disk->path, NULL,
	};

	if (euidaccess(disk->path, read_only ? R_OK : R_OK | W_OK))
		return why_set(why, "%s: %s%s", disk->path, strerror(errno),
			       errno == EACCES && !read_only ?
			       ": give it with ,ro, or use --ephemeral" : "");
	if (nbd_connect_systemd_socket_activation(nbd->nbd, (char **)command))
		return why_set(why,
			       "%s: qemu-nbd does not serve it as %s: is package qemu-utils installed, and is it such an image? (%s)",
			       disk->path, disk->qemu_format, nbd_get_error());
	remove_socket(nbd);
	return 0;
}

static int connect_uri(struct blk_nbd *nbd, const struct disk_options *disk, struct why *why)
{
	if (nbd_connect_uri(nbd->nbd, disk->path))
		return why_set(why, "%s: no connection: %s", disk->path, nbd_get_error());
	return 0;
}

static int find_size(struct blk_nbd *nbd, const struct disk_options *disk, struct why *why)
{
	int64_t size = nbd_get_size(nbd->nbd);

	if (size < 0)
		return why_set(why, "%s: its size is not to be had: %s", disk->path,
			       nbd_get_error());
	/* A server may round a file up or not; what is left of a sector is not used. */
	nbd->blk.size = size - size % BLK_SECTOR;
	if (!nbd->blk.size)
		return why_set(why, "%s is empty", disk->path);
	return 0;
}

struct blk *blk_nbd_open(const struct disk_options *disk, bool read_only, struct why *why)
{
	struct blk_nbd *nbd = calloc(1, sizeof(*nbd));
	int failed;

	if (!nbd) {
		why_set(why, "%s: no memory", disk->path);
		return NULL;
	}
	nbd->nbd = nbd_create();
	if (!nbd->nbd) {
		why_set(why, "%s: libnbd: %s", disk->path, nbd_get_error());
		goto err_free;
	}
	nbd_set_uri_allow_local_file(nbd->nbd, true);
	if (disk->format == DISK_QEMU)
		failed = connect_qemu(nbd, disk, read_only, why);
	else
		failed = connect_uri(nbd, disk, why);
	if (failed || find_size(nbd, disk, why))
		goto err_close;
	if (!read_only && nbd_is_read_only(nbd->nbd) == 1) {
		why_set(why, "%s: its server gives it out read-only: give it with ,ro, or use --ephemeral",
			disk->path);
		goto err_close;
	}
	nbd->can_flush = nbd_can_flush(nbd->nbd) == 1;
	nbd->blk.ops = &nbd_ops[nbd_can_trim(nbd->nbd) == 1][nbd_can_zero(nbd->nbd) == 1];
	nbd->blk.read_only = read_only;
	return &nbd->blk;

err_close:
	nbd_close(nbd->nbd);
err_free:
	free(nbd);
	return NULL;
}
