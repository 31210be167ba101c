/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * virtio-console with several ports. A port without a name is a console
 * (hvc0...); one with a name is a byte stream, /dev/virtio-ports/NAME.
 *
 * Virtio 1.2, "Console Device".
 */
#ifndef VMRUN_DEV_VIRTIO_CONSOLE_H
#define VMRUN_DEV_VIRTIO_CONSOLE_H

#include "backend/chr.h"
#include "dev/virtio.h"

#define CONSOLE_PORTS_MAX	8
#define CONSOLE_MESSAGES_MAX	(8 * CONSOLE_PORTS_MAX)

struct console_port {
	struct chr *chr;		/* the caller's */
	const char *name;		/* empty: a console */
	size_t sent;			/* bytes of the request at the head of its queue */
	bool open;			/* the guest has it open */
};

/* A control message for the driver. */
struct console_message {
	uint32_t id;
	uint16_t event, value;
};

struct virtio_console {
	struct virtio virtio;
	struct console_port port[CONSOLE_PORTS_MAX];
	unsigned int ports;
	struct console_message message[CONSOLE_MESSAGES_MAX];	/* yet to be told */
	unsigned int messages;
};

/*
 * @port: @ports of them, of which chr and name are given. Whoever owns a chr
 * calls virtio_kick() when it has input or has room again. 0 or a negative
 * errno.
 */
int virtio_console_init(struct virtio_console *console, const struct console_port *port,
			unsigned int ports);
void virtio_console_fini(struct virtio_console *console);

#endif /* VMRUN_DEV_VIRTIO_CONSOLE_H */
