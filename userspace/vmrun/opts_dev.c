// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Parsing the device options. Pure: whether a path exists is for those to say
 * who open it.
 */
#include "opts_dev.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Cut the next field off @text, undoubling commas. False at the end, or with
 * @why if it does not fit.
 */
static bool next_field(const char **text, char *field, size_t room, struct why *why)
{
	const char *at = *text;
	size_t len = 0;

	if (!at)
		return false;
	for (; *at; at++) {
		if (*at == ',' && at[1] != ',')
			break;
		if (*at == ',')
			at++;
		if (len + 1 >= room) {
			why_set(why, "\"%.40s...\" is too long", *text);
			*text = NULL;
			return false;
		}
		field[len++] = *at;
	}
	field[len] = '\0';
	*text = *at ? at + 1 : NULL;
	return true;
}

/* The value behind @key in "key=value"; NULL if it is another key. */
static const char *value_of(const char *field, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(field, key, len) && field[len] == '=' ? field + len + 1 : NULL;
}

/* Fits @value into @room, or fails. */
static int keep(char *into, size_t room, const char *value, const char *what, struct why *why)
{
	if (!*value || strlen(value) >= room)
		return why_set(why, "%s: \"%s\" is no %s of 1 to %zu characters", what, value,
			       strrchr(what, ' ') ? strrchr(what, ' ') + 1 : what, room - 1);
	strcpy(into, value);
	return 0;
}

/* --- disks --------------------------------------------------------------------- */

static int disk_format(struct disk_options *disk, const char *value, struct why *why)
{
	static const char *const known[] = { "qcow2", "vmdk", "vdi", "vhdx", "vpc", "qed" };

	if (!strcmp(value, "raw")) {
		disk->format = DISK_RAW;
		return 0;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(value, known[i]))
			continue;
		disk->format = DISK_QEMU;
		strcpy(disk->qemu_format, value);
		return 0;
	}
	return why_set(why, "--disk: format \"%s\" is none of raw, qcow2, vmdk, vdi, vhdx, vpc, qed",
		       value);
}

static int disk_field(struct disk_options *disk, const char *field, struct why *why)
{
	const char *value;

	if (!strcmp(field, "ro")) {
		disk->read_only = true;
		return 0;
	}
	value = value_of(field, "serial");
	if (value)
		return keep(disk->serial, sizeof(disk->serial), value, "--disk: serial", why);
	value = value_of(field, "format");
	if (value)
		return disk_format(disk, value, why);
	value = value_of(field, "if");
	if (value && !strcmp(value, "virtio"))
		return 0;
	if (value)
		return why_set(why, "--disk: if=%s is not supported: all disks are if=virtio", value);
	return why_set(why,
		       "--disk: \"%s\" is none of ro, serial=TEXT, format=NAME (a comma in a path is written twice)",
		       field);
}

int opts_disk(struct disk_options *disk, const char *text, struct why *why)
{
	char field[PATH_MAX];

	*disk = (struct disk_options){ .format = DISK_AUTO };
	why->text[0] = '\0';
	if (!next_field(&text, disk->path, sizeof(disk->path), why))
		return -1;
	if (!disk->path[0])
		return why_set(why, "--disk: no path is given");
	if (!strncmp(disk->path, "nbd:", 4) || !strncmp(disk->path, "nbd+", 4) ||
	    !strncmp(disk->path, "nbds", 4))
		disk->format = DISK_NBD;
	while (next_field(&text, field, sizeof(field), why)) {
		enum disk_format before = disk->format;

		if (disk_field(disk, field, why))
			return -1;
		if (before == DISK_NBD && disk->format != DISK_NBD)
			return why_set(why, "--disk: an NBD server's disk has no format=");
	}
	return why->text[0] ? -1 : 0;
}

/* --- networks ------------------------------------------------------------------- */

static int net_mac(struct net_options *net, const char *value, struct why *why)
{
	unsigned int byte[6];
	int end = 0;

	if (sscanf(value, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3],
		   &byte[4], &byte[5], &end) != 6 || value[end])
		return why_set(why, "--net: mac \"%s\" is not like 52:56:4d:00:00:01", value);
	if (byte[0] & 1)
		return why_set(why, "--net: mac %s is a multicast address", value);
	for (unsigned int i = 0; i < 6; i++)
		net->mac[i] = byte[i];
	net->has_mac = true;
	return 0;
}

static bool port_of(const char *text, size_t len, uint16_t *port)
{
	unsigned long value = 0;

	if (!len || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return false;
		value = value * 10 + text[i] - '0';
	}
	*port = value;
	return value > 0 && value < 65536;
}

/* PROTO:[HOST]:PORT-:PORT; an IPv6 address is in brackets. */
static bool forward_of(struct net_forward *forward, const char *text)
{
	const char *host, *host_end, *dash;

	*forward = (struct net_forward){ .udp = !strncmp(text, "udp:", 4) };
	if (!forward->udp && strncmp(text, "tcp:", 4))
		return false;
	host = text + 4;
	if (*host == '[') {
		host_end = strchr(++host, ']');
		if (!host_end || host_end[1] != ':')
			return false;
		dash = strchr(host_end, '-');
		if (!dash || !port_of(host_end + 2, dash - host_end - 2, &forward->host_port))
			return false;
	} else {
		host_end = strchr(host, ':');
		dash = host_end ? strchr(host_end, '-') : NULL;
		if (!dash || !port_of(host_end + 1, dash - host_end - 1, &forward->host_port))
			return false;
	}
	if ((size_t)(host_end - host) >= sizeof(forward->host))
		return false;
	memcpy(forward->host, host, host_end - host);
	/* It becomes part of a program's argument: an address, and nothing else. */
	if (strspn(forward->host, "0123456789abcdefABCDEF.:") != strlen(forward->host))
		return false;
	return dash[1] == ':' && port_of(dash + 2, strlen(dash + 2), &forward->guest_port);
}

static int net_forward(struct net_options *net, const char *value, struct why *why)
{
	if (net->kind != NET_USER)
		return why_set(why, "--net: hostfwd belongs to --net user");
	if (net->forwards == NET_FORWARDS_MAX)
		return why_set(why, "--net: more than %d hostfwd fields", NET_FORWARDS_MAX);
	if (!forward_of(&net->forward[net->forwards], value))
		return why_set(why, "--net: hostfwd \"%s\" is not like tcp:127.0.0.1:2222-:22",
			       value);
	net->forwards++;
	return 0;
}

static int net_tap(struct net_options *net, const char *value, struct why *why)
{
	char *end;
	long fd;

	if (strncmp(value, "fd:", 3)) {
		net->kind = NET_TAP;
		return keep(net->interface, sizeof(net->interface), value, "--net: interface", why);
	}
	errno = 0;
	fd = strtol(value + 3, &end, 10);
	if (!isdigit((unsigned char)value[3]) || *end || errno || fd > INT_MAX)
		return why_set(why, "--net: \"%s\" is not a descriptor's number", value);
	net->kind = NET_TAP_FD;
	net->fd = fd;
	return 0;
}

int opts_net(struct net_options *net, const char *text, struct why *why)
{
	char field[256];
	const char *value;

	*net = (struct net_options){ .kind = NET_NONE, .fd = -1 };
	why->text[0] = '\0';
	if (!next_field(&text, field, sizeof(field), why))
		return -1;
	value = value_of(field, "tap");
	if (value) {
		if (net_tap(net, value, why))
			return -1;
	} else if (!strcmp(field, "user")) {
		net->kind = NET_USER;
	} else if (strcmp(field, "none")) {
		return why_set(why, "--net: \"%s\" is none of user, tap=INTERFACE, tap=fd:N, none",
			       field);
	}
	while (next_field(&text, field, sizeof(field), why)) {
		int error;

		value = value_of(field, "mac");
		if (value) {
			error = net_mac(net, value, why);
		} else {
			value = value_of(field, "hostfwd");
			error = value ? net_forward(net, value, why) :
				why_set(why, "--net: \"%s\" is none of mac=..., hostfwd=...", field);
		}
		if (error)
			return -1;
	}
	return why->text[0] ? -1 : 0;
}

/* --- shares ----------------------------------------------------------------------- */

int opts_share(struct share_options *share, const char *text, struct why *why)
{
	char field[PATH_MAX + SHARE_TAG_MAX + 1], *equals;

	*share = (struct share_options){ .read_only = false };
	why->text[0] = '\0';
	if (!next_field(&text, field, sizeof(field), why))
		return -1;
	equals = strchr(field, '=');
	if (!equals)
		return why_set(why, "--share: \"%s\" is not like TAG=DIRECTORY", field);
	*equals = '\0';
	if (keep(share->tag, sizeof(share->tag), field, "--share: tag", why) ||
	    keep(share->dir, sizeof(share->dir), equals + 1, "--share: directory", why))
		return -1;
	while (next_field(&text, field, sizeof(field), why)) {
		if (strcmp(field, "ro"))
			return why_set(why,
				       "--share: \"%s\" is not ro (a comma in a path is written twice)",
				       field);
		share->read_only = true;
	}
	return why->text[0] ? -1 : 0;
}

/* --- consoles ---------------------------------------------------------------------- */

int opts_console(struct console_options *console, const char *text, struct why *why)
{
	char field[PATH_MAX + 8];
	const char *value;

	*console = (struct console_options){ .kind = SERIAL_NULL };
	why->text[0] = '\0';
	if (!next_field(&text, field, sizeof(field), why))
		return -1;
	value = value_of(field, "file");
	if (value && *value) {
		console->kind = SERIAL_FILE;
		if (keep(console->path, sizeof(console->path), value, "path", why))
			return -1;
	} else if (!strcmp(field, "stdio")) {
		console->kind = SERIAL_STDIO;
	} else if (!strcmp(field, "pty")) {
		console->kind = SERIAL_PTY;
	} else if (strcmp(field, "null") && strcmp(field, "none")) {
		return why_set(why, "\"%s\" is none of stdio, file=PATH, pty, null", field);
	}
	while (next_field(&text, field, sizeof(field), why)) {
		value = value_of(field, "name");
		if (!value)
			return why_set(why, "\"%s\" is not name=TEXT", field);
		if (keep(console->name, sizeof(console->name), value, "name", why))
			return -1;
	}
	return why->text[0] ? -1 : 0;
}
