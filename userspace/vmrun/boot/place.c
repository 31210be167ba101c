// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Book-keeping of guest memory during loading. The struct belongs to one
 * loader call; the RAM it refers to belongs to the machine.
 */
#include "boot/place.h"

#include "boot/layout.h"

void place_init(struct place *place, const struct vmm_ram *ram)
{
	*place = (struct place){ .ram = ram };
}

static const struct place_range *overlap(const struct place *place, uint64_t gpa, uint64_t len)
{
	for (unsigned int i = 0; i < place->count; i++) {
		const struct place_range *range = &place->range[i];

		if (gpa < range->gpa + range->len && range->gpa < gpa + len)
			return range;
	}
	return NULL;
}

void *place_at(struct place *place, uint64_t gpa, uint64_t len, const char *what,
	       struct why *why)
{
	void *hva = vmm_ram_hva(place->ram, gpa, len);
	const struct place_range *other;

	if (!len)
		return place->ram->hva;
	if (!hva) {
		why_set(why,
			"%s needs %s at guest address %#llx, and the guest has %s: give it more memory with -m",
			what, why_size(len), (unsigned long long)gpa,
			why_size(place->ram->low + place->ram->high));
		return NULL;
	}
	other = overlap(place, gpa, len);
	if (other) {
		why_set(why,
			"%s (%#llx to %#llx) would overwrite %s (%#llx to %#llx): link it to another address",
			what, (unsigned long long)gpa, (unsigned long long)(gpa + len - 1),
			other->what, (unsigned long long)other->gpa,
			(unsigned long long)(other->gpa + other->len - 1));
		return NULL;
	}
	if (place->count == PLACE_MAX) {
		why_set(why, "%s: the image has too many pieces", what);
		return NULL;
	}
	place->range[place->count++] = (struct place_range){ gpa, len, what };
	return hva;
}

void *place_top(struct place *place, uint64_t limit_gpa, uint64_t len, const char *what,
		uint64_t *gpa, struct why *why)
{
	uint64_t end = place->ram->low < limit_gpa ? place->ram->low : limit_gpa;
	const struct place_range *other;

	/* Each turn moves below one taken range, so this ends. */
	while (end >= LAYOUT_HIGH_GPA && len <= end - LAYOUT_HIGH_GPA) {
		*gpa = (end - len) & ~4095ULL;
		if (*gpa < LAYOUT_HIGH_GPA)
			break;
		other = overlap(place, *gpa, len);
		if (!other)
			return place_at(place, *gpa, len, what, why);
		end = other->gpa;
	}
	why_set(why, "%s is %s, and the guest's %s of memory below %#llx have no room left for it: give the guest more memory with -m",
		what, why_size(len), why_size(place->ram->low), (unsigned long long)limit_gpa);
	return NULL;
}
