/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first serial port: a UART on the bus, its line to the interrupt
 * controllers, its bytes to a back end.
 */
#ifndef VMRUN_DEV_COM_H
#define VMRUN_DEV_COM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "backend/chr.h"
#include "dev/uart.h"
#include "pio.h"

struct com {
	pthread_mutex_t lock;	/* of the UART; outside of the back end's */
	struct uart uart;
	struct uart_sink sink;
	struct chr *chr;
	int vm;
	const atomic_bool *stop;
};

void com_init(struct com *com, struct pio *pio, int vm, struct chr *chr,
	      const atomic_bool *stop);
void com_fini(struct com *com);

/* The back end has input. */
void com_input(struct com *com);
void com_send_break(struct com *com);

#endif /* VMRUN_DEV_COM_H */
