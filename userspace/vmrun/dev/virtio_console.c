// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-console: ports, and the control queues that introduce them.
 *
 * Output that the back end has no room for stays in the driver's buffer: the
 * request is done when all of it is out. Nobody waits for a reader here.
 */
#include "dev/virtio_console.h"

#include <linux/virtio_console.h>
#include <linux/virtio_ids.h>
#include <string.h>

#define QUEUE_SIZE	64
#define CONTROL_RX	2
#define CONTROL_TX	3
#define CHUNK		4096

static struct virtio_console *console_of(struct virtio *dev)
{
	return (struct virtio_console *)dev;
}

/* Port 0 comes before the control queues, the others behind them. */
static unsigned int rx_queue(unsigned int port)
{
	return port ? 2 * port + 2 : 0;
}

static unsigned int port_of_queue(unsigned int queue)
{
	return queue < CONTROL_RX ? 0 : queue / 2 - 1;
}

static bool has_ports(const struct virtio *dev)
{
	return virtio_has(dev, VIRTIO_CONSOLE_F_MULTIPORT);
}

/* --- control ------------------------------------------------------------------------ */

static void tell(struct virtio_console *console, unsigned int id, uint16_t event, uint16_t value)
{
	/* A driver that asks without reading answers loses some. */
	if (console->messages < CONSOLE_MESSAGES_MAX)
		console->message[console->messages++] =
			(struct console_message){ id, event, value };
}

static void introduce(struct virtio_console *console, unsigned int id)
{
	struct console_port *port = &console->port[id];

	if (!port->name[0])
		tell(console, id, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
	else
		tell(console, id, VIRTIO_CONSOLE_PORT_NAME, 1);
	tell(console, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
}

static int64_t handle_control(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct virtio_console *console = console_of(dev);
	struct virtio_console_control control;

	(void)queue;
	if (iov_read(chain->iov, chain->out, 0, &control, sizeof(control)) < sizeof(control)) {
		virtio_break(dev, "a control message that is too short");
		return 0;
	}
	if (control.event == VIRTIO_CONSOLE_DEVICE_READY) {
		for (unsigned int i = 0; control.value && i < console->ports; i++)
			tell(console, i, VIRTIO_CONSOLE_PORT_ADD, 1);
		return 0;
	}
	if (control.id >= console->ports)
		return 0;
	if (control.event == VIRTIO_CONSOLE_PORT_READY && control.value)
		introduce(console, control.id);
	if (control.event == VIRTIO_CONSOLE_PORT_OPEN)
		console->port[control.id].open = control.value;
	return 0;
}

static int64_t give_message(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct virtio_console *console = console_of(dev);
	struct console_message *message = &console->message[0];
	struct virtio_console_control control = { message->id, message->event, message->value };
	const struct iovec *in = chain->iov + chain->out;
	const char *name = "";
	size_t len;

	(void)queue;
	if (!console->messages)
		return VIRTIO_WAIT;
	if (control.event == VIRTIO_CONSOLE_PORT_NAME)
		name = console->port[control.id].name;
	len = iov_write(in, chain->in, 0, &control, sizeof(control));
	len += iov_write(in, chain->in, sizeof(control), name, strlen(name));
	console->messages--;
	memmove(message, message + 1, console->messages * sizeof(*message));
	return len;
}

/* --- data ------------------------------------------------------------------------------ */

static int64_t put_output(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct console_port *port = &console_of(dev)->port[port_of_queue(queue)];
	uint8_t bytes[CHUNK];

	while (port->sent < chain->out_len) {
		size_t len = iov_read(chain->iov, chain->out, port->sent, bytes, sizeof(bytes));
		size_t taken = chr_offer(port->chr, bytes, len);

		port->sent += taken;
		if (taken < len)
			return VIRTIO_WAIT;
	}
	port->sent = 0;
	return 0;
}

static int64_t take_input(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct console_port *port = &console_of(dev)->port[port_of_queue(queue)];
	size_t room = chain->in_len < CHUNK ? chain->in_len : CHUNK;
	uint8_t bytes[CHUNK];
	size_t len;

	if (!room) {
		virtio_break(dev, "a receive buffer that is too short");
		return 0;
	}
	len = chr_take(port->chr, bytes, room);
	if (!len)
		return VIRTIO_WAIT;
	return iov_write(chain->iov + chain->out, chain->in, 0, bytes, len);
}

/* A stream that nobody has open loses nothing: its input waits. */
static bool wants_input(const struct virtio *dev, const struct console_port *port)
{
	return port->open || !has_ports(dev) || !port->name[0];
}

static void run_port(struct virtio_console *console, unsigned int id)
{
	struct virtio *dev = &console->virtio;
	unsigned int queue = rx_queue(id);

	if (dev->queue[queue + 1].on)
		virtio_serve(dev, queue + 1, put_output);
	if (dev->queue[queue].on && wants_input(dev, &console->port[id]))
		virtio_serve(dev, queue, take_input);
}

static void run(struct virtio *dev)
{
	struct virtio_console *console = console_of(dev);

	if (has_ports(dev)) {
		virtio_serve(dev, CONTROL_TX, handle_control);
		virtio_serve(dev, CONTROL_RX, give_message);
	}
	for (unsigned int i = 0; i < (has_ports(dev) ? console->ports : 1); i++)
		run_port(console, i);
}

static void reset(struct virtio *dev)
{
	struct virtio_console *console = console_of(dev);

	console->messages = 0;
	for (unsigned int i = 0; i < console->ports; i++) {
		console->port[i].sent = 0;
		console->port[i].open = false;
	}
}

static const struct virtio_class console_class = {
	.name = "virtio-console",
	.id = VIRTIO_ID_CONSOLE,
	.run = run,
	.reset = reset,
};

int virtio_console_init(struct virtio_console *console, const struct console_port *port,
			unsigned int ports)
{
	struct virtio_console_config config = { .max_nr_ports = ports };
	int error;

	memset(console, 0, sizeof(*console));
	memcpy(console->port, port, ports * sizeof(*port));
	console->ports = ports;
	error = virtio_init(&console->virtio, &console_class, 2 * (ports + 1), QUEUE_SIZE,
			    1ULL << VIRTIO_CONSOLE_F_MULTIPORT);
	if (error)
		return error;
	console->virtio.config_len = sizeof(config);
	memcpy(console->virtio.config, &config, sizeof(config));
	return 0;
}

void virtio_console_fini(struct virtio_console *console)
{
	virtio_fini(&console->virtio);
}
