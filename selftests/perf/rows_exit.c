// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows with one exit per iteration, with the round trip to userspace or
 * without it.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "bench.h"

/* A write that an eventfd takes; nobody waits for it. */
static int64_t measure_ioeventfd(const struct bench *bench, const struct row *row)
{
	uint64_t place = row->arg ? PERF_MMIO_EVENT : PERF_PORT_EVENT;
	int event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct machine m;
	int error;

	if (event < 0)
		return -errno;
	error = machine_up(&m, bench->ops, bench->image, 1);
	if (error)
		goto out;
	memset(IN_GUEST(bench->image, payload_out), 0, sizeof(payload_out));
	error = bench->ops->ioeventfd(&m, row->arg, place, event);
	if (!error)
		error = bench->ops->start(&m.cpu[0], (uintptr_t)row->payload, STACK_OF(0),
					  row->iterations);
	if (!error)
		error = bench->ops->run(&m.cpu[0]);
	machine_down(&m);
out:
	close(event);
	return error ? error : row_result(bench);
}

#define EXIT(_name, _payload, _iterations, _flags)					\
	{ .name = _name, .unit = "exit", .flags = _flags, .cpus = 1,			\
	  .measure = row_payload, .payload = _payload, .iterations = _iterations }

const struct row rows_exit[] = {
	EXIT("empty-loop", payload_empty, 1000, 0),
	EXIT("cpuid", payload_cpuid, 1000, ROW_SHORT),
	EXIT("hypercall", payload_vmcall, 1000, 0),
	EXIT("wbinvd", payload_wbinvd, 1000, 0),
	EXIT("rdmsr-tsc-adjust", payload_rdmsr_tsc_adjust, 1000, ROW_SHORT),
	EXIT("wrmsr-tsc-adjust", payload_wrmsr_tsc_adjust, 1000, 0),
	EXIT("rdmsr-apic-base", payload_rdmsr_apic_base, 1000, 0),
	EXIT("wrmsr-apic-base", payload_wrmsr_apic_base, 1000, 0),
	EXIT("cr0-wp", payload_cr0_wp, 1000, ROW_SHORT),
	EXIT("cr0-cd", payload_cr0_cd, 1000, 0),
	EXIT("cr4-pge", payload_cr4_pge, 1000, 0),
	EXIT("port-in-pic", payload_pic_in, 1000, ROW_SHORT),
	EXIT("port-in-pit", payload_pit_in, 1000, 0),
	EXIT("port-in-pmtimer", payload_pmtmr_in, 500, 0),
	EXIT("port-out-user", payload_user_out, 500, ROW_SHORT),
	EXIT("port-in-user", payload_user_in, 500, ROW_SHORT),
	EXIT("mmio-write-user", payload_user_mmio_write, 500, ROW_SHORT),
	EXIT("mmio-read-user", payload_user_mmio_read, 500, ROW_SHORT),
	{ .name = "ioeventfd-port", .unit = "exit", .cpus = 1, .flags = ROW_SHORT,
	  .measure = measure_ioeventfd, .payload = payload_event_out, .iterations = 500 },
	{ .name = "ioeventfd-mmio", .unit = "exit", .cpus = 1, .flags = ROW_SHORT,
	  .measure = measure_ioeventfd, .payload = payload_event_mmio, .iterations = 500,
	  .arg = 1 },
	{}
};
