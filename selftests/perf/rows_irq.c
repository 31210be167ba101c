// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows of interrupts: local, between vCPUs, from timers and from userspace.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "bench.h"

#define MSI_GPA		0xfee00000ULL	/* to APIC id 0, fixed, edge */

/* --- two vCPUs -------------------------------------------------------------- */

static void *peer(void *arg)
{
	struct cpu *cpu = arg;

	return (void *)(intptr_t)cpu->machine->ops->run(cpu);
}

static int64_t measure_pair(const struct bench *bench, const struct row *row)
{
	payload_fn *answer = (payload_fn *)(uintptr_t)row->arg;
	struct machine m;
	pthread_t thread;
	void *joined;
	int error = machine_up(&m, bench->ops, bench->image, 2);

	if (error)
		return error;
	memset(IN_GUEST(bench->image, payload_out), 0, sizeof(payload_out));
	error = bench->ops->start(&m.cpu[1], (uintptr_t)answer, STACK_OF(1), 0);
	if (!error)
		error = bench->ops->start(&m.cpu[0], (uintptr_t)row->payload, STACK_OF(0),
					  row->iterations);
	if (!error)
		error = -pthread_create(&thread, NULL, peer, &m.cpu[1]);
	if (!error) {
		error = bench->ops->run(&m.cpu[0]);
		pthread_join(thread, &joined);
		if (!error)
			error = (intptr_t)joined;
	}
	machine_down(&m);
	return error ? error : row_result(bench);
}

/* --- woken from outside ------------------------------------------------------ */

struct waker {
	struct machine *m;
	const struct row *row;
	int event;
	int error;
};

static int wake(struct waker *w)
{
	uint64_t one = 1;

	if (w->event < 0)
		return w->m->ops->msi(w->m, MSI_GPA, PAYLOAD_VEC_X2APIC);
	return write(w->event, &one, sizeof(one)) == sizeof(one) ? 0 : -errno;
}

/* Wakes the guest, gives way until it has counted, and wakes it again. */
static void *waking(void *arg)
{
	struct waker *w = arg;
	struct payload_out *out = IN_GUEST(w->m->image, payload_out);
	uint32_t irqs, n;

	while (!out->ready)
		sched_yield();
	for (n = 0; n < w->row->iterations + 4; n++) {
		irqs = out->irqs;
		w->error = wake(w);
		if (w->error)
			break;
		while (out->irqs == irqs)
			sched_yield();
	}
	return NULL;
}

static int64_t measure_woken(const struct bench *bench, const struct row *row)
{
	struct machine m;
	struct waker w = { .m = &m, .row = row, .event = -1 };
	pthread_t thread;
	int error = machine_up(&m, bench->ops, bench->image, 1);

	if (error)
		return error;
	memset(IN_GUEST(bench->image, payload_out), 0, sizeof(payload_out));
	if (row->arg) {
		w.event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		error = bench->ops->irqfd(&m, PERF_GSI, w.event);
	}
	if (!error)
		error = bench->ops->start(&m.cpu[0], (uintptr_t)row->payload, STACK_OF(0),
					  row->iterations);
	if (!error)
		error = -pthread_create(&thread, NULL, waking, &w);
	if (!error) {
		error = bench->ops->run(&m.cpu[0]);
		pthread_join(thread, NULL);
		if (!error)
			error = w.error;
	}
	machine_down(&m);
	if (w.event >= 0)
		close(w.event);
	return error ? error : row_result(bench);
}

#define LOCAL(_name, _payload, _iterations, _flags)					\
	{ .name = _name, .unit = "interrupt", .flags = _flags, .cpus = 1,		\
	  .measure = row_payload, .payload = _payload, .iterations = _iterations }

const struct row rows_irq[] = {
	LOCAL("self-ipi-x2apic", payload_self_ipi_x2apic, 500, ROW_SHORT),
	LOCAL("self-ipi-xapic", payload_self_ipi_xapic, 300, ROW_SHORT),
	LOCAL("deadline-arm", payload_deadline_arm, 500, ROW_SHORT),
	LOCAL("deadline-fire", payload_deadline_fire, 100, ROW_SHORT),
	LOCAL("deadline-wake-halted", payload_deadline_halt, 100, ROW_SHORT),
	{ .name = "msi-wake-halted", .unit = "interrupt", .cpus = 1, .measure = measure_woken,
	  .payload = payload_halt_woken, .iterations = 200 },
	{ .name = "irqfd-wake-halted", .unit = "interrupt", .cpus = 1, .flags = ROW_SHORT,
	  .measure = measure_woken, .payload = payload_halt_woken, .iterations = 200, .arg = 1 },
	{ .name = "ipi-running", .unit = "interrupt", .cpus = 2, .measure = measure_pair,
	  .payload = payload_ipi_running, .iterations = 300,
	  .arg = (uintptr_t)payload_ipi_running_peer },
	{ .name = "ipi-halted", .unit = "interrupt", .cpus = 2, .measure = measure_pair,
	  .payload = payload_ipi_halted, .iterations = 300,
	  .arg = (uintptr_t)payload_ipi_halted_peer },
	{}
};
