// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The guest's page tables, walked by the same code that the module uses
 * (module/emul/gla.c), with guest memory read through our own mapping.
 *
 * The walk is told to set no accessed or dirty flags. Other vCPUs may change
 * the tables meanwhile: what is printed is one view, not a consistent one.
 */
#include "walk.h"

#include <cpuid.h>
#include <string.h>

#include "gla.h"

static enum gla_status read_entry(void *ctx, u64 gpa, u64 *value)
{
	const struct walk *walk = ctx;
	const void *hva = vmm_ram_hva(walk->ram, gpa, sizeof(*value));

	if (!hva)
		return GLA_STOP;
	memcpy(value, hva, sizeof(*value));
	return GLA_OK;
}

static const struct gla_ops walk_ops = { .read64 = read_entry };

/* The guest's address width is that of this processor. */
static void fill_limits(struct gla_ctx *gla)
{
	unsigned int a, b, c, d;

	gla->gpa_width = 36;
	if (__get_cpuid(0x80000008, &a, &b, &c, &d) && (a & 0xff) >= 32 && (a & 0xff) <= 52)
		gla->gpa_width = a & 0xff;
	gla->has_1g = true;
}

static enum gla_status translate(const struct walk *walk, uint64_t gla, unsigned int access,
				 struct gla_result *result)
{
	struct gla_ctx ctx = { 0 };

	gla_ctx_init(&ctx, walk->regs);
	fill_limits(&ctx);
	return gla_walk(&ctx, gla, access, &walk_ops, (void *)walk, result);
}

uint64_t walk_rip(const struct vmm_regs *regs)
{
	const struct vmm_seg *cs = &regs->seg[VMM_SEG_CS];
	bool is_64 = (regs->efer & (1 << 10)) && (cs->access & VMM_SEG_ACC_L);

	return is_64 ? regs->rip : (uint32_t)(cs->base + regs->rip);
}

size_t walk_read(const struct walk *walk, uint64_t gla, void *out, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint64_t at = gla + done;
		size_t chunk = 4096 - at % 4096;
		struct gla_result result;
		const void *hva;

		if (chunk > len - done)
			chunk = len - done;
		if (translate(walk, at, GLA_READ, &result) != GLA_OK)
			break;
		hva = vmm_ram_hva(walk->ram, result.gpa, chunk);
		if (!hva)
			break;
		memcpy((uint8_t *)out + done, hva, chunk);
		done += chunk;
	}
	return done;
}

static const char *level_name(unsigned int level)
{
	static const char *const names[] = { "", "PTE", "PDE", "PDPTE", "PML4E", "PML5E" };

	return level < sizeof(names) / sizeof(names[0]) ? names[level] : "?";
}

static void print_flags(uint64_t entry, FILE *out)
{
	fprintf(out, "%s%s%s%s%s%s%s", entry & 1 ? "P" : "-", entry & 2 ? "W" : "-",
		entry & 4 ? "U" : "-", entry & 32 ? "A" : "-", entry & 64 ? "D" : "-",
		entry & 128 ? "S" : "-", entry >> 63 ? " NX" : "");
}

static void print_result(enum gla_status status, const struct gla_result *result, FILE *out)
{
	switch (status) {
	case GLA_OK:
		fprintf(out, "    -> guest address %#llx, page of %llu KiB\n",
			(unsigned long long)result->gpa,
			(unsigned long long)result->page_size / 1024);
		break;
	case GLA_FAULT:
		if (result->fault.vector == VIE_PF)
			fprintf(out, "    -> not mapped\n");
		else
			fprintf(out, "    -> not canonical\n");
		break;
	case GLA_STOP:
		fprintf(out, "    -> the next table is not in RAM\n");
		break;
	case GLA_CHANGED:
		fprintf(out, "    -> changes under our eyes\n");
		break;
	}
}

void walk_print(const struct walk *walk, const char *what, uint64_t gla, FILE *out)
{
	struct gla_result result = { 0 };
	enum gla_status status = translate(walk, gla, GLA_READ, &result);

	fprintf(out, "  page walk of %s %#llx", what, (unsigned long long)gla);
	if (!(walk->regs->cr0 >> 31 & 1)) {
		fprintf(out, ": paging is off\n");
		return;
	}
	fprintf(out, ", CR3 %#llx\n", (unsigned long long)walk->regs->cr3);
	for (unsigned int i = 0; i < result.steps && i < GLA_LEVELS_MAX; i++) {
		const struct gla_step *step = &result.step[i];

		fprintf(out, "    %-5s at %#012llx: %#018llx ", level_name(step->level),
			(unsigned long long)step->gpa, (unsigned long long)step->entry);
		print_flags(step->entry, out);
		fputc('\n', out);
	}
	print_result(status, &result, out);
}
