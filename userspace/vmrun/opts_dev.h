/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The device options, parsed: --disk, --net, --share, --console. Each is a row
 * of fields with commas between them, the first of which says what it is; a
 * doubled comma stands for one that belongs to a path.
 */
#ifndef VMRUN_OPTS_DEV_H
#define VMRUN_OPTS_DEV_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"

#define DISK_SERIAL_MAX		20	/* what virtio-blk has room for */
#define NET_FORWARDS_MAX	16
#define SHARE_TAG_MAX		32
#define CONSOLE_NAME_MAX	32

enum disk_format {
	DISK_AUTO,		/* raw, but refuse what looks like another format */
	DISK_RAW,
	DISK_QEMU,		/* whatever qemu-nbd serves as @qemu_format */
	DISK_NBD,		/* @path is a URI */
};

struct disk_options {
	char path[PATH_MAX];
	enum disk_format format;
	char qemu_format[16];
	bool read_only;
	char serial[DISK_SERIAL_MAX + 1];
};

enum net_kind {
	NET_NONE,
	NET_USER,		/* passt */
	NET_TAP,		/* by name */
	NET_TAP_FD,		/* by inherited descriptor */
};

struct net_forward {
	bool udp;
	char host[64];		/* address to listen on; empty: all */
	uint16_t host_port, guest_port;
};

struct net_options {
	enum net_kind kind;
	char interface[16];
	int fd;
	bool has_mac;
	uint8_t mac[6];
	struct net_forward forward[NET_FORWARDS_MAX];
	unsigned int forwards;
};

struct share_options {
	char tag[SHARE_TAG_MAX + 1];
	char dir[PATH_MAX];
	bool read_only;
};

enum serial_kind {
	SERIAL_STDIO,
	SERIAL_FILE,
	SERIAL_NULL,
	SERIAL_PTY,
};

struct console_options {
	enum serial_kind kind;
	char path[PATH_MAX];			/* SERIAL_FILE */
	char name[CONSOLE_NAME_MAX + 1];	/* of a port that is no console */
};

/* 0, or -1 with @why. Read nothing but @text. */
int opts_disk(struct disk_options *disk, const char *text, struct why *why);
int opts_net(struct net_options *net, const char *text, struct why *why);
int opts_share(struct share_options *share, const char *text, struct why *why);
int opts_console(struct console_options *console, const char *text, struct why *why);

#endif /* VMRUN_OPTS_DEV_H */
