// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A tap interface, by name or as an inherited descriptor. One read or write is
 * one frame; with IFF_VNET_HDR it begins with virtio's own header, so that
 * checksums and segmentation are the host's business or nobody's.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "backend/net.h"

static void tap_send(struct net *net, const struct iovec *iov, unsigned int count)
{
	ssize_t done;

	/* A full queue loses the frame, as a wire would. */
	do
		done = writev(net->fd, iov, count);
	while (done < 0 && errno == EINTR);
}

static ssize_t tap_receive(struct net *net, uint8_t *buf)
{
	ssize_t got;

	do
		got = read(net->fd, buf, NET_HEADER + NET_FRAME_MAX);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	/* EIO: the interface is down; it may come up again. */
	if (got < 0 && errno == EIO)
		return 0;
	return got < 0 ? -errno : got;
}

static void tap_set_offloads(struct net *net, unsigned int offloads)
{
	unsigned int tun = 0;

	if (offloads & NET_CSUM)
		tun |= TUN_F_CSUM;
	if (offloads & NET_TSO4)
		tun |= TUN_F_TSO4;
	if (offloads & NET_TSO6)
		tun |= TUN_F_TSO6;
	if (offloads & NET_ECN && offloads & (NET_TSO4 | NET_TSO6))
		tun |= TUN_F_TSO_ECN;
	/* Refused: frames come without, which a driver must take too. */
	(void)ioctl(net->fd, TUNSETOFFLOAD, tun);
}

static void tap_close(struct net *net)
{
	close(net->fd);
	free(net);
}

static const struct net_ops tap_ops = { tap_send, tap_receive, tap_set_offloads, tap_close };
static const struct net_ops tap_plain_ops = { tap_send, tap_receive, NULL, tap_close };

static int open_by_name(const char *name, struct why *why)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		why_set(why, "--net tap: /dev/net/tun: %s%s", strerror(errno),
			errno == ENOENT ? ": load module tun" : "");
		return -1;
	}
	memcpy(request.ifr_name, name, strnlen(name, sizeof(request.ifr_name) - 1));
	if (!ioctl(fd, TUNSETIFF, &request))
		return fd;
	if (errno == EPERM)
		why_set(why,
			"--net tap=%s: you may not use it: \"ip tuntap add dev %s mode tap user $USER\" by root makes it yours",
			name, name);
	else if (errno == EBUSY)
		why_set(why, "--net tap=%s: another program uses it", name);
	else
		why_set(why, "--net tap=%s: %s", name, strerror(errno));
	close(fd);
	return -1;
}

struct net *net_tap_open(const struct net_options *options, struct why *why)
{
	struct net *net = calloc(1, sizeof(*net));
	int header = NET_HEADER, fd = options->fd;
	struct ifreq request;

	if (!net) {
		why_set(why, "--net: no memory");
		return NULL;
	}
	if (options->kind == NET_TAP)
		fd = open_by_name(options->interface, why);
	if (fd < 0)
		goto err_free;
	if (ioctl(fd, TUNGETIFF, &request)) {
		why_set(why, "--net tap=fd:%d: this descriptor is no tap interface: %s", fd,
			strerror(errno));
		goto err_close;
	}
	if (!(request.ifr_flags & IFF_TAP) || !(request.ifr_flags & IFF_NO_PI)) {
		why_set(why,
			"--net tap=fd:%d: the interface must have been opened with IFF_TAP and IFF_NO_PI",
			fd);
		goto err_close;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	net->fd = fd;
	net->has_header = request.ifr_flags & IFF_VNET_HDR;
	if (net->has_header && ioctl(fd, TUNSETVNETHDRSZ, &header)) {
		why_set(why, "--net tap: header size: %s", strerror(errno));
		goto err_close;
	}
	net->ops = net->has_header ? &tap_ops : &tap_plain_ops;
	return net;

err_close:
	close(fd);
err_free:
	free(net);
	return NULL;
}
