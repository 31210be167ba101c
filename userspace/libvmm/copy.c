// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest linear addresses: translation by the module, and copies through this
 * process's own mapping of the guest's RAM.
 *
 * All pages are translated before the first byte moves, so that a fault on the
 * last leaves the first untouched.
 */
#include <string.h>

#include "ioctl.h"
#include "libvmm.h"

#define PAGE	4096ULL
#define PAGES	(VMM_COPY_MAX / PAGE + 1)

struct piece {
	uint8_t *hva;
	size_t len;
};

int vmm_gla2gpa(const struct vmm_vcpu *vcpu, struct vmm_gla *gla)
{
	struct vmm_gla walk = {
		.size = sizeof(walk), .flags = gla->flags, .gla = gla->gla, .access = gla->access,
	};
	int error = ioctl_errno(vcpu->fd, VMM_GLA2GPA, &walk);

	if (!error)
		*gla = walk;
	return error;
}

/* The pieces of [@gla, @gla + @len) in this process; how many, 0 for a fault. */
static int find_pieces(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
		       size_t len, uint32_t access, uint32_t flags, struct vmm_gla *walk,
		       struct piece piece[PAGES])
{
	unsigned int n = 0;
	int error;

	while (len) {
		size_t chunk = PAGE - gla % PAGE;

		if (chunk > len)
			chunk = len;
		*walk = (struct vmm_gla) { .gla = gla, .access = access, .flags = flags };
		error = vmm_gla2gpa(vcpu, walk);
		if (error)
			return error;
		if (walk->fault)
			return 0;
		piece[n].hva = vmm_ram_hva(ram, walk->gpa, chunk);
		piece[n].len = chunk;
		if (!piece[n++].hva)
			return -EFAULT;
		gla += chunk;
		len -= chunk;
	}
	return n;
}

static int copy(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
		void *buf, size_t len, uint32_t access, uint32_t flags, struct vmm_gla *fault)
{
	struct piece piece[PAGES];
	struct vmm_gla walk = { 0 };
	uint8_t *at = buf;
	int n, i;

	if (len > VMM_COPY_MAX)
		return -EMSGSIZE;
	if (!len)
		return 0;
	n = find_pieces(vcpu, ram, gla, len, access, flags, &walk, piece);
	if (fault)
		*fault = walk;
	if (n <= 0)
		return n ? n : 1;
	for (i = 0; i < n; i++) {
		if (access & VMM_GLA_WRITE)
			memcpy(piece[i].hva, at, piece[i].len);
		else
			memcpy(at, piece[i].hva, piece[i].len);
		at += piece[i].len;
	}
	return 0;
}

int vmm_copyin(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
	       void *to, size_t len, uint32_t access, uint32_t flags, struct vmm_gla *fault)
{
	access &= VMM_GLA_USER | VMM_GLA_IMPLICIT;
	return copy(vcpu, ram, gla, to, len, access, flags, fault);
}

int vmm_copyout(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
		const void *from, size_t len, uint32_t access, uint32_t flags,
		struct vmm_gla *fault)
{
	access &= VMM_GLA_USER | VMM_GLA_IMPLICIT;
	return copy(vcpu, ram, gla, (void *)from, len, access | VMM_GLA_WRITE, flags, fault);
}
