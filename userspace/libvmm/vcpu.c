// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A vCPU: its descriptor, its run page, running it, and what can be read from
 * or queued to it besides registers.
 *
 * struct vmm_vcpu is the caller's; the run page is mapped by
 * vmm_vcpu_create() and unmapped by vmm_vcpu_close(). Only the thread that
 * calls vmm_run() may touch the page, but for immediate_exit.
 */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ioctl.h"
#include "libvmm.h"

int vmm_vcpu_create(int vm, unsigned int id, struct vmm_vcpu *vcpu)
{
	struct vmm_vcpu_create create = { .size = sizeof(create), .id = id };
	void *run;
	int fd;

	fd = ioctl_errno(vm, VMM_VCPU_CREATE, &create);
	if (fd < 0)
		return fd;
	run = mmap(NULL, VMM_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (run == MAP_FAILED) {
		int error = -errno;

		close(fd);
		return error;
	}
	*vcpu = (struct vmm_vcpu){ .fd = fd, .id = id, .run = run };
	return 0;
}

void vmm_vcpu_close(struct vmm_vcpu *vcpu)
{
	if (!vcpu->run)
		return;
	munmap(vcpu->run, VMM_RUN_SIZE);
	close(vcpu->fd);
	*vcpu = (struct vmm_vcpu){ .fd = -1 };
}

int vmm_vcpu_activate(const struct vmm_vcpu *vcpu)
{
	struct vmm_simple simple = { .size = sizeof(simple) };

	return ioctl_errno(vcpu->fd, VMM_ACTIVATE_CPU, &simple);
}

int vmm_run(const struct vmm_vcpu *vcpu)
{
	return ioctl_errno(vcpu->fd, VMM_RUN, NULL);
}

int vmm_inject_exception(const struct vmm_vcpu *vcpu, const struct vmm_exception *exception)
{
	struct vmm_exception copy = *exception;

	copy.size = sizeof(copy);
	return ioctl_errno(vcpu->fd, VMM_INJECT_EXCEPTION, &copy);
}

int vmm_inject_nmi(const struct vmm_vcpu *vcpu)
{
	struct vmm_simple simple = { .size = sizeof(simple) };

	return ioctl_errno(vcpu->fd, VMM_INJECT_NMI, &simple);
}

int vmm_get_exits(const struct vmm_vcpu *vcpu, struct vmm_exit_rec *rec, unsigned int max)
{
	struct vmm_exit_log log = { .size = sizeof(log) };
	int error;

	log.count = max < VMM_EXIT_LOG_MAX ? max : VMM_EXIT_LOG_MAX;
	error = ioctl_errno(vcpu->fd, VMM_GET_EXITS, &log);
	if (error)
		return error;
	if (log.count > max)
		log.count = max;
	memcpy(rec, log.rec, log.count * sizeof(*rec));
	return log.count;
}

int vmm_get_stats(const struct vmm_vcpu *vcpu, unsigned int first, uint64_t *value,
		  unsigned int max)
{
	struct vmm_stats stats = { .size = sizeof(stats), .first = first };
	int error;

	stats.count = max < VMM_STATS_MAX ? max : VMM_STATS_MAX;
	error = ioctl_errno(vcpu->fd, VMM_GET_STATS, &stats);
	if (error)
		return error;
	if (stats.count > max)
		stats.count = max;
	memcpy(value, stats.value, stats.count * sizeof(*value));
	return stats.count;
}
